/** What a value is, and so how it is shown and written. */
export type Kind = 'id' | 'text' | 'enum' | 'boolean' | 'int' | 'float' | 'bigint' | 'time' | 'uuid' | 'bytes' | 'json';

/** The type of a value, of a field as of an input. */
export interface ValueType {
  kind: Kind;
  /** A list of such values. */
  list: boolean;
  /** The name that the schema has for it, of one value. */
  name: string;
  /** The values of an enum, in the schema's order. */
  values: readonly { name: string; description: string }[];
}

/** A field of a record that holds a value. */
export interface Field {
  name: string;
  description: string;
  type: ValueType;
  nullable: boolean;
  /** A text that is likely to have many lines. */
  long: boolean;
  /** The term of an order that is this field. */
  order?: string;
}

/** An edge from a record to another, or to many. */
export interface Edge {
  name: string;
  description: string;
  /** The entity that it leads to. */
  target: string;
  many: boolean;
  nullable: boolean;
  /** What each relation of a to-many edge has of its own. */
  own: Field[];
  /** The types of the arguments `where` and `orderBy`, where it has these. */
  where?: string;
  orderBy?: string;
  /** The term of an order that is its count, or the field of its record that is shown. */
  order?: string;
}

/** One condition of a where input: `titleContainsFold`. */
export interface Condition {
  key: string;
  operator: string;
  type: ValueType;
}

/** A where input: `PostWhereInput`. */
export interface Where {
  name: string;
  not: boolean;
  and: boolean;
  or: boolean;
  fields: { name: string; conditions: Condition[] }[];
  edges: { name: string; has: string; with: string; where: string }[];
}

/** One term of an order enum. */
export interface OrderField {
  value: string;
  description: string;
}

/** A field of a create or update input. */
export interface InputField {
  name: string;
  description: string;
  /** What the value is; of a reference, the kind of its edge. */
  type: ValueType | undefined;
  /** The edge that it writes. */
  edge: Edge | undefined;
  /** What a reference of this edge carries beside the record meant. */
  extras: InputField[];
  /** The record cannot be without it. */
  required: boolean;
  /** May be given as null, which clears it. */
  nullable: boolean;
  long: boolean;
  /** In updates: the fields that add to a to-many edge, and take from it. */
  add?: string;
  remove?: string;
}

/** A mutation that writes an input: its field, and the input's type. */
export interface Write {
  field: string;
  input: string;
  fields: InputField[];
}

/** An entity, as far as the schema tells of it. */
export interface Entity {
  name: string;
  description: string;
  /** The root field of one record by its id; without it, `node` is asked. */
  one?: string;
  list: { field: string; where?: string; orderBy?: string };
  aggregate?: string;
  create?: Write;
  update?: Write;
  upsert?: string;
  delete?: string;
  fields: Field[];
  edges: Edge[];
  orders: OrderField[];
  /** Fields that name a record, each by itself. */
  unique: string[];
  /** The field that a person knows a record by; `id` where there is no text. */
  label: string;
}

/** All that the page knows of a schema. */
export interface Model {
  entities: Entity[];
  entity(name: string): Entity | undefined;
  where(type: string | undefined): Where | undefined;
  orders(type: string | undefined): OrderField[];
}
