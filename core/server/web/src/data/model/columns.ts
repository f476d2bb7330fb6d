import type { Edge, Entity, Field } from './types';

/** A column of a table: a field, an edge, or a value of the relation that the table follows. */
export interface Column {
  key: string;
  field?: Field;
  edge?: Edge;
  /** A value of the relation, not of the record. */
  own?: boolean;
  /** The term of the order that it stands for. */
  order?: string | undefined;
  width: number;
}

/** Every column that a table of this entity can have, in the order of the schema. */
export function columnsOf(entity: Entity, along?: Edge): Column[] {
  const fields = entity.fields.map((field): Column => ({ key: field.name, field, order: field.order, width: widthOf(field) }));
  const edges = entity.edges.map((edge): Column => ({ key: edge.name, edge, order: edge.order, width: edge.many ? 110 : 170 }));
  const own = (along?.own ?? []).map((field): Column => ({ key: `=${field.name}`, field, own: true, width: widthOf(field) }));
  return [...own, ...fields, ...edges];
}

const widths: Partial<Record<Field['type']['kind'], number>> = {
  id: 130,
  boolean: 90,
  int: 100,
  float: 100,
  bigint: 150,
  enum: 120,
  time: 205,
  uuid: 290,
  bytes: 110,
};

function widthOf(field: Field): number {
  return widths[field.type.kind] ?? (field.long ? 320 : 200);
}

/** The columns that a table has before anybody chooses: what is cheap to read, what names the record first, and what is long last. */
export function defaultColumns(all: Column[], label: string): string[] {
  const cheap = all.filter((c) => c.edge || c.own || c.key === 'id' || (c.order && c.field?.type.kind !== 'bytes'));
  const rank = (c: Column) => (c.key === 'id' ? 0 : c.key === label ? 1 : c.own ? 2 : c.field?.long ? 5 : c.edge?.many ? 4 : 3);
  return [...cheap]
    .sort((a, b) => rank(a) - rank(b))
    .slice(0, 14)
    .map((c) => c.key);
}

/** The columns to show, of those chosen by name; what there is not, is left out. */
export function chosen(all: Column[], keys: string[]): Column[] {
  return keys.map((key) => all.find((c) => c.key === key)).filter((c) => c !== undefined);
}
