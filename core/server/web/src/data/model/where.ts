import { type GraphQLInputObjectType, getNamedType, isInputObjectType } from 'graphql';

import { valueType } from './kinds';
import type { Condition, Where } from './types';

/** What an operator is called, by how the key of its condition ends, longest first. */
export const operators: readonly (readonly [ending: string, words: string])[] = [
  ['ContainsFold', 'contains'],
  ['EqualFold', 'is, in any case'],
  ['HasPrefix', 'begins with'],
  ['HasSuffix', 'ends with'],
  ['Contains', 'contains, minding case'],
  ['NotNil', 'has a value'],
  ['IsNil', 'has no value'],
  ['NotIn', 'is none of'],
  ['NEQ', 'is not'],
  ['GTE', 'is at least'],
  ['LTE', 'is at most'],
  ['In', 'is one of'],
  ['GT', 'is more than'],
  ['LT', 'is less than'],
  ['', 'is'],
];

const timeWords: Record<string, string> = { GT: 'is after', GTE: 'is at or after', LT: 'is before', LTE: 'is at or before' };

/** The words for a condition's operator. */
export function operatorWords({ operator, type }: Condition): string {
  if (type.kind === 'time' && timeWords[operator]) return timeWords[operator];
  return operators.find(([ending]) => ending === operator)?.[1] ?? operator;
}

/** Reads a where input: whatever it can ask. `names` are those of the record's fields. */
export function readWhere(input: GraphQLInputObjectType, names: readonly string[]): Where {
  const where: Where = { name: input.name, not: false, and: false, or: false, fields: [], edges: [] };
  const all = input.getFields();
  const taken = new Set<string>();
  for (const key of ['not', 'and', 'or'] as const) {
    if (all[key] && getNamedType(all[key].type) === input) {
      where[key] = true;
      taken.add(key);
    }
  }
  for (const key of Object.keys(all)) {
    const asked = getNamedType(all[key]!.type);
    if (taken.has(key) || !isInputObjectType(asked)) continue;
    const has = key.replace(/With$/, '');
    taken.add(key).add(has);
    where.edges.push({ name: edgeName(has, names), has: all[has] ? has : '', with: key, where: asked.name });
  }
  const conditions = new Map<string, Condition[]>();
  for (const key of Object.keys(all)) {
    const type = taken.has(key) ? undefined : valueType(all[key]!.type);
    if (!type) continue;
    const { field, operator } = split(key, names);
    conditions.set(field, [...(conditions.get(field) ?? []), { key, operator, type }]);
  }
  where.fields = [...conditions].map(([name, list]) => ({ name, conditions: list }));
  return where;
}

/** The edge that `hasAuthor` asks about. */
function edgeName(has: string, names: readonly string[]): string {
  const bare = has.replace(/^has/, '');
  return names.find((name) => name.toLowerCase() === bare.toLowerCase()) ?? bare.charAt(0).toLowerCase() + bare.slice(1);
}

function split(key: string, names: readonly string[]): { field: string; operator: string } {
  const endings = operators.filter(([ending]) => key.endsWith(ending)).map(([ending]) => ending);
  const known = endings.filter((ending) => names.includes(key.slice(0, key.length - ending.length)));
  // `checkedIn` is a field with no operator before it is `checked` with one.
  const operator = names.includes(key) ? '' : (known[0] ?? endings[0] ?? '');
  return { field: key.slice(0, key.length - operator.length), operator };
}
