// The data browser, on whatever schemas the server has: what there is to write is
// found out from the schema, by the page's own reading of it.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';

import { accessible, fits, home, shot, sizes, visit } from './browser.mjs';
import { ask, at, leastInput, make, model, word, words } from './records.mjs';

/**
 * An entity that can be made, changed and deleted, is known by a text of its own, and
 * has an edge to another that is so, too: that edge is the one to connect by.
 */
async function chooseSubject() {
  for (const entity of model.entities) {
    const { create, update, label } = entity;
    if (!create || !update || !entity.delete || !entity.unique.includes(label) || !update.fields.some((f) => f.name === label)) continue;
    for (const edge of entity.edges) {
      const target = model.entity(edge.target);
      const field = create.fields.find((f) => f.name === edge.name);
      const where = model.where(entity.list.where)?.edges.find((e) => e.name === edge.name);
      const asked = model.where(where?.where)?.fields.find((f) => f.name === target.label);
      if (target === entity || !field || !asked || target.label === 'id') continue;
      const to = await make(target);
      const id = to && (await make(entity, { [edge.name]: edge.many ? [{ id: to }] : { id: to } }));
      if (!id) continue;
      const { data } = await ask(`{ r: ${entity.one}(id: "${id}") { ${label} } t: ${target.one}(id: "${to}") { ${target.label} } }`);
      return { entity, edge, target, id, to, name: data.r[label], targetName: data.t[target.label] };
    }
  }
  throw new Error('no entity of these schemas can be made without knowing it');
}

const subject = await chooseSubject();
const { entity, edge, target } = subject;
const rows = (page) => page.locator('.grid tr[data-index]');
const settled = (page) => page.locator('.grid[aria-busy="false"], .pager [role="status"]:has-text("No records")').first().waitFor();

test('lists the entities, and how many records each has', async (t) => {
  const page = await visit(t, '/data');
  await page.locator('tbody tr').first().waitFor();
  assert.deepEqual(await page.locator('tbody th').allTextContents(), model.entities.map((e) => e.name));
  const counts = await ask(`{ ${model.entities.map((e) => `${e.name}: ${e.list.field}(first: 0) { totalCount }`).join(' ')} }`);
  for (const [i, e] of model.entities.entries()) {
    await page.locator('tbody tr').nth(i).locator('td.number', { hasText: counts.data[e.name].totalCount.toLocaleString('en') }).waitFor();
  }
  await page.locator('tbody').getByRole('link', { name: entity.name, exact: true }).click();
  await settled(page);
  await page.goBack();
  await page.getByRole('heading', { name: 'Data' }).waitFor();
});

test('finds a record by a filter over an edge', async (t) => {
  const page = await visit(t, at({ of: entity.name }));
  await settled(page);
  await page.getByRole('button', { name: 'Filter' }).click();
  await page.getByLabel('Add a condition').selectOption({ label: words(edge.name) });
  const inner = page.locator('.filters fieldset').first();
  await inner.getByLabel('Add a condition').selectOption({ label: words(target.label) });
  await inner.getByLabel(`Operator of ${words(target.label)}`).selectOption({ label: 'is' });
  await inner.getByLabel(`Value of ${words(target.label)}`).fill(subject.targetName);
  await page.getByRole('button', { name: 'Apply' }).click();
  await page.waitForURL(/where=/);
  await settled(page);
  const { searchParams } = new URL(page.url());
  assert.equal(JSON.stringify(JSON.parse(searchParams.get('where'))), JSON.stringify({ [withOf(edge)]: [{ [target.label]: subject.targetName }] }));
  await page.locator('.pager', { hasText: '1–1 of 1' }).waitFor();
  assert.equal(await rows(page).count(), 1);
  await rows(page).getByRole('link', { name: subject.id, exact: true }).click();
  await page.getByRole('heading', { level: 1, name: subject.name }).waitFor();
  await page.goBack();
  await settled(page);
  assert.equal(await rows(page).count(), 1);
  await page.reload();
  await settled(page);
  assert.equal(await rows(page).count(), 1);
});

const withOf = ({ name }) => model.where(entity.list.where).edges.find((e) => e.name === name).with;

test('changes a record, and sends what was changed alone', async (t) => {
  const page = await visit(t, at({ of: entity.name, id: subject.id }));
  await page.getByRole('link', { name: 'Change' }).click();
  const changed = word();
  await page.locator(`#field-${entity.label}`).fill(changed);
  const sent = page.waitForRequest((r) => r.postData()?.includes('mutation'));
  await page.getByRole('button', { name: 'Save' }).click();
  assert.deepEqual((await sent).postDataJSON().variables, { id: subject.id, input: { [entity.label]: changed } });
  await page.getByRole('heading', { level: 1, name: changed }).waitFor();
  subject.name = changed;
});

