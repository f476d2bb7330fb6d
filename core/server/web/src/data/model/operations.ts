import type { Operation } from '../../shared/request';
import type { TablePlace } from './address';
import type { Column } from './columns';
import type { Edge, Entity, Model, Write } from './types';

/** A record, or what of it was asked. */
export type Row = Record<string, unknown> & { id: string };

export interface Connection {
  totalCount: number;
  pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string | null; endCursor: string | null };
  edges: ({ node: Row | null } & Record<string, unknown>)[];
}

/** The fields by which a record is shown as a link. */
export function labelled(model: Model, target: string): string {
  const label = model.entity(target)?.label ?? 'id';
  return label === 'id' ? 'id' : `id ${label}`;
}

/** The selection of some columns. */
export function selection(model: Model, columns: Column[]): { node: string; own: string } {
  const node = columns
    .filter((c) => !c.own && c.key !== 'id')
    .map(({ key, edge }) => {
      if (!edge) return key;
      return edge.many ? `${key}(first: 0) { totalCount }` : `${key} { ${labelled(model, edge.target)} }`;
    });
  const own = columns.filter((c) => c.own).map((c) => c.field!.name);
  return { node: ['id', ...node].join(' '), own: own.map((name) => ` ${name}`).join('') };
}

interface Argument {
  name: string;
  type: string;
  value: unknown;
}

/** A request for a page of a table; `pageIn` reads its answer. */
export function tableOperation(model: Model, place: TablePlace, entity: Entity, columns: Column[], along?: { from: Entity; edge: Edge }): Operation {
  const list = along ? { field: along.edge.name, where: along.edge.where, orderBy: along.edge.orderBy } : entity.list;
  const given = pageArguments(place, list);
  const { node, own } = selection(model, columns);
  const call = given.length > 0 ? `(${given.map((a) => `${a.name}: $${a.name}`).join(', ')})` : '';
  const lines = [
    `${list.field}${call} {`,
    '  totalCount',
    '  pageInfo { hasNextPage hasPreviousPage startCursor endCursor }',
    `  edges {${own} node { ${node} } }`,
    '}',
  ];
  const all = along ? [...given, { name: 'id', type: 'ID!', value: place.id }] : given;
  const body = along ? wrap([`${labelled(model, along.from.name)}`, ...lines], along.from) : lines;
  return operation(`query ${entity.name}Table`, all, body);
}

/** The page in an answer to `tableOperation`, and the record whose edge it is; null where that is not there. */
export function pageIn(
  data: Record<string, unknown> | null | undefined,
  entity: Entity,
  along: { from: Entity; edge: Edge } | undefined,
): { page: Connection | null; record: Row | null } {
  const record = along ? recordIn(data, along.from) : undefined;
  const page = along ? record?.[along.edge.name] : data?.[entity.list.field];
  return { page: (page as Connection | undefined) ?? null, record: record ?? null };
}

/** The record in an answer to a request for one; null where there is none, undefined where there is no answer yet. */
export function recordIn(data: Record<string, unknown> | null | undefined, entity: Entity): Row | null | undefined {
  return data?.[recordField(entity)] as Row | null | undefined;
}

const recordField = (entity: Entity) => entity.one ?? 'node';

function pageArguments({ at, size, where, order }: TablePlace, list: { where?: string | undefined; orderBy?: string | undefined }): Argument[] {
  const given: Argument[] = [];
  const backwards = at.before !== undefined || at.last;
  given.push({ name: backwards ? 'last' : 'first', type: 'Int', value: size });
  if (at.before) given.push({ name: 'before', type: 'Cursor', value: at.before });
  if (at.after && !backwards) given.push({ name: 'after', type: 'Cursor', value: at.after });
  if (list.orderBy && order.length > 0) given.push({ name: 'orderBy', type: `[${list.orderBy}!]`, value: order });
  if (list.where && where && Object.keys(where).length > 0) given.push({ name: 'where', type: list.where, value: where });
  return given;
}

