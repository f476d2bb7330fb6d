// The playground, on whatever schemas the server has.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { accessible, fits, home, shot, sizes } from './browser.mjs';
import { playground, run } from './playground.mjs';

const statements = (page) => page.locator('.sql-statement');

/** The durations of the statements, in the order that they are shown in. */
const durations = async (page) => (await page.locator('.sql-line > span:nth-of-type(2)').allTextContents()).map((t) => parseFloat(t.replaceAll(',', '')));

const first = () => fetch(`${home}/assets/first.graphql`).then((r) => r.text());

test('opens with a query that runs, and shows the SQL behind it', async (t) => {
  const page = await playground(t);
  const query = await first();
  assert.equal(await page.evaluate(() => globalThis.__MONACO.editor.getModels().find((m) => m.uri.path.includes('operation')).getValue()), query);
  const { headers, answer } = await run(page);
  const { errors, data, extensions } = answer;
  assert.equal(errors, undefined);
  assert.equal(headers['x-explain'], 'plan');
  await statements(page).first().waitFor();
  assert.equal(await statements(page).count(), extensions.sql.statements.length);
  assert.ok(extensions.sql.statements.length > 0);
  const costs = await durations(page);
  assert.deepEqual(costs, costs.toSorted((a, b) => b - a));
  await page.getByRole('button', { name: 'As run' }).click();
  assert.deepEqual(await page.locator('.sql-badge').allTextContents(), extensions.sql.statements.map((_, i) => String(i + 1)));
  assert.ok((await page.locator('.sql-text').first().textContent()).length > 4);
  assert.ok((await page.locator('.sql-plan li').count()) > 0);
  const shown = await page.evaluate(() => globalThis.__MONACO.editor.getModels().find((m) => m.uri.path.includes('response')).getValue());
  assert.deepEqual(JSON.parse(shown), { data });
});

test('keeps what the last runs cost', async (t) => {
  const page = await playground(t);
  await run(page);
  await statements(page).first().waitFor();
  assert.equal(await page.locator('.sql-runs').count(), 0);
  await run(page);
  await page.locator('.sql-runs li').nth(1).waitFor();
  assert.match(await page.locator('.sql-runs').textContent(), /the run before/);
});

test('runs by the keyboard, and every control can be reached by it', async (t) => {
  const page = await playground(t);
  await page.locator('.graphiql-query-editor .view-line').first().click();
  await run(page, () => page.keyboard.press('Control+Enter'));
  await statements(page).first().waitFor();
  await page.locator('.graphiql-logo a').focus();
  const reached = new Set();
  for (let i = 0; i < 60; i++) {
    await page.keyboard.press('Shift+Tab');
    reached.add(await page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent));
  }
  await page.locator('.sql-order button').first().focus();
  for (let i = 0; i < 4; i++) {
    await page.keyboard.press('Tab');
    reached.add(await page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent));
  }
  for (const control of ['New tab', 'As run', 'Copy SQL', 'Show History', 'Show GraphiQL Explorer']) {
    assert.ok(reached.has(control), `${control} is not among ${[...reached]}`);
  }
});

test('completes, and marks what is wrong where it stands', async (t) => {
  const page = await playground(t, `/#${new URLSearchParams({ query: '{ __typename nothingOfTheKind }' })}`);
  await page.locator('.squiggly-error').first().waitFor();
  await page.locator('.graphiql-query-editor .view-line').first().click();
  await page.keyboard.press('Control+a');
  await page.keyboard.type('{ ');
  await page.keyboard.press('Control+Space');
  await page.locator('.suggest-widget .monaco-list-row', { hasText: 'node' }).first().waitFor();
});

test('has the explorer and the history', async (t) => {
  const page = await playground(t);
  await run(page);
  await page.getByRole('button', { name: 'Show History' }).click();
  await page.locator('.graphiql-history-item').first().waitFor();
  await page.getByRole('button', { name: 'Show GraphiQL Explorer' }).click();
  await page.locator('.graphiql-explorer-root').getByText('node', { exact: true }).first().waitFor();
  await page.locator('.graphiql-explorer-root').getByRole('button', { name: 'nodes', exact: true }).focus();
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => /\bnodes\b/.test(globalThis.__MONACO.editor.getModels().find((m) => m.uri.path.includes('operation')).getValue()));
  await page.getByRole('button', { name: 'Show Documentation Explorer' }).click();
  await page.locator('.graphiql-doc-explorer').getByText('Query').first().waitFor();
});

test('opens with the operation of its address, and does not run it', async (t) => {
  const page = await playground(t, `/#${new URLSearchParams({ query: 'query Named($id: ID!) { node(id: $id) { id } }', variables: '{"id": "x"}' })}`);
  await page.locator('.graphiql-query-editor').getByText('Named').waitFor();
  assert.equal(await statements(page).count(), 0);
  const { sent, answer } = await run(page);
  assert.deepEqual(sent.variables, { id: 'x' });
  assert.deepEqual(answer.data, { node: null });
});

