import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';

import { isLong, plainName, valueType } from './kinds';
import type { Edge, Entity, Field, Model, OrderField, Where } from './types';
import { readWhere } from './where';
import { readWrites } from './writes';

type OutputField = GraphQLField<unknown, unknown>;

/** Reads what entities a schema has, and what can be done with each. It goes by types, and by names only where types do not tell. */
export function readModel(schema: GraphQLSchema): Model {
  const queries = Object.values(schema.getQueryType()?.getFields() ?? {});
  const lists = new Map<string, { root: OutputField; type: GraphQLObjectType }>();
  for (const root of queries) {
    const type = recordOf(root);
    if (type && !root.args.some(isRequired) && (!lists.has(type.name) || argument(root, 'where'))) lists.set(type.name, { root, type });
  }
  const entities = [...lists.values()].map(({ root, type }) => readEntity(schema, queries, root, type, lists));
  const byName = new Map(entities.map((entity) => [entity.name, entity]));
  for (const entity of entities) nameOrders(schema, entity, byName);
  for (const entity of entities) readWrites(schema, entity);
  const wheres = new Map<string, Where | undefined>();
  return {
    entities,
    entity: (name) => byName.get(name),
    where(type) {
      if (!type) return undefined;
      if (!wheres.has(type)) wheres.set(type, whereOf(schema, type, entities));
      return wheres.get(type);
    },
    orders: (type) => ordersOf(schema, type),
  };
}

const isRequired = (arg: GraphQLArgument) => isNonNullType(arg.type) && arg.defaultValue === undefined;
const argument = (field: OutputField, name: string) => {
  const arg = field.args.find((a) => a.name === name);
  return arg && getNamedType(arg.type).name;
};

/** The type of the records on a connection; undefined of a field that is none. */
function recordOf(field: OutputField): GraphQLObjectType | undefined {
  const connection = getNamedType(field.type);
  if (!isObjectType(connection) || isListType(getNullableType(field.type))) return undefined;
  const { edges, pageInfo, totalCount } = connection.getFields();
  if (!edges || !pageInfo || !totalCount) return undefined;
  const edge = getNamedType(edges.type);
  const node = isObjectType(edge) && edge.getFields()['node'];
  const record = node && getNamedType(node.type);
  return record && isObjectType(record) && record.getFields()['id'] ? record : undefined;
}

function readEntity(
  schema: GraphQLSchema,
  queries: OutputField[],
  root: OutputField,
  type: GraphQLObjectType,
  lists: Map<string, unknown>,
): Entity {
  const entity: Entity = {
    name: type.name,
    description: type.description ?? '',
    list: { field: root.name, where: argument(root, 'where'), orderBy: argument(root, 'orderBy') },
    fields: [],
    edges: [],
    orders: ordersOf(schema, argument(root, 'orderBy')),
    unique: [],
    label: 'id',
  };
  for (const field of Object.values(type.getFields())) {
    if (field.args.some(isRequired)) continue;
    const value = readField(field);
    const edge = value ? undefined : readEdge(field, lists);
    if (value) entity.fields.push(value);
    if (edge) entity.edges.push(edge);
  }
  const ofRecord = queries.filter((q) => getNullableType(q.type) === type && q.args.length === 1);
  entity.one = ofRecord.find((q) => q.args[0]!.name === 'id')?.name;
  entity.unique = ofRecord.map((q) => q.args[0]!.name).filter((name) => name !== 'id' && entity.fields.some((f) => f.name === name));
  entity.aggregate = queries.find((q) => isAggregate(q, entity.list.where))?.name;
  entity.label = labelOf(entity);
  return entity;
}

function readField(field: OutputField): Field | undefined {
  const type = valueType(field.type);
  if (!type) return undefined;
  return { name: field.name, description: field.description ?? '', type, nullable: !isNonNullType(field.type), long: isLong(field.name, type) };
}

function readEdge(field: OutputField, lists: Map<string, unknown>): Edge | undefined {
  const many = recordOf(field);
  const named = many ?? getNamedType(field.type);
  if (!lists.has(named.name) || (!many && isListType(getNullableType(field.type)))) return undefined;
  const edge: Edge = {
    name: field.name,
    description: field.description ?? '',
    target: named.name,
    many: !!many,
    nullable: !isNonNullType(field.type),
    own: [],
    where: argument(field, 'where'),
    orderBy: argument(field, 'orderBy'),
  };
  if (many) {
    const relation = getNamedType((getNamedType(field.type) as GraphQLObjectType).getFields()['edges']!.type) as GraphQLObjectType;
    const own = Object.values(relation.getFields()).filter((f) => f.name !== 'cursor' && f.name !== 'node');
    edge.own = own.map(readField).filter((f) => f !== undefined);
  }
  return edge;
}

function isAggregate(root: OutputField, where: string | undefined): boolean {
  const type = getNamedType(root.type);
  if (!isObjectType(type) || !isListType(getNullableType(root.type))) return false;
  return !!type.getFields()['count'] && !!type.getFields()['key'] && argument(root, 'where') === where;
}

/** The field to know a record by: its first unique text, or a text that is called like a name, or any. */
function labelOf(entity: Entity): string {
  const texts = entity.fields.filter((f) => f.type.kind === 'text' && !f.type.list);
  const orderable = texts.filter((f) => !f.nullable);
  const names = /^(name|title|label|subject|number|code)$/i;
  const found =
    texts.find((f) => entity.unique.includes(f.name)) ?? orderable.find((f) => names.test(f.name)) ?? texts.find((f) => names.test(f.name));
  return (found ?? orderable[0] ?? texts[0])?.name ?? 'id';
}

function ordersOf(schema: GraphQLSchema, type: string | undefined): OrderField[] {
  const input = type && schema.getType(type);
  const field = isInputObjectType(input) && input.getFields()['field'];
  const names = field && getNamedType(field.type);
  if (!isEnumType(names)) return [];
  return names.getValues().map((value) => ({ value: value.name, description: value.description ?? '' }));
}

/** Says of each field and edge which term of the entity's order it is. */
function nameOrders(schema: GraphQLSchema, entity: Entity, byName: Map<string, Entity>): void {
  const terms = ordersOf(schema, entity.list.orderBy);
  const term = (name: string, words: string) =>
    (terms.find((t) => plainName(t.value) === plainName(name)) ?? terms.find((t) => t.description === words))?.value;
  for (const field of entity.fields) field.order = term(field.name, `By ${field.name}.`);
  for (const edge of entity.edges) {
    const label = byName.get(edge.target)?.label ?? 'id';
    edge.order = edge.many
      ? term(`${edge.name}Count`, `By the number of ${edge.name}.`)
      : term(edge.name + label, `By the ${label} of ${edge.name}.`);
  }
}

function whereOf(schema: GraphQLSchema, type: string, entities: Entity[]): Where | undefined {
  const input = schema.getType(type);
  if (!isInputObjectType(input)) return undefined;
  const entity = entities.find((e) => e.list.where === type);
  const names = entity ? [...entity.fields, ...entity.edges].map((f) => f.name) : [];
  return readWhere(input, names);
}
