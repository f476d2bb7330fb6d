import type { AnswerError } from '../../shared/answer';
import type { Row } from './operations';
import type { InputField } from './types';
import { type Draft, draftOf, parseDraft } from './values';

/** A record that a form refers to, with what the relation has of its own. */
export interface Reference {
  id: string;
  label: string;
  extras: Record<string, Draft>;
}

/** What a form says of one field: a value, one record, or records to connect and to take away. */
export interface Entry {
  draft?: Draft;
  one?: Reference | null | undefined;
  added: Reference[];
  removed: Reference[];
}

export type Entries = Record<string, Entry>;

/** The entries of a form before anything is written: of a record, what it holds. */
export function entriesOf(fields: InputField[], record: Row | undefined, label: (target: string, row: Row) => string): Entries {
  return Object.fromEntries(
    fields.map((field) => {
      const entry: Entry = { added: [], removed: [] };
      const value = record?.[field.name];
      if (field.type && record) entry.draft = draftOf(field.type, value);
      if (field.edge && !field.edge.many && record) {
        const to = value as Row | null;
        entry.one = to ? { id: to.id, label: label(field.edge.target, to), extras: {} } : null;
      }
      return [field.name, entry];
    }),
  );
}

/** The input that a form makes: all that differs from how it began; and what cannot be sent, by field. */
export function inputOf(fields: InputField[], entries: Entries, before: Entries): { input: Record<string, unknown>; faults: Record<string, string> } {
  const input: Record<string, unknown> = {};
  const faults: Record<string, string> = {};
  for (const field of fields) {
    const entry = entries[field.name];
    if (!entry) continue;
    if (field.edge?.many) writeMany(field, entry, input, faults);
    else if (field.edge) {
      if (entry.one?.id !== before[field.name]?.one?.id) input[field.name] = entry.one ? reference(field, entry.one, faults) : null;
    } else if (field.type && !same(entry.draft, before[field.name]?.draft)) {
      const parsed = parseDraft(field.type, entry.draft);
      if (parsed.error !== undefined) faults[field.name] = parsed.error;
      else if (parsed.value !== undefined) input[field.name] = parsed.value;
    }
  }
  return { input, faults };
}

function writeMany(field: InputField, { added, removed }: Entry, input: Record<string, unknown>, faults: Record<string, string>): void {
  if (added.length > 0) input[field.add ?? field.name] = added.map((to) => reference(field, to, faults));
  if (removed.length > 0 && field.remove) input[field.remove] = removed.map(({ id }) => ({ id }));
}

function reference(field: InputField, to: Reference, faults: Record<string, string>): Record<string, unknown> {
  const value: Record<string, unknown> = { id: to.id };
  for (const extra of field.extras) {
    const parsed = extra.type && parseDraft(extra.type, to.extras[extra.name]);
    if (!parsed) continue;
    if (parsed.error !== undefined) faults[field.name] = `${to.label}, ${extra.name}: ${parsed.error}`;
    else if (parsed.value !== undefined && parsed.value !== '') value[extra.name] = parsed.value;
  }
  return value;
}

function same(a: Draft, b: Draft): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** Errors of an answer: those that belong to a field of the form, and those that belong to none. */
export function sortErrors(fields: InputField[], errors: AnswerError[]): { at: Record<string, string[]>; top: string[] } {
  const at: Record<string, string[]> = {};
  const top: string[] = [];
  for (const error of errors) {
    const [head, name, ...rest] = (error.extensions?.field ?? '').split('.');
    const field = head === 'input' ? fields.find((f) => f.name === name || f.add === name || f.remove === name) : undefined;
    if (!field) top.push(error.message);
    else (at[field.name] ??= []).push(rest.length > 0 && /^\d+$/.test(rest[0]!) ? `${Number(rest[0]) + 1}: ${error.message}` : error.message);
  }
  return { at, top };
}
