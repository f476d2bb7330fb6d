// Looks with graphql-inspector at the schema that the server serves as a file: the
// first argument is its path, the second that of a program with operations.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { CriticalityLevel, diff, validate } from '@graphql-inspector/core';
import { Source, buildSchema } from 'graphql';

const [schemaFile, program] = process.argv.slice(2);
const text = readFileSync(schemaFile, 'utf8');
const schema = buildSchema(text);
const operations = [...readFileSync(program, 'utf8').matchAll(/graphql\(`([^`]*)`\)/g)].map(([, document]) => document).join('\n');

// changed is the schema with one part in the place of another, which must be
// there.
function changed(from, to) {
  assert.ok(text.includes(from), from);
  return buildSchema(text.replace(from, to));
}

test('operations are valid, and what is not is told', () => {
  assert.ok(operations.match(/^\s*(query|mutation)\b/gm).length >= 12);
  assert.deepEqual(validate(schema, [new Source(operations, 'operations')]), []);
  const [invalid, ...others] = validate(schema, [new Source('{ posts(where: { titel: "x" }) { totalCount } }', 'wrong')]);
  assert.deepEqual(others, []);
  assert.match(invalid.errors[0].message, /titel/);
});

test('a schema does not differ from itself', async () => {
  assert.deepEqual(await diff(schema, buildSchema(text)), []);
});

const { Breaking, Dangerous, NonBreaking } = CriticalityLevel;

for (const { name, from, to, found } of [
  { name: 'a field of another name', from: 'excerpt(', to: 'summary(', found: [`${Breaking} Post.excerpt`] },
  { name: 'a field that may be null', from: '(words: Int = 40): String!', to: '(words: Int = 40): String', found: [`${Breaking} Post.excerpt`] },
  { name: 'another default', from: 'words: Int = 40', to: 'words: Int = 50', found: [`${Dangerous} Post.excerpt.words`] },
  { name: 'one more argument', from: 'publishPost(id: ID!)', to: 'publishPost(id: ID!, at: Time!)', found: [`${Breaking} Mutation.publishPost.at`] },
]) {
  test(`a change is told: ${name}`, async () => {
    const changes = await diff(schema, changed(from, to));
    const told = changes.filter((change) => change.criticality.level !== NonBreaking);
    assert.deepEqual(told.map((change) => `${change.criticality.level} ${change.path}`), found);
  });
}
