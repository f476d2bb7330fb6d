import type { Edge, Field, Model, ValueType } from '../model/types';
import type { Row } from '../model/operations';
import { tableOf } from '../model/address';
import type { Column } from '../model/columns';
import { count, localTime, textOf, timeText, visible } from '../model/values';
import { Link } from './place';

/** A value on one line, as text whatever it holds. */
export function Value({ type, value }: { type: ValueType; value: unknown }) {
  if (value === undefined) return null; // not asked yet
  if (value === null) return <span className="null">null</span>;
  const text = textOf(type, value);
  if (type.list) return Array.isArray(value) && value.length === 0 ? <span className="null">empty list</span> : <bdi>{cut(text)}</bdi>;
  switch (type.kind) {
    case 'time':
      return (
        <time dateTime={String(value)} title={`${localTime(String(value))}, where you are`}>
          {timeText(String(value))}
        </time>
      );
    case 'enum':
      return <span className="tag">{text}</span>;
    case 'json':
    case 'id':
    case 'uuid':
      return <bdi className="code">{cut(text)}</bdi>;
    default:
      return text === '' ? <span className="null">empty</span> : <bdi>{cut(text)}</bdi>;
  }
}

/** As much of a text as a line can show. */
const cut = (text: string) => (text.length > 240 ? `${text.slice(0, 240)}…` : text);

/** How a record is called: by its label, else by its id. */
export function nameOf(model: Model, target: string, row: Row): string {
  const label = row[model.entity(target)?.label ?? 'id'];
  const text = label === null || label === undefined ? '' : visible(String(label).trim());
  return text === '' ? row.id : text.length > 80 ? `${text.slice(0, 80)}…` : text;
}

/** A link to a record, by its name. */
export function RecordLink({ model, target, row }: { model: Model; target: string; row: Row }) {
  return (
    <Link to={{ page: 'record', of: target, id: row.id }} title={row.id}>
      <bdi>{nameOf(model, target, row)}</bdi>
    </Link>
  );
}

/** How many records an edge leads to, as a link to them. */
export function CountLink({ of, row, edge, total }: { of: string; row: Row; edge: Edge; total: number }) {
  if (total === 0) return <span className="null">0</span>;
  return (
    <Link to={tableOf(of, { id: row.id, name: edge.name })} aria-label={`${count(total)} ${edge.name}`}>
      {count(total)}
    </Link>
  );
}

/** What stands in a cell of a table. */
export function Cell({ model, of, column, row, own, link }: { model: Model; of: string; column: Column; row: Row; own: Record<string, unknown>; link: boolean }) {
  const { edge, field } = column;
  const value = column.own ? own[field!.name] : row[column.key];
  if (edge?.many) {
    const total = (value as { totalCount: number } | null | undefined)?.totalCount;
    return total === undefined ? null : <CountLink of={of} row={row} edge={edge} total={total} />;
  }
  if (edge && value) return <RecordLink model={model} target={edge.target} row={value as Row} />;
  if (edge) return value === null ? <span className="null">null</span> : null;
  const shown = <Value type={(field as Field).type} value={value} />;
  if (!link) return shown;
  return (
    <Link to={{ page: 'record', of, id: row.id }} className="row-link">
      {shown}
    </Link>
  );
}

/** Whether a column holds numbers, which stand to the right. */
export function isNumeric({ edge, field }: Column): boolean {
  return edge ? edge.many : !field!.type.list && ['int', 'float', 'bigint', 'bytes'].includes(field!.type.kind);
}
