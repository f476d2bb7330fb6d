// What pages of other sites may ask of the server, as a browser sees it: $ALLOWED is
// one that --cors-origins names, $STRANGER one that it does not. Both are on ports of
// their own, whatever schemas the server has.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { home, visit } from './browser.mjs';
import { ask, leastInput, model } from './records.mjs';

const { ALLOWED: allowed, STRANGER: stranger } = process.env;
assert.ok(allowed && stranger, 'ALLOWED and STRANGER say where there are pages of other sites');

/** A mutation that makes a record, and how many there are. */
const { mutation, list } = await (async () => {
  for (const entity of model.entities) {
    const input = entity.create && (await leastInput(entity));
    if (!input) continue;
    const fresh = async () => ({ query: `mutation ($input: ${entity.create.input}!) { r: ${entity.create.field}(input: $input) { id } }`, variables: { input: await leastInput(entity) } });
    return { mutation: fresh, list: entity.list.field };
  }
  throw new Error('no entity of these schemas can be made without knowing it');
})();
const total = async () => (await ask(`{ l: ${list}(first: 0) { totalCount } }`)).data.l.totalCount;

/** What a script of the page gets when it asks. */
const fetched = (page, init, search = '') =>
  page.evaluate(
    async ([url, init]) => {
      try {
        const response = await fetch(url, init);
        return { type: response.type, status: response.status, text: await response.text() };
      } catch (error) {
        return { refused: error.name };
      }
    },
    [`${home}/graphql${search}`, init],
  );
const json = (body, headers = {}) => ({ method: 'POST', headers: { 'Content-Type': 'application/json', ...headers }, body: JSON.stringify(body) });

test('a page of an allowed site asks, after the browser has, and reads the answer', async (t) => {
  const page = await visit(t, '/', { site: allowed, expected: /status of 400/ });
  assert.equal(await page.evaluate(() => origin), allowed);
  const answer = await fetched(page, json({ query: '{ __typename }' }, { 'X-Explain': 'sql' }));
  assert.deepEqual({ type: answer.type, status: answer.status, data: JSON.parse(answer.text).data }, { type: 'cors', status: 200, data: { __typename: 'Query' } });
  const wrong = await fetched(page, json({ query: '{' }, { Accept: 'application/graphql-response+json' }));
  assert.equal(wrong.status, 400);
  assert.ok(JSON.parse(wrong.text).errors[0].message);

  const before = await total();
  const { text } = await fetched(page, { ...json(await mutation()), credentials: 'include' });
  assert.ok(JSON.parse(text).data.r.id, text);
  assert.equal(await total(), before + 1);
});

test('a page of any other site does not, and nothing runs', async (t) => {
  const blocked = [];
  const page = await visit(t, '/', { site: stranger, expected: /blocked by CORS policy|Failed to load resource/ });
  page.on('console', (message) => blocked.push(message.text()));
  assert.equal(await page.evaluate(() => origin), stranger);
  const before = await total();
  const sent = await mutation();

  assert.deepEqual(await fetched(page, json({ query: '{ __typename }' })), { refused: 'TypeError' });
  assert.deepEqual(await fetched(page, json(sent)), { refused: 'TypeError' });
  assert.equal(blocked.filter((text) => /blocked by CORS policy: Response to preflight request/.test(text)).length, 2, blocked.join('\n'));

  // What a browser sends without having asked.
  const body = JSON.stringify(sent);
  for (const mode of ['cors', 'no-cors']) {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data']) {
      const got = await fetched(page, { method: 'POST', mode, headers: { 'Content-Type': type }, body });
      assert.deepEqual(got, mode === 'cors' ? { refused: 'TypeError' } : { type: 'opaque', status: 0, text: '' });
    }
    const got = await fetched(page, { mode }, `?${new URLSearchParams({ query: sent.query, variables: JSON.stringify(sent.variables) })}`);
    assert.ok(got.refused || got.type === 'opaque');
  }
  const { queued, done } = await page.evaluate(async ([url, body]) => ({ queued: navigator.sendBeacon(url, body), done: await fetch(url, { mode: 'no-cors' }).then((r) => r.type) }), [`${home}/graphql`, body]);
  assert.deepEqual({ queued, done }, { queued: true, done: 'opaque' });
  assert.equal(await total(), before);
  assert.equal((await ask(sent.query, sent.variables)).errors, undefined); // from nowhere, it runs
  assert.equal(await total(), before + 1);
});