test('shows errors at their fields, all at once', async (t) => {
  const other = await make(entity);
  const page = await visit(t, at({ of: entity.name, id: other, do: 'edit' }));
  const field = page.locator(`#field-${entity.label}`);
  await field.fill(subject.name);
  await page.getByRole('button', { name: 'Save' }).click();
  await page.locator(`#field-${entity.label}-fault`).waitFor();
  assert.equal(await field.getAttribute('aria-invalid'), 'true');
  assert.match(await field.getAttribute('aria-describedby'), new RegExp(`field-${entity.label}-fault`));
  assert.equal(await page.evaluate(() => document.activeElement.id), `field-${entity.label}`);
  await shot(page, 'data-fault');
  await field.fill(word());
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('link', { name: 'Change' }).waitFor();

  await page.goto(home + at({ of: entity.name, do: 'new' }));
  await page.getByRole('button', { name: 'Create' }).click();
  const needed = entity.create.fields.filter((f) => f.required && !f.edge);
  for (const f of needed) await page.locator(`#field-${f.name}-fault`).waitFor();
  assert.ok(needed.length > 0);
  await accessible(page);
  await shot(page, 'data-faults');
});

/** Waits until a picker has found what was written into it. */
const choices = (page) => page.locator('.picker ul[aria-busy="false"]:not([hidden]) li:not([aria-disabled])').first().waitFor();

test('creates a record with a connection', async (t) => {
  const page = await visit(t, at({ of: entity.name }));
  await page.getByRole('link', { name: `New ${entity.name}` }).click();
  const name = word();
  const least = await leastInput(entity);
  for (const field of entity.create.fields.filter((f) => f.required && f.name !== edge.name)) {
    const input = page.locator(`#field-${field.name}`);
    if (!field.edge) await input.fill(field.name === entity.label ? name : String(least[field.name]));
    else {
      await input.fill(least[field.name].id);
      await choices(page);
      await input.press('Enter');
    }
  }
  const to = await make(target); // one that is free: an edge may be to one record alone
  const toName = (await ask(`{ r: ${target.one}(id: "${to}") { ${target.label} } }`)).data.r[target.label];
  const picker = page.locator(`#field-${edge.name}`);
  await picker.fill(toName.slice(1).toUpperCase());
  await choices(page);
  await picker.press('Enter');
  await page.locator('.chip', { hasText: toName }).waitFor();
  await page.getByRole('button', { name: 'Create' }).click();
  await page.getByRole('heading', { level: 1, name }).waitFor();
  const id = new URL(page.url()).searchParams.get('id');
  const selection = edge.many ? `${edge.name} { edges { node { id } } }` : `${edge.name} { id }`;
  const { data } = await ask(`{ r: ${entity.one}(id: "${id}") { ${entity.label} ${selection} } }`);
  assert.deepEqual(data.r, { [entity.label]: name, [edge.name]: edge.many ? { edges: [{ node: { id: to } }] } : { id: to } });
});

test('deletes a record, after it has asked', async (t) => {
  const id = await make(entity);
  const page = await visit(t, at({ of: entity.name, id }));
  await page.getByRole('button', { name: 'Delete' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: 'Keep it' }).click();
  await dialog.waitFor({ state: 'hidden' });
  await page.getByRole('button', { name: 'Delete' }).click();
  await accessible(page);
  await dialog.getByRole('button', { name: 'Delete' }).click();
  await settled(page);
  const { data } = await ask(`{ r: ${entity.one}(id: "${id}") { id } }`);
  assert.equal(data.r, null);
});

test('writes files of what is shown, where the browser does not write as they come', async (t) => {
  const prepare = () => (window.showSaveFilePicker = undefined);
  const page = await visit(t, at({ of: entity.name, columns: `id,${entity.label}`, size: 2 }), { prepare });
  await settled(page);
  await page.getByRole('button', { name: 'Export' }).click();
  const { data } = await ask(`{ list: ${entity.list.field}(first: 1000) { edges { node { id ${entity.label} } } } }`);
  const nodes = data.list.edges.map((e) => e.node);
  const saved = async (name) => {
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name }).click()]);
    return readFile(await download.path(), 'utf8');
  };
  assert.deepEqual(JSON.parse(await saved(/^JSON of all/)), nodes);
  assert.deepEqual(JSON.parse(await saved('JSON of this page')), nodes.slice(0, 2));
  const csv = await saved(/^CSV of all/);
  assert.equal(csv.split('\r\n').length, nodes.length + 2);
  assert.ok(csv.startsWith(`id,${entity.label}\r\n${nodes[0].id},`));
});

