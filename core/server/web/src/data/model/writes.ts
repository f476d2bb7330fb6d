import {
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLInputObjectType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
} from 'graphql';

import { isLong, plainName, valueType } from './kinds';
import type { Edge, Entity, InputField, Write } from './types';

type Root = GraphQLField<unknown, unknown>;

/** Finds the mutations of an entity. What types do not tell apart, names do. */
export function readWrites(schema: GraphQLSchema, entity: Entity): void {
  const mutations = Object.values(schema.getMutationType()?.getFields() ?? {});
  const ofRecord = mutations.filter((m) => getNamedType(m.type).name === entity.name && !isListType(getNullableType(m.type)));
  const create = best(ofRecord.filter((m) => takes(m, ['input'])), 'create', entity.name);
  const update = best(ofRecord.filter((m) => takes(m, ['id', 'input'])), 'update', entity.name);
  if (create) entity.create = write(create, entity, undefined);
  if (update) entity.update = write(update, entity, entity.create);
  const upsert = ofRecord.find((m) => takes(m, ['by', 'input']) && isEnumType(getNamedType(m.args.find((a) => a.name === 'by')!.type)));
  if (upsert) entity.upsert = upsert.name;
  const remove = mutations.find((m) => getNamedType(m.type).name === 'ID' && takes(m, ['id']) && m.name === `delete${entity.name}`);
  if (remove) entity.delete = remove.name;
}

function takes(root: Root, names: string[]): boolean {
  return root.args.length === names.length && names.every((name) => root.args.some((arg) => arg.name === name));
}

/** Of some mutations, the one that is called so, or whose input is. */
function best(roots: Root[], verb: string, entity: string): Root | undefined {
  const wanted = plainName(verb + entity);
  const named = roots.filter((root) => isInputObjectType(inputOf(root)));
  return (
    named.find((root) => plainName(root.name) === wanted) ?? named.find((root) => plainName(inputOf(root)!.name) === `${wanted}input`)
  );
}

function inputOf(root: Root): GraphQLInputObjectType | undefined {
  const arg = root.args.find((a) => a.name === 'input');
  const type = arg && getNullableType(arg.type);
  return isInputObjectType(type) ? type : undefined;
}

function write(root: Root, entity: Entity, create: Write | undefined): Write {
  const input = inputOf(root)!;
  const inputs = Object.values(input.getFields());
  const plain = new Map(inputs.map((field) => [field.name.toLowerCase(), field.name]));
  const changes = new Set<string>();
  const fields: InputField[] = [];
  for (const edge of entity.edges.filter((e) => e.many)) {
    for (const verb of ['add', 'remove']) {
      const name = plain.get(verb + edge.name.toLowerCase());
      if (name) changes.add(name);
    }
  }
  for (const field of inputs) {
    const isAppend = field.name.startsWith('append') && plain.has(field.name.slice('append'.length).toLowerCase());
    if (changes.has(field.name) || isAppend) continue;
    const read = readInput(field, entity, !create);
    if (!read) continue;
    const lower = field.name.toLowerCase();
    const [add, remove] = [plain.get(`add${lower}`), plain.get(`remove${lower}`)];
    if (read.edge?.many && add && changes.has(add)) read.add = add;
    if (read.edge?.many && remove && changes.has(remove)) read.remove = remove;
    fields.push(read);
  }
  return { field: root.name, input: input.name, fields };
}

function readInput(field: GraphQLInputField, entity: Entity, creates: boolean): InputField | undefined {
  const type = valueType(field.type);
  const edge = type ? undefined : entity.edges.find((e) => e.name === field.name);
  if (!type && !edge) return undefined;
  const nullable = edge ? edge.nullable && !edge.many : isNullable(field, entity);
  const required = creates && (isNonNullType(field.type) || (!!edge && !edge.many && !edge.nullable));
  return {
    name: field.name,
    description: field.description ?? '',
    type,
    edge,
    extras: edge ? extrasOf(field, edge) : [],
    required,
    nullable,
    long: isLong(field.name, type),
  };
}

/** What is never null in a record cannot be cleared. What is not shown at all may be. */
function isNullable(field: GraphQLInputField, entity: Entity): boolean {
  if (isNonNullType(field.type)) return false;
  return entity.fields.find((f) => f.name === field.name)?.nullable ?? true;
}

/** The values of the relation itself: what is in a reference beside keys of the record meant. */
function extrasOf(field: GraphQLInputField, edge: Edge): InputField[] {
  const ref = getNamedType(field.type);
  if (!isInputObjectType(ref) || ref.isOneOf) return [];
  return Object.values(ref.getFields())
    .filter((f) => edge.own.some((own) => own.name === f.name))
    .map((f) => ({
      name: f.name,
      description: f.description ?? '',
      type: valueType(f.type),
      edge: undefined,
      extras: [],
      required: isNonNullType(f.type),
      nullable: false,
      long: false,
    }));
}
