// Reads the schema that the server at the URL given serves as a file, and fails
// unless it is the one that the server's introspection tells of.
import { buildClientSchema, buildSchema, getIntrospectionQuery, introspectionFromSchema, lexicographicSortSchema } from 'graphql';

const url = process.argv[2];
if (!url) {
  console.error('usage: node schema.mjs http://HOST:PORT');
  process.exit(2);
}

const options = { descriptions: true, specifiedByUrl: true, directiveIsRepeatable: true, inputValueDeprecation: true, oneOf: true };
const text = await (await fetch(`${url}/schema.graphql`)).text();
const res = await fetch(`${url}/graphql`, {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ query: getIntrospectionQuery(options) }),
});
const { data, errors } = await res.json();
if (errors) {
  console.error(errors);
  process.exit(1);
}
const lines = (schema) => JSON.stringify(introspectionFromSchema(lexicographicSortSchema(schema), options), null, 1).split('\n');
const [file, told] = [lines(buildSchema(text)), lines(buildClientSchema(data))];
const at = told.findIndex((line, i) => line !== file[i]);
if (at >= 0 || file.length !== told.length) {
  console.log(`introspection tells\n${told.slice(Math.max(0, at - 9), at + 3).join('\n')}\nand the file\n${file.slice(Math.max(0, at - 9), at + 3).join('\n')}`);
  process.exit(1);
}
console.log(`${Object.keys(buildSchema(text).getTypeMap()).length} types agree`);