test('values are text, whatever they hold', async (t) => {
  const evil = `<script>alert(1)</script> <img src=x onerror=alert(1)> \u202eevil`;
  let made;
  for (const of of [entity, target]) {
    for (const field of of.create.fields.filter((f) => f.type?.kind === 'text' && !f.type.list)) {
      const id = made ? undefined : await make(of, { [field.name]: evil });
      if (id) made = { of, field, id };
    }
  }
  assert.ok(made, 'no text of these takes a text of any kind');
  const { of, field, id } = made;
  const page = await visit(t, at({ of: of.name, id }));
  await page.getByText('<script>alert(1)</script>').first().waitFor();
  assert.match(await page.locator('#main').textContent(), /⟨U\+202E⟩evil/);
  await page.goto(home + at({ of: of.name, order: '-ID', columns: `id,${field.name}` }));
  await page.getByText('<script>alert(1)</script>').first().waitFor();
});

test('opens its request in the playground, and says what it costs', async (t) => {
  const page = await visit(t, at({ of: entity.name, order: '-ID' }));
  await settled(page);
  await page.getByRole('button', { name: 'SQL', exact: true }).click();
  await page.locator('.cost .sql-statement').first().waitFor();
  const href = await page.getByRole('link', { name: 'As GraphQL' }).getAttribute('href');
  const { query, variables } = Object.fromEntries(new URLSearchParams(href.slice(2)));
  const { data, errors } = await ask(query, JSON.parse(variables));
  assert.equal(errors, undefined);
  assert.equal(data[entity.list.field].edges[0].node.id, await rows(page).first().locator('a').first().textContent());
});

test('says which trouble there is, and goes on', async (t) => {
  const page = await visit(t, at({ of: entity.name }), { expected: /Failed to load resource/ });
  await settled(page);
  const troubles = [
    [(route) => route.abort(), 'The server is gone'],
    [(route) => route.fulfill({ status: 504, body: 'late' }), 'No answer in time'],
    [(route) => route.fulfill({ status: 413, body: '' }), 'Too much to send (413)'],
    [(route) => route.fulfill({ status: 200, body: `{"data":{"list":"${'x'.repeat(16_000_001)}"}}` }), 'Too much to show'],
    [(route) => route.fulfill({ json: { data: null, errors: [{ message: 'The complexity is too large.', extensions: { code: 'LIMIT_EXCEEDED' } }] } }), 'Over a limit of the server'],
  ];
  const sort = () => page.locator('th button').first().click();
  const sized = (size) => () => page.getByLabel('per page').selectOption(size);
  const steps = [sort, sort, sized('25'), sized('100'), sized('250')]; // each asks something that was not asked before
  for (const [i, [answer, title]] of troubles.entries()) {
    await page.route('**/graphql', answer);
    await steps[i]();
    await page.locator('.trouble', { hasText: title }).waitFor();
    await page.unroute('**/graphql');
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.locator('.trouble').waitFor({ state: 'detached' });
    await settled(page);
  }
});

test('goes from row to row by the keyboard', async (t) => {
  const page = await visit(t, at({ of: entity.name }));
  await settled(page);
  await rows(page).nth(0).locator('a').first().focus();
  await page.keyboard.press('ArrowDown');
  await page.waitForFunction(() => document.activeElement.closest('tr')?.dataset.index === '1');
  await page.keyboard.press('Enter');
  await page.getByRole('link', { name: 'Change' }).waitFor();
});

for (const colorScheme of ['light', 'dark']) {
  for (const [name, size] of Object.entries(sizes)) {
    test(`fits and can be read, ${colorScheme} and ${name}`, async (t) => {
      const page = await visit(t, '/data', { size, colorScheme });
      const look = async (what) => {
        await fits(page);
        await accessible(page);
        await shot(page, `data-${what}-${colorScheme}-${name}`);
      };
      await page.locator('tbody td.number').first().waitFor();
      await look('home');
      await page.goto(home + at({ of: entity.name, where: JSON.stringify({ [withOf(edge)]: [{ [target.label]: subject.targetName }] }) }));
      await settled(page);
      for (const panel of ['Export', 'Columns', 'Order', 'Filter']) await page.getByRole('button', { name: panel }).click();
      await look('table');
      await page.goto(home + at({ of: entity.name, id: subject.id }));
      await page.getByRole('link', { name: 'Change' }).waitFor();
      await look('record');
      await page.getByRole('link', { name: 'Change' }).click();
      await page.getByRole('button', { name: 'Save' }).waitFor();
      await page.getByRole('combobox').last().click();
      await page.locator('.picker ul[aria-busy="false"]:not([hidden]) li').first().waitFor();
      await look('form');
    });
  }
}
