import { type GraphQLType, getNamedType, getNullableType, isEnumType, isLeafType, isListType } from 'graphql';

import type { Kind, ValueType } from './types';

const kinds: Record<string, Kind> = {
  ID: 'id',
  String: 'text',
  Boolean: 'boolean',
  Int: 'int',
  Float: 'float',
  BigInt: 'bigint',
  Time: 'time',
  UUID: 'uuid',
  Base64: 'bytes',
  JSON: 'json',
};

/** The type of a value; undefined of what is none, an object or an input object. A scalar nobody knows is written as JSON. */
export function valueType(type: GraphQLType): ValueType | undefined {
  const named = getNamedType(type);
  if (!isLeafType(named)) return undefined;
  const list = isListType(getNullableType(type));
  if (!isEnumType(named)) return { kind: kinds[named.name] ?? 'json', list, name: named.name, values: [] };
  const values = named.getValues().map((value) => ({ name: value.name, description: value.description ?? '' }));
  return { kind: 'enum', list, name: named.name, values };
}

const longNames = /(body|text|content|description|bio|notes?|summary|message|html|markdown|abstract|details|readme|source|comment)$/i;

/** Whether a text of this name is likely to have many lines. The schema does not tell. */
export function isLong(name: string, type: ValueType | undefined): boolean {
  return type?.kind === 'text' && !type.list && longNames.test(name);
}

/** A name without case and underscores: `CREATED_AT` and `createdAt` are one. */
export function plainName(name: string): string {
  return name.replaceAll('_', '').toLowerCase();
}
