import { digitsOf, parseJSON } from '../../shared/digits';
import type { ValueType } from './types';

/** A value as it is written in an input: text, a list of texts, null, or nothing yet. */
export type Draft = string | null | undefined | Draft[];

/** What a draft comes to, or what is wrong with it. */
export type Parsed = { value: unknown; error?: undefined } | { error: string };

/** The draft of a value that the API gave. */
export function draftOf(type: ValueType, value: unknown): Draft {
  if (value === null || value === undefined) return value;
  if (type.list && Array.isArray(value)) return value.map((item) => draftOf({ ...type, list: false }, item));
  if (type.kind === 'json') return JSON.stringify(value, null, 2);
  return plainText(value);
}

const plainText = (value: unknown) => digitsOf(value) ?? String(value);

/** Reads a draft. It refuses what cannot be sent as such a value; all else is the API's to judge. */
export function parseDraft(type: ValueType, draft: Draft): Parsed {
  if (draft === null || draft === undefined) return { value: draft };
  if (type.list || Array.isArray(draft)) return parseList(type, Array.isArray(draft) ? draft : [draft]);
  const text = draft.trim();
  switch (type.kind) {
    case 'int':
      return /^[-+]?\d+$/.test(text) ? { value: Number(text) } : { error: 'Write a whole number, such as 42.' };
    case 'bigint':
      return /^[-+]?\d+$/.test(text) ? { value: text } : { error: 'Write a whole number, such as 42.' };
    case 'float':
      return text !== '' && Number.isFinite(Number(text)) ? { value: Number(text) } : { error: 'Write a number, such as 3.25.' };
    case 'boolean':
      return { value: draft === 'true' };
    case 'json':
      return parseDocument(draft);
    case 'time':
      return text === '' ? { error: 'Give a date and a time.' } : { value: text };
    case 'id':
    case 'uuid':
      return { value: text };
    default:
      return { value: draft };
  }
}

function parseList(type: ValueType, drafts: Draft[]): Parsed {
  const values: unknown[] = [];
  for (const [i, draft] of drafts.entries()) {
    const parsed = parseDraft({ ...type, list: false }, draft);
    if (parsed.error !== undefined) return { error: `Item ${i + 1}: ${parsed.error}` };
    if (parsed.value !== undefined) values.push(parsed.value);
  }
  return { value: values };
}

function parseDocument(text: string): Parsed {
  try {
    return { value: parseJSON(text) };
  } catch (error) {
    return { error: `This is no JSON: ${error instanceof Error ? error.message : String(error)}` };
  }
}

/** A value as one line of text. */
export function textOf(type: ValueType, value: unknown): string {
  if (value === null || value === undefined) return '';
  if (Array.isArray(value) && type.list) return value.map((item) => textOf({ ...type, list: false }, item)).join(', ');
  if (type.kind === 'json') return JSON.stringify(value);
  if (type.kind === 'time') return timeText(String(value));
  if (type.kind === 'bytes') return sizeText(bytesIn(String(value)));
  return visible(plainText(value));
}

/** A text whose marks that turn the direction of others can be seen. */
export function visible(text: string): string {
  return text.replace(/[\u202a-\u202e\u2066-\u2069]/g, (mark) => `⟨U+${mark.charCodeAt(0).toString(16).toUpperCase()}⟩`);
}

/** A time in UTC, to be read: `2026-11-23 10:00:00`. */
export function timeText(value: string): string {
  return value.replace('T', ' ').replace(/Z$/, '').replace(/(\.\d*?)0+$/, '$1').replace(/\.$/, '');
}

/** The same time where this browser is. */
export function localTime(value: string): string {
  const at = new Date(value);
  if (Number.isNaN(at.getTime())) return value;
  return at.toLocaleString('en', { dateStyle: 'full', timeStyle: 'long' });
}

/** How many bytes a text in base64 holds. */
export function bytesIn(base64: string): number {
  const padding = base64.endsWith('==') ? 2 : base64.endsWith('=') ? 1 : 0;
  return Math.max(0, Math.floor(base64.length / 4) * 3 - padding);
}

export function sizeText(bytes: number): string {
  if (bytes < 1000) return `${bytes} ${bytes === 1 ? 'byte' : 'bytes'}`;
  const [unit, divisor] = bytes < 1e6 ? ['kB', 1e3] : ['MB', 1e6];
  return `${(bytes / (divisor as number)).toLocaleString('en', { maximumFractionDigits: 1 })} ${unit}`;
}

/** `createdAt` as words: `created at`. */
export function words(name: string): string {
  return name
    .replaceAll('_', ' ')
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .toLowerCase();
}

/** A number for people: `200,000`. */
export const count = (n: number) => n.toLocaleString('en');
