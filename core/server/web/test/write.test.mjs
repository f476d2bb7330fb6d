// What the data browser does around a write, on whatever schemas the server has.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { accessible, fits, home, shot, sizes, visit } from './browser.mjs';
import { at, make, model, word } from './records.mjs';

/** An entity that can be made and deleted, and whose label can be changed, with a record of it. */
async function subject() {
  for (const entity of model.entities) {
    if (!entity.create || !entity.delete || !entity.unique.includes(entity.label) || !entity.update?.fields.some((f) => f.name === entity.label)) continue;
    const id = await make(entity);
    if (id) return { entity, id };
  }
  throw new Error('no entity of these schemas can be made without knowing it');
}

const { entity, id } = await subject();

test('asks before changes that are not saved are left, and only then', async (t) => {
  const asked = [];
  let leaves = false;
  const page = await visit(t, at({ of: entity.name, id }), {
    answers: (dialog) => {
      asked.push(dialog.type());
      return leaves ? dialog.accept() : dialog.dismiss();
    },
  });
  const field = page.locator(`#field-${entity.label}`);
  const open = () => page.getByRole('link', { name: 'Change' }).click();
  const here = () => new URL(page.url()).searchParams.get('do');

  await open();
  const saved = await field.inputValue();
  await field.fill(word());
  await field.fill(saved); // as it was
  await page.getByRole('link', { name: 'Cancel' }).click();
  await open();
  await field.waitFor();
  await page.goBack();
  await page.getByRole('link', { name: 'Change' }).waitFor();
  assert.deepEqual(asked, []);

  await open();
  const changed = word();
  await field.fill(changed);
  await page.getByRole('link', { name: 'Cancel' }).click();
  assert.deepEqual(asked.splice(0), ['confirm']);
  await page.evaluate(() => history.back());
  await page.waitForFunction(() => location.search.includes('do=edit'));
  for (; asked.length === 0; ) await page.evaluate(() => new Promise(requestAnimationFrame));
  assert.deepEqual(asked.splice(0), ['confirm']);
  await Promise.all([page.waitForEvent('dialog'), page.getByRole('link', { name: 'Playground' }).click({ noWaitAfter: true })]);
  assert.deepEqual(asked.splice(0), ['beforeunload']);
  assert.equal(here(), 'edit');
  assert.equal(await field.inputValue(), changed);

  leaves = true;
  await page.getByRole('link', { name: 'Cancel' }).click();
  await page.getByRole('link', { name: 'Change' }).waitFor();
  assert.deepEqual(asked.splice(0), ['confirm']);
  await open();
  await field.fill(changed);
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('heading', { level: 1, name: changed }).waitFor();
  await page.reload();
  assert.deepEqual(asked, []);
});

test('shows what a change, a new record and a delete cost', async (t) => {
  const page = await visit(t, at({ of: entity.name, id: await make(entity), do: 'edit' }));
  await page.getByRole('button', { name: 'SQL', exact: true }).click();
  const written = page.getByRole('region', { name: 'What the last change cost' });
  const says = (verb) => written.locator('.sql-text', { hasText: verb }).first().waitFor();
  await page.locator(`#field-${entity.label}`).fill(word());
  await page.getByRole('button', { name: 'Save' }).click();
  await says('UPDATE');
  await page.locator('.cost > .sql .sql-text', { hasText: 'SELECT' }).first().waitFor(); // the page's own
  await accessible(page);
  await written.getByRole('button', { name: 'Put away' }).click();
  await written.waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Delete' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await says('DELETE');

  const needs = entity.create.fields.filter((f) => f.required);
  if (needs.some((f) => f.edge)) return; // what is made with a connection is tested with the forms
  await page.goto(home + at({ of: entity.name, do: 'new' }));
  for (const { name } of needs) await page.locator(`#field-${name}`).fill(/mail/i.test(name) ? `${word()}@example.org` : word());
  await page.getByRole('button', { name: 'Create' }).click();
  await says('INSERT');
  for (const colorScheme of ['light', 'dark']) {
    for (const [name, size] of Object.entries(sizes)) {
      await page.setViewportSize(size);
      await page.emulateMedia({ colorScheme });
      await fits(page);
      await accessible(page);
      await shot(page, `written-${colorScheme}-${name}`);
    }
  }
});