test('sends the headers that are given', async (t) => {
  const page = await playground(t);
  await page.getByRole('button', { name: 'Headers' }).click();
  await page.locator('.graphiql-editor-tool .graphiql-editor:not(.hidden) .view-lines').click();
  await page.keyboard.type('{"X-Explain": "sql", "X-Mine": "1"}');
  const { headers } = await run(page);
  assert.equal(headers['x-mine'], '1');
  await statements(page).first().waitFor();
  assert.equal(await page.locator('.sql-plan').count(), 0);
});

test('takes headers in any case, and says of one that is none', async (t) => {
  const page = await playground(t);
  await page.getByRole('button', { name: 'Headers' }).click();
  const editor = page.locator('.graphiql-editor-tool .graphiql-editor:not(.hidden) .view-lines');
  await editor.click();
  await page.keyboard.type('{"x-explain": "sql"}');
  const { headers, answer } = await run(page);
  assert.equal(headers['x-explain'], 'sql');
  assert.equal(answer.errors, undefined);
  await editor.click();
  await page.keyboard.press('Control+a');
  await page.keyboard.press('Delete');
  await page.keyboard.type('{"no header": "1"}');
  await page.locator('.graphiql-execute-button').click();
  assert.match(await page.locator('.failure').textContent(), /"no header": "1" is no header/);
});

test('is light or dark, as the system is or as one likes', async (t) => {
  const page = await playground(t, '/', { colorScheme: 'dark' });
  const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  assert.equal(await ground(), 'rgb(21, 26, 23)');
  await page.getByRole('button', { name: 'Light' }).click();
  assert.equal(await ground(), 'rgb(255, 255, 255)');
  await page.reload();
  assert.equal(await ground(), 'rgb(255, 255, 255)');
  await page.getByRole('button', { name: 'As the system' }).click();
  assert.equal(await ground(), 'rgb(21, 26, 23)');
});

for (const colorScheme of ['light', 'dark']) {
  for (const [name, size] of Object.entries(sizes)) {
    test(`can be used by all, ${colorScheme} and ${name}`, async (t) => {
      const page = await playground(t, '/', { size, colorScheme });
      await run(page);
      await statements(page).first().waitFor();
      await fits(page);
      await accessible(page);
      await shot(page, `playground-${colorScheme}-${name}`);
      for (const pane of ['Documentation Explorer', 'History', 'GraphiQL Explorer']) {
        await page.getByRole('button', { name: `Show ${pane}` }).click();
        await page.getByRole('button', { name: `Hide ${pane}` }).waitFor();
        await fits(page);
        await accessible(page);
        await shot(page, `playground-${colorScheme}-${name}-${pane.split(' ')[0]}`);
      }
    });
  }
}

const failures = {
  'a lost server': [(route) => route.abort('connectionrefused'), /cannot be reached/],
  'an answer that breaks off': [(route) => route.abort('connectionreset'), /went away/],
  'a request too large': [(route) => route.fulfill({ status: 413, body: 'too large' }), /longer than the server takes/],
  'a refusal': [(route) => route.fulfill({ status: 403, body: 'This server does not answer to the host evil.example.' }), /does not answer to the host/],
  'a proxy that waits no longer': [(route) => route.fulfill({ status: 504, contentType: 'text/html', body: '<h1>Gateway timeout</h1>' }), /waited no longer/],
  'a page in its place': [(route) => route.fulfill({ status: 200, contentType: 'text/html', body: '<script>alert(1)</script>' }), /no GraphQL answer.*<script>alert\(1\)<\/script>/],
  'an answer of 16 MB': [(route) => route.fulfill({ status: 200, contentType: 'application/json', body: `{"data":{"a":"${'x'.repeat(16e6)}"}}` }), /longer than the 8 MB/],
};

for (const [name, [answer, sentence]] of Object.entries(failures)) {
  test(`says that there was ${name}, and goes on`, async (t) => {
    const page = await playground(t, '/', { expected: /Failed to load resource/ });
    await page.route('**/graphql', answer);
    await page.locator('.graphiql-execute-button').click();
    assert.match(await page.locator('.failure').textContent(), sentence);
    await page.unroute('**/graphql');
    await run(page);
    await statements(page).first().waitFor();
    assert.equal(await page.locator('.failure').count(), 0);
  });
}

test('shows every digit of a number', async (t) => {
  const page = await playground(t);
  await page.route('**/graphql', (route) => route.fulfill({ contentType: 'application/json', body: '{"data":{"n":12345678901234567890,"x":0.1000000000000000055}}' }));
  await page.locator('.graphiql-execute-button').click();
  await page.locator('.result-window').getByText('12345678901234567890').waitFor();
  await page.locator('.result-window').getByText('0.1000000000000000055').waitFor();
});

test('takes a request back', async (t) => {
  const page = await playground(t);
  let asked;
  const waiting = new Promise((resolve) => (asked = resolve));
  await page.route('**/graphql', (route) => asked(route)); // and never an answer
  await page.locator('.graphiql-execute-button').click();
  await waiting;
  await page.locator('.graphiql-execute-button').click();
  assert.match(await page.locator('.failure').textContent(), /was stopped/);
});
