import type { Column } from './columns';
import type { Connection, Row } from './operations';
import type { Model } from './types';
import { bytesIn } from './values';

type Entry = Connection['edges'][number];

export const formats = ['csv', 'json'] as const;
export type Format = (typeof formats)[number];

/** The first line of a file. */
export function headOf(format: Format, columns: Column[]): string {
  if (format === 'json') return '[';
  return line(columns.flatMap((c) => (c.edge && !c.edge.many ? [`${c.key}.id`, c.key] : [c.key.replace('=', '')])));
}

/** Some records as text; `first` says that none came before them in the file. */
export function bodyOf(format: Format, model: Model, columns: Column[], entries: Entry[], first: boolean): string {
  const rows = entries.filter((e): e is Entry & { node: Row } => e.node !== null);
  if (format === 'csv') return rows.map((entry) => line(columns.flatMap((c) => cells(model, c, entry)))).join('');
  return rows.map((entry, i) => `${first && i === 0 ? '' : ','}\n  ${JSON.stringify(record(columns, entry))}`).join('');
}

export function tailOf(format: Format): string {
  return format === 'json' ? '\n]\n' : '';
}

function record(columns: Column[], entry: Entry & { node: Row }): Record<string, unknown> {
  return Object.fromEntries(
    columns.map((c) => {
      if (c.own) return [c.field!.name, entry[c.field!.name]];
      const value = entry.node[c.key];
      return [c.key, c.edge?.many ? (value as { totalCount: number } | null)?.totalCount : value];
    }),
  );
}

function cells(model: Model, { key, edge, field, own }: Column, entry: Entry & { node: Row }): string[] {
  const value = own ? entry[field!.name] : entry.node[key];
  if (edge?.many) return [cell((value as { totalCount: number } | null)?.totalCount)];
  if (edge) {
    const to = value as Row | null;
    return [cell(to?.id), cell(to?.[model.entity(edge.target)?.label ?? 'id'])];
  }
  return [cell(value)];
}

function line(texts: string[]): string {
  return `${texts.join(',')}\r\n`;
}

const number = /^[-+]?\d+(\.\d+)?([eE][-+]?\d+)?$/;

/**
 * A value as a cell of CSV (RFC 4180). A text that a spreadsheet would take for a
 * formula gets an apostrophe before it, as OWASP says; numbers stay what they are.
 */
export function cell(value: unknown): string {
  if (value === null || value === undefined) return '';
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
  const harmless = /^[=+\-@\t\r\n]/.test(text) && !number.test(text) ? `'${text}` : text;
  return /[",\r\n\t']/.test(harmless) || harmless !== harmless.trim() ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

/** How large a page of an export may be: so many records as one request may cost. */
export function exportSize(columns: Column[]): number {
  const perRecord = 1 + columns.filter((c) => c.edge && !c.edge.many).length;
  const bytes = columns.some((c) => c.field && (c.field.type.kind === 'bytes' || c.field.type.kind === 'json'));
  return Math.min(bytes ? 100 : 1000, Math.floor(18_000 / perRecord));
}

/** Bytes of a text in base64. */
export function decode(base64: string): Uint8Array<ArrayBuffer> {
  const text = atob(base64);
  const bytes = new Uint8Array(bytesIn(base64));
  for (let i = 0; i < bytes.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

/** Gives the person a file to keep. */
export function save(content: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  // Once the click is done, the browser holds the file itself.
  setTimeout(() => URL.revokeObjectURL(link.href));
}
