import type { Condition, Model, Where } from './types';
import { type Draft, draftOf, parseDraft, textOf } from './values';
import { operatorWords } from './where';

/** Conditions as they are put together by clicking. */
export type Filter = Group | FieldFilter | EdgeFilter;

/** All of its items, at least one, or not all of them. */
export interface Group {
  kind: 'group';
  op: 'and' | 'or' | 'not';
  items: Filter[];
}

export interface FieldFilter {
  kind: 'field';
  key: string;
  draft: Draft;
}

/** Some record at the edge, or none, meets all of its items. */
export interface EdgeFilter {
  kind: 'edge';
  with: string;
  quantity: 'some' | 'none';
  items: Filter[];
}

type Conditions = Record<string, unknown>;

/** The condition of this key in a where input. */
export function conditionOf(where: Where, key: string): Condition | undefined {
  return where.fields.flatMap((f) => f.conditions).find((c) => c.key === key);
}

/** Reads the value of a where argument. */
export function readFilter(model: Model, where: Where, value: Conditions): Group {
  return { kind: 'group', op: 'and', items: readAll(model, where, value) };
}

function readAll(model: Model, where: Where, value: Conditions): Filter[] {
  return Object.entries(value).flatMap(([key, asked]) => readOne(model, where, key, asked));
}

function readOne(model: Model, where: Where, key: string, asked: unknown): Filter[] {
  const objects = (Array.isArray(asked) ? asked : [asked]).filter(isConditions);
  if (key === 'and') return objects.flatMap((o) => readAll(model, where, o));
  if (key === 'or') return [{ kind: 'group', op: 'or', items: objects.map((o) => together(readAll(model, where, o))) }];
  if (key === 'not') return [negated(objects.flatMap((o) => readAll(model, where, o)))];
  const edge = where.edges.find((e) => e.with === key || e.has === key);
  if (edge && (key === edge.has || Array.isArray(asked))) {
    const inner = model.where(edge.where);
    const items = inner ? objects.flatMap((o) => readAll(model, inner, o)) : [];
    return [{ kind: 'edge', with: edge.with, quantity: asked === false ? 'none' : 'some', items }];
  }
  const condition = conditionOf(where, key);
  return condition ? [{ kind: 'field', key, draft: draftOf(condition.type, asked) }] : [];
}

/** Items that are joined by and, as one. */
function together(items: Filter[]): Filter {
  return items.length === 1 ? items[0]! : { kind: 'group', op: 'and', items };
}

function negated(items: Filter[]): Filter {
  const only = items.length === 1 ? items[0] : undefined;
  if (only?.kind === 'edge' && only.quantity === 'some') return { ...only, quantity: 'none' };
  return { kind: 'group', op: 'not', items };
}

function isConditions(value: unknown): value is Conditions {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value of the where argument that a filter stands for; what is not complete yet is left out. */
export function writeFilter(model: Model, where: Where, items: Filter[]): Conditions {
  const all = items.map((item) => writeOne(model, where, item)).filter((c) => c !== undefined);
  const taken = new Set<string>();
  const clash = all.some((c) => Object.keys(c).some((key) => taken.size === taken.add(key).size));
  return clash ? { and: all } : Object.assign({}, ...all);
}

function writeOne(model: Model, where: Where, item: Filter): Conditions | undefined {
  switch (item.kind) {
    case 'field': {
      const condition = conditionOf(where, item.key);
      const parsed = condition && parseDraft(condition.type, item.draft);
      if (!parsed || parsed.error !== undefined || parsed.value === undefined) return undefined;
      return { [item.key]: parsed.value };
    }
    case 'edge': {
      const edge = where.edges.find((e) => e.with === item.with);
      const inner = edge && model.where(edge.where);
      if (!inner) return undefined;
      const asked = writeFilter(model, inner, item.items);
      if (Object.keys(asked).length === 0 && edge.has) return { [edge.has]: item.quantity === 'some' };
      const some = { [edge.with]: [asked] };
      return item.quantity === 'some' ? some : { not: some };
    }
    case 'group': {
      const parts = item.items.map((i) => writeOne(model, where, i)).filter((c) => c !== undefined);
      if (parts.length === 0) return undefined;
      return item.op === 'not' ? { not: writeFilter(model, where, item.items) } : { [item.op]: parts };
    }
  }
}

/** What is wrong with a filter's values, by the condition; empty when all can be asked. */
export function faultsOf(model: Model, where: Where, items: Filter[]): string[] {
  return items.flatMap((item) => {
    if (item.kind === 'group') return faultsOf(model, where, item.items);
    if (item.kind === 'edge') {
      const inner = model.where(where.edges.find((e) => e.with === item.with)?.where);
      return inner ? faultsOf(model, inner, item.items) : [];
    }
    const condition = conditionOf(where, item.key);
    const error = condition && parseDraft(condition.type, item.draft).error;
    return error ? [`${item.key}: ${error}`] : [];
  });
}

/** A filter as a sentence: `author with (username is ada) and status is DRAFT`. */
export function sentenceOf(model: Model, where: Where, items: Filter[], joined = ' and '): string {
  return items.map((item) => clauseOf(model, where, item)).join(joined);
}

function clauseOf(model: Model, where: Where, item: Filter): string {
  if (item.kind === 'group') {
    const inner = sentenceOf(model, where, item.items, item.op === 'or' ? ' or ' : ' and ');
    return item.op === 'not' ? `not (${inner})` : `(${inner})`;
  }
  if (item.kind === 'edge') {
    const edge = where.edges.find((e) => e.with === item.with);
    const inner = model.where(edge?.where);
    const asked = inner && item.items.length > 0 ? ` with (${sentenceOf(model, inner, item.items)})` : '';
    return `${item.quantity === 'none' ? 'no' : 'some'} ${edge?.name ?? item.with}${asked}`;
  }
  const condition = conditionOf(where, item.key);
  if (!condition) return item.key;
  const field = where.fields.find((f) => f.conditions.includes(condition))?.name ?? item.key;
  const parsed = parseDraft(condition.type, item.draft);
  const isQuestion = condition.operator === 'IsNil' || condition.operator === 'NotNil';
  if (isQuestion) return `${field} ${parsed.error === undefined && parsed.value === false ? 'not: ' : ''}${operatorWords(condition)}`;
  const value = parsed.error === undefined ? textOf(condition.type, parsed.value) : '…';
  return `${field} ${operatorWords(condition)} ${value}`;
}
