// What the playground makes of an operation with several root fields.
import { parse } from 'graphql';
import { describe, expect, test } from 'vitest';

import { split } from '../src/playground/split';

const parts = (query: string, values: Record<string, unknown> = {}) =>
  split(parse(query), values).map(({ name, query, variables }) => ({ name, query: query.replace(/\s+/g, ' '), variables }));

describe('each root field has an operation of its own', () => {
  test('with the variables that it uses, and their values', () => {
    expect(parts('query Both($n: Int = 2, $id: ID!, $none: Int) { a(first: $n) { id } b(id: $id) { id } c }', { n: 1, id: 'x', none: 3, other: 4 })).toEqual([
      { name: 'Both_a', query: 'query Both_a($n: Int = 2) { a(first: $n) { id } }', variables: { n: 1 } },
      { name: 'Both_b', query: 'query Both_b($id: ID!) { b(id: $id) { id } }', variables: { id: 'x' } },
      { name: 'Both_c', query: 'query Both_c { c }', variables: {} },
    ]);
  });

  test('with the fragments that it uses, through others, and what these use', () => {
    const query = 'mutation ($n: Int, $m: Int) { a { ...A } b { id } } fragment A on T { ...B } fragment B on T { x(n: $n) ...A } fragment C on T { y(m: $m) }';
    expect(parts(query, { n: null })).toEqual([
      { name: 'a', query: 'mutation a($n: Int) { a { ...A } } fragment A on T { ...B } fragment B on T { x(n: $n) ...A }', variables: { n: null } },
      { name: 'b', query: 'mutation b { b { id } }', variables: {} },
    ]);
  });

  test('also where it stands in fragments, under their directives', () => {
    const query = 'query ($on: Boolean!) @live(if: $on) { ...R @include(if: $on) ... { c } } fragment R on Query { a ... @skip(if: false) { b } ...R }';
    expect(parts(query, { on: true }).map((p) => p.query)).toEqual([
      'query a($on: Boolean!) @live(if: $on) { ... @include(if: $on) { a } }',
      'query b($on: Boolean!) @live(if: $on) { ... @include(if: $on) { ... @skip(if: false) { b } } }',
      'query c($on: Boolean!) @live(if: $on) { c }',
    ]);
  });

  test('of every operation, and by its name in the answer', () => {
    expect(parts('query One { a } query Two { x: a { id } y: a { id } x: a { n } }').map((p) => p.query)).toEqual([
      'query One { a }',
      'query Two_x { x: a { id } x: a { n } }',
      'query Two_y { y: a { id } }',
    ]);
  });

  test('and what names a fragment that is not there keeps that', () => {
    expect(parts('{ a ...Gone }').map((p) => p.query)).toEqual(['query a { a }', 'query Gone { ...Gone }']);
    expect(parts('fragment A on T { x }')).toEqual([]);
  });
});
