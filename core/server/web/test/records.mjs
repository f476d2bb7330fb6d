// Records for tests, made without knowing any entity: what there is to write is found
// out from the schema, by the page's own reading of it.
import { buildClientSchema, getIntrospectionQuery } from 'graphql';
import { runnerImport } from 'vite';

import { home } from './browser.mjs';

const { readModel } = (await runnerImport(new URL('../src/data/model/schema.ts', import.meta.url).pathname)).module;

export async function ask(query, variables) {
  const response = await fetch(`${home}/graphql`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Accept: 'application/json' },
    body: JSON.stringify({ query, variables }),
  });
  return response.json();
}

export const model = readModel(buildClientSchema((await ask(getIntrospectionQuery())).data));

/** Values that most rules let through: a word of small letters and digits, unlike any before. */
export const word = () => `t${Date.now().toString(36)}${Math.floor(Math.random() * 1e6)}`;
const address = () => `${word()}@example.org`;
const plain = { text: (name) => (/mail/i.test(name) ? address() : word()), int: () => 1, bigint: () => '1', float: () => 1, boolean: () => true };

/** The least input that makes a record, or undefined where nobody knows one. Needed edges are given by what there is, else made along. */
export async function leastInput(entity, depth = 0) {
  const input = {};
  for (const field of entity.create?.fields.filter((f) => f.required) ?? []) {
    if (field.edge) {
      const target = model.entity(field.edge.target);
      const { data } = await ask(`{ list: ${target.list.field}(first: 1) { edges { node { id } } } }`);
      const create = data.list.edges.length === 0 && depth < 2 ? await leastInput(target, depth + 1) : undefined;
      if (data.list.edges.length === 0 && !create) return undefined;
      input[field.name] = create ? { create } : { id: data.list.edges[0].node.id };
    } else if (plain[field.type.kind] && !field.type.list) input[field.name] = plain[field.type.kind](field.name);
    else return undefined;
  }
  return input;
}

export async function make(entity, more = {}) {
  const least = await leastInput(entity);
  if (!least) return undefined;
  const { data, errors } = await ask(`mutation ($input: ${entity.create.input}!) { r: ${entity.create.field}(input: $input) { id } }`, {
    input: { ...least, ...more },
  });
  return errors ? undefined : data.r.id;
}

/** How a page writes a name. */
export const words = (name) => name.replaceAll('_', ' ').replace(/([a-z\d])([A-Z])/g, '$1 $2').toLowerCase();

/** The address of a place of the data browser. */
export const at = (place) => `/data?${new URLSearchParams(place)}`;
