/** One term of an order, as it stands in the address: `-CREATED_AT.last`. */
export interface Order {
  field: string;
  direction: 'ASC' | 'DESC';
  nulls?: 'FIRST' | 'LAST' | undefined;
}

/** Which page of a list. */
export interface Page {
  after?: string | undefined;
  before?: string | undefined;
  /** The last page, when there is no `before`. */
  last?: boolean | undefined;
  /** How many come before it, as far as the way here tells. */
  from: number;
}

/** A table: all records of an entity, or those that an edge of a record leads to. */
export interface TablePlace {
  page: 'table';
  of: string;
  /** The record and its edge, where the table is one of these. */
  id?: string | undefined;
  edge?: string | undefined;
  where?: Record<string, unknown> | undefined;
  order: Order[];
  columns?: string[] | undefined;
  size: number;
  at: Page;
}

/** What the page shows. All of it is in the address. */
export type Place =
  | { page: 'home' }
  | TablePlace
  | { page: 'record' | 'edit'; of: string; id: string }
  | { page: 'new'; of: string };

export const sizes = [25, 50, 100, 250, 1000] as const;

/** The first page of a table, nothing left out. */
export function tableOf(of: string, edge?: { id: string; name: string }): TablePlace {
  return { page: 'table', of, id: edge?.id, edge: edge?.name, order: [], size: 50, at: { from: 0 } };
}

/** Reads the part of an address behind the question mark. What it does not understand, it leaves out. */
export function readPlace(search: string): Place {
  const given = new URLSearchParams(search);
  const of = given.get('of');
  const id = given.get('id') ?? undefined;
  const edge = given.get('edge') ?? undefined;
  if (!of) return { page: 'home' };
  if (given.get('do') === 'new') return { page: 'new', of };
  if (id && !edge) return { page: given.get('do') === 'edit' ? 'edit' : 'record', of, id };
  const size = Number(given.get('size'));
  const from = Number(given.get('from'));
  return {
    page: 'table',
    of,
    id: edge && id,
    edge: id && edge,
    where: readWhere(given.get('where')),
    order: (given.get('order') ?? '').split(',').filter(Boolean).map(readOrder),
    columns: given.get('columns')?.split(',').filter(Boolean),
    size: Number.isInteger(size) && size > 0 && size <= 1000 ? size : 50,
    at: {
      after: given.get('after') ?? undefined,
      before: given.get('before') ?? undefined,
      last: given.has('last') || undefined,
      from: Number.isInteger(from) && from > 0 ? from : 0,
    },
  };
}

/** The address of a place: what `href` of a link to it is. */
export function addressOf(place: Place): string {
  const to = new URLSearchParams();
  if (place.page !== 'home') to.set('of', place.of);
  if ('id' in place && place.id) to.set('id', place.id);
  if (place.page === 'new' || place.page === 'edit') to.set('do', place.page);
  if (place.page === 'table') writeTable(to, place);
  const search = to.toString();
  return search ? `?${search}` : location.pathname;
}

function writeTable(to: URLSearchParams, { edge, where, order, columns, size, at }: TablePlace): void {
  if (edge) to.set('edge', edge);
  if (where && Object.keys(where).length > 0) to.set('where', JSON.stringify(where));
  if (order.length > 0) to.set('order', order.map(writeOrder).join(','));
  if (columns) to.set('columns', columns.join(','));
  if (size !== 50) to.set('size', String(size));
  if (at.after) to.set('after', at.after);
  if (at.before) to.set('before', at.before);
  if (at.last) to.set('last', '');
  if (at.from > 0) to.set('from', String(at.from));
}

function readWhere(text: string | null): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text ?? '');
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function readOrder(term: string): Order {
  const [name = '', nulls] = term.replace(/^-/, '').split('.');
  return {
    field: name,
    direction: term.startsWith('-') ? 'DESC' : 'ASC',
    nulls: nulls === 'first' ? 'FIRST' : nulls === 'last' ? 'LAST' : undefined,
  };
}

function writeOrder({ field, direction, nulls }: Order): string {
  return (direction === 'DESC' ? '-' : '') + field + (nulls ? `.${nulls.toLowerCase()}` : '');
}
