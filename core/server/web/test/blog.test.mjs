// The playground on the schemas of the fixture blog, with values in the database that
// would be more than text, if a page let them.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { shot, visit } from './browser.mjs';

const hostile = ['<script>alert(1)</script>', '<img src=x onerror=alert(2)>', 'javascript:alert(3)', '\u202Egnp.exe\u2066', "'; DROP TABLE users; --"];

async function send(page, query, variables) {
  return page.evaluate(
    async ([query, variables]) => {
      const response = await fetch('/graphql', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ query, variables }) });
      return response.json();
    },
    [query, variables],
  );
}

test('shows what the database holds as text', async (t) => {
  const page = await visit(t, `/#${new URLSearchParams({ query: 'query Named($names: [String!]) { users(where: { nameIn: $names }) { edges { node { name } } } }', variables: JSON.stringify({ names: hostile }) })}`);
  const { errors } = await send(page, 'mutation ($inputs: [CreateUserInput!]!) { createUsers(inputs: $inputs) { id } }', {
    inputs: hostile.map((name, i) => ({ username: `hostile${i}`, email: `hostile${i}@example.org`, name })),
  });
  assert.equal(errors, undefined);
  await page.locator('.graphiql-query-editor').getByText('Named').waitFor();
  await page.locator('.graphiql-execute-button').click();
  const args = page.locator('.sql-args').first();
  await args.waitFor();
  const shown = await args.textContent();
  for (const text of ['<script>alert(1)</script>', 'onerror=alert(2)', 'javascript:alert(3)', '⟨U+202E⟩gnp.exe⟨U+2066⟩', 'DROP TABLE users']) {
    assert.ok(shown.includes(text), `${text} is not in ${shown}`);
  }
  const answer = page.locator('.result-window');
  await answer.getByText('<script>alert(1)</script>').waitFor();
  assert.equal(await page.locator('.playground :is(script, img)').count(), 0);
  await shot(page, 'playground-hostile');
});

test('copies the line that advice has for the schema', async (t) => {
  const page = await visit(t, `/#${new URLSearchParams({ query: 'query Viewed { posts(first: 5, orderBy: { field: VIEW_COUNT }) { edges { node { title } } } }' })}`);
  await page.locator('.graphiql-query-editor').getByText('Viewed').waitFor();
  await page.locator('.graphiql-execute-button').click();
  await page.getByRole('button', { name: 'Copy line' }).click();
  await page.getByRole('button', { name: 'Copied' }).waitFor();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), 'index.Fields("view_count"),');
  assert.match(await page.locator('.sql-advice').textContent(), /ent\/schema\/post\.go/);
  assert.ok((await page.locator('.sql-costly').count()) > 0);
});
