// Lists with graphql-inspector what changes between schemas: the first argument is
// a JSON file of pairs of texts, and a line of JSON is printed for each.
import { readFileSync } from 'node:fs';
import { diff } from '@graphql-inspector/core';
import { buildSchema } from 'graphql';

const levels = { BREAKING: 'breaking', DANGEROUS: 'dangerous', NON_BREAKING: 'safe' };

for (const [from, to] of JSON.parse(readFileSync(process.argv[2], 'utf8'))) {
  const changes = await diff(buildSchema(from), buildSchema(to));
  console.log(JSON.stringify(changes.map(({ criticality, path }) => `${levels[criticality.level]} ${path ?? ''}`).sort()));
}
