// The playground's "One tab a root field", on whatever schemas the server has: what the
// new tabs answer is together what the tab answers that they come from.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { accessible, fits, shot, sizes } from './browser.mjs';
import { playground, run } from './playground.mjs';
import { ask, model } from './records.mjs';

const [listed, other] = [model.entities[0], model.entities.at(-1)];
const id = await (async () => {
  for (const { list } of model.entities) {
    const { data } = await ask(`{ l: ${list.field}(first: 1) { edges { node { id } } } }`);
    if (data.l.edges.length > 0) return data.l.edges[0].node.id;
  }
  return 'none';
})();

const query = `query Whole($n: Int, $id: ID!, $on: Boolean = true, $unset: Boolean = false) {
  # each in another way
  counted: ${listed.list.field}(first: $n) { totalCount ...Page }
  node(id: $id) { ...Known }
  ...More @include(if: $on)
}

fragment Page on ${(await typeOf(listed.list.field)).name} { edges { node { ...Known } } }
fragment Known on Node { id ...Kind }
fragment Kind on Node { __typename }
fragment More on Query {
  first: ${other.list.field}(first: $n) { totalCount }
  left: node(id: $id) @skip(if: $unset) { id }
}
`;
const variables = { n: 2, id };
const parts = {
  counted: { uses: ['n'], fragments: ['Page', 'Known', 'Kind'] },
  node: { uses: ['id'], fragments: ['Known', 'Kind'] },
  first: { uses: ['n'], fragments: [] },
  left: { uses: ['id'], fragments: [] },
};

async function typeOf(field) {
  const { data } = await ask('{ __schema { queryType { fields { name type { name ofType { name } } } } } }');
  const { type } = data.__schema.queryType.fields.find((f) => f.name === field);
  return type.name ? type : type.ofType;
}

const operation = (operation) => `/#${new URLSearchParams(operation)}`;
const whole = { query, variables: JSON.stringify(variables) };
const button = (page) => page.getByRole('button', { name: 'One tab a root field' });
const said = (page) => page.locator('.split-said');
const tabs = (page) => page.locator('.graphiql-tabs button.graphiql-tab-button');
const held = (page, editor) => page.evaluate((editor) => globalThis.__MONACO.editor.getModels().find((m) => m.uri.path.includes(editor)).getValue(), editor);
const titled = (page, name) => page.locator('.graphiql-tab-active, [aria-current="true"]', { hasText: name }).first().waitFor();

/** Waits until GraphiQL has read what is in its editor, which it does a moment later than it is there. */
const read = async (page) => page.waitForFunction((text) => localStorage.getItem('graphiql:query') === text, await held(page, 'operation'));

test('makes a tab of each root field, with what it needs, and shows the first', async (t) => {
  const page = await playground(t, operation(whole));
  const before = await tabs(page).count();
  const { answer } = await run(page);
  assert.equal(answer.errors, undefined);
  assert.deepEqual(Object.keys(answer.data), Object.keys(parts));
  await button(page).click();
  await said(page).getByText('4 root fields, in 4 new tabs.').waitFor();
  assert.equal(await tabs(page).count(), before + 4);
  await titled(page, 'Whole_counted');

  const together = {};
  for (const [i, [name, { uses, fragments }]] of Object.entries(parts).entries()) {
    if (i > 0) await tabs(page).nth(before + i).click();
    await titled(page, `Whole_${name}`);
    await read(page);
    const { sent, answer } = await run(page);
    assert.equal(answer.errors, undefined, JSON.stringify(answer.errors));
    assert.equal(sent.operationName, `Whole_${name}`);
    assert.deepEqual(sent.variables, Object.fromEntries(uses.map((v) => [v, variables[v]])));
    assert.deepEqual([...sent.query.matchAll(/^fragment (\w+)/gm)].map((m) => m[1]), fragments);
    assert.deepEqual(Object.keys(answer.data), [name]);
    Object.assign(together, answer.data);
  }
  assert.deepEqual(together, answer.data);

  await tabs(page).nth(before - 1).click(); // the one that it came from is as it was
  await titled(page, 'Whole');
  assert.equal(await held(page, 'operation'), query);
  assert.deepEqual(JSON.parse(await held(page, 'variables')), variables);
});

test('is reached and pressed by the keyboard, and the tabs are there after a reload', async (t) => {
  const page = await playground(t, operation(whole));
  await page.locator('.graphiql-execute-button').focus();
  for (let i = 0; i < 8 && !(await button(page).evaluate((b) => b === document.activeElement)); i++) await page.keyboard.press('Tab');
  assert.ok(await button(page).evaluate((b) => b === document.activeElement));
  await page.keyboard.press('Enter');
  await titled(page, 'Whole_counted');
  await page.waitForFunction(() => Object.values(localStorage).some((v) => v.includes('Whole_left')));
  await page.reload();
  await titled(page, 'Whole_counted');
  assert.equal(await tabs(page).filter({ hasText: 'Whole_' }).count(), 4);
});

for (const [name, text, sentence] of [
  ['one root field', '{ __typename }', /nothing to split: this has one root field/],
  ['no operation', 'fragment F on Query { __typename }', /nothing to split: this has no operation/],
  ['what is no GraphQL', 'query {\n  node(', /cannot be split before it can be read: .* Line 2\./],
]) {
  test(`says of ${name} that there is nothing to split`, async (t) => {
    const page = await playground(t, operation({ query: text }));
    const before = await tabs(page).count();
    await button(page).click();
    await said(page).filter({ hasText: sentence }).waitFor();
    assert.equal(await tabs(page).count(), before);
    assert.equal(await held(page, 'operation'), text);
    await page.locator('.graphiql-query-editor .view-line').first().click();
    await said(page).filter({ hasNotText: /./ }).waitFor({ state: 'attached' });
  });
}

test('says of variables that cannot be read that these are why', async (t) => {
  const page = await playground(t, operation({ query, variables: '{"n": }' }));
  await button(page).click();
  await said(page).getByText('This cannot be split: the variables are invalid JSON').waitFor();
});

for (const colorScheme of ['light', 'dark']) {
  for (const [name, size] of Object.entries(sizes)) {
    test(`fits and can be read, ${colorScheme} and ${name}`, async (t) => {
      const page = await playground(t, operation(whole), { size, colorScheme });
      await button(page).click();
      await titled(page, 'Whole_counted');
      await fits(page);
      await accessible(page);
      await shot(page, `split-${colorScheme}-${name}`);
      await button(page).click();
      await said(page).getByText('There is nothing to split').waitFor();
      await fits(page);
      await accessible(page);
      await shot(page, `split-none-${colorScheme}-${name}`);
    });
  }
}