function wrap(lines: string[], entity: Entity): string[] {
  const inner = lines.map((line) => `  ${line}`);
  if (entity.one) return [`${entity.one}(id: $id) {`, ...inner, '}'];
  return ['node(id: $id) {', `  ... on ${entity.name} {`, ...inner.map((line) => `  ${line}`), '  }', '}'];
}

function operation(head: string, given: Argument[], body: string[]): Operation {
  const signature = given.length > 0 ? `(${given.map((a) => `$${a.name}: ${a.type}`).join(', ')})` : '';
  return {
    query: `${head}${signature} {\n${body.map((line) => `  ${line}`).join('\n')}\n}`,
    variables: Object.fromEntries(given.map((a) => [a.name, a.value])),
  };
}

/** How many records a record's page shows of each to-many edge. */
export const firstOfEdge = 5;

/** A record with all that is shown of it. Bytes are left to requests of their own. */
export function recordOperation(model: Model, entity: Entity, id: string, columns: (edge: Edge) => Column[]): Operation {
  const lines = entity.fields.filter((f) => f.type.kind !== 'bytes').map((f) => f.name);
  for (const edge of entity.edges) {
    if (!edge.many) {
      lines.push(`${edge.name} { ${labelled(model, edge.target)} }`);
      continue;
    }
    const { node, own } = selection(model, columns(edge));
    lines.push(`${edge.name}(first: ${firstOfEdge}) {`, `  totalCount`, `  edges {${own} node { ${node} } }`, '}');
  }
  return operation(`query ${entity.name}Record`, [{ name: 'id', type: 'ID!', value: id }], wrap(lines, entity));
}

/** Some fields of a record. */
export function fieldsOperation(entity: Entity, id: string, selected: string[]): Operation {
  return operation('query', [{ name: 'id', type: 'ID!', value: id }], wrap(selected, entity));
}

/** How many records each entity has, at its name, as few requests as the server's limit of aliases lets. */
export function countOperations(entities: Entity[]): Operation[] {
  const operations: Operation[] = [];
  for (let i = 0; i < entities.length; i += 40) {
    const lines = entities.slice(i, i + 40).map((e) => `${e.name}: ${e.list.field}(first: 0) { totalCount }`);
    operations.push(operation('query Counts', [], lines));
  }
  return operations;
}

/** Records of an entity that hold a text, to choose one of; `pageIn` reads the answer. */
export function searchOperation(model: Model, entity: Entity, text: string): Operation {
  const { field, where } = entity.list;
  const given: Argument[] = [{ name: 'first', type: 'Int', value: 12 }];
  const asked = text.trim();
  const conditions = (model.where(where)?.fields ?? []).flatMap((f) => f.conditions);
  const or = conditions.filter((c) => c.operator === 'ContainsFold').map((c) => ({ [c.key]: asked }));
  const byId = conditions.some((c) => c.key === 'id');
  if (asked && where) given.push({ name: 'where', type: where, value: { or: byId ? [...or, { id: asked }] : or } });
  const call = given.map((a) => `${a.name}: $${a.name}`).join(', ');
  return operation('query Search', given, [`${field}(${call}) { totalCount edges { node { ${labelled(model, entity.name)} } } }`]);
}

/** Creates a record; its id is in the answer, at the mutation's name. */
export function createOperation({ field, input }: Write, value: unknown): Operation {
  return operation('mutation', [{ name: 'input', type: `${input}!`, value }], [`${field}(input: $input) { id }`]);
}

/** Changes a record; its id is in the answer, at the mutation's name. */
export function updateOperation({ field, input }: Write, id: string, value: unknown): Operation {
  const given = [
    { name: 'id', type: 'ID!', value: id },
    { name: 'input', type: `${input}!`, value },
  ];
  return operation('mutation', given, [`${field}(id: $id, input: $input) { id }`]);
}

export function deleteOperation(field: string, id: string): Operation {
  return operation('mutation', [{ name: 'id', type: 'ID!', value: id }], [`${field}(id: $id)`]);
}
