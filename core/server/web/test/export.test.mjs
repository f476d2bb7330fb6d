// The export of a whole table into a file that the person chooses, on whatever schemas
// the server has. The chooser is the test's; the files that it gives are files of the
// browser's own, which are written as those on disk are.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { runnerImport } from 'vite';

import { accessible, fits, shot, sizes, visit } from './browser.mjs';
import { ask, at, make, model } from './records.mjs';

/** An entity that can be made, has a text, and has some records. */
const entity = await (async () => {
  for (const of of model.entities.filter((e) => e.label !== 'id')) {
    const made = [];
    for (let i = 0; i < 8; i++) made.push(await make(of));
    if (made.every(Boolean)) return of;
  }
  throw new Error('no entity of these schemas can be made without knowing it');
})();

/** Puts the chooser into a page, and keeps what is written and removed, once it is. */
function choosing() {
  window.chosen = [];
  window.pieces = [];
  window.showSaveFilePicker = async (options) => {
    window.chosen.push(options);
    return (await navigator.storage.getDirectory()).getFileHandle(options.suggestedName, { create: true });
  };
  const { write } = FileSystemWritableFileStream.prototype;
  FileSystemWritableFileStream.prototype.write = async function (text) {
    await write.call(this, text);
    window.pieces.push(text);
  };
  const { remove } = FileSystemFileHandle.prototype;
  FileSystemFileHandle.prototype.remove = async function () {
    await remove.call(this);
    window.removed = true;
  };
}

/** The files that there are, and what is in them. */
const files = (page) =>
  page.evaluate(async () => {
    const all = {};
    for await (const [name, file] of (await navigator.storage.getDirectory()).entries()) if (!name.endsWith('.crswap')) all[name] = await (await file.getFile()).text();
    return all;
  });

/** Opens the table's export, whose every request is answered by what `watches` makes of it. */
async function exporting(t, watches, options = {}) {
  const page = await visit(t, at({ of: entity.name, columns: `id,${entity.label}`, size: 2 }), { prepare: choosing, ...options });
  await page.locator('.grid[aria-busy="false"]').first().waitFor();
  await page.getByRole('button', { name: 'Export' }).click();
  const { data } = await ask(`{ list: ${entity.list.field}(first: 1000) { edges { node { id ${entity.label} } } } }`);
  const nodes = data.list.edges.map((e) => e.node);
  const most = Math.ceil(nodes.length / 3); // what makes it more than two pages
  let asked = 0;
  await page.route('**/graphql', async (route) => {
    const { variables } = route.request().postDataJSON();
    if (variables.first <= most) return watches(route, asked++);
    return route.fulfill({ json: { data: null, errors: [{ message: 'That is too much.', extensions: { code: 'LIMIT_EXCEEDED' } }] } });
  });
  const press = (format) => page.getByRole('button', { name: new RegExp(`^${format} of all`) }).click();
  return { page, nodes, press, asked: () => asked };
}

const { cell } = (await runnerImport(new URL('../src/data/model/export.ts', import.meta.url).pathname)).module;
const csv = (nodes) => nodes.map((n) => `${n.id},${cell(n[entity.label])}\r\n`).join('');

test('rows are in the file before the next are asked for', async (t) => {
  const written = []; // how many pieces were, when a page was asked for
  const { page, nodes, press, asked } = await exporting(t, async (route) => {
    written.push(await page.evaluate(() => window.pieces.length));
    await route.continue();
  });
  const downloads = [];
  page.on('download', (download) => downloads.push(download.suggestedFilename()));
  const name = entity.name.toLowerCase();
  for (const [format, read] of [['JSON', JSON.parse], ['CSV', (text) => text]]) {
    const before = asked();
    await page.evaluate(() => window.pieces.splice(0));
    await press(format);
    await page.getByText('Saved.', { exact: true }).waitFor();
    const pages = asked() - before;
    assert.ok(pages > 2, `${pages} pages`);
    assert.deepEqual(written.splice(0), Array.from({ length: pages }, (_, i) => 1 + i)); // the head, and each page before
    const pieces = await page.evaluate(() => window.pieces);
    assert.equal(pieces.length, pages + 2); // and what ends it
    const { [`${name}.${format.toLowerCase()}`]: text } = await files(page);
    assert.equal(text, pieces.join(''));
    assert.deepEqual(read(text), format === 'JSON' ? nodes : `id,${entity.label}\r\n${csv(nodes)}`);
  }
  assert.deepEqual((await page.evaluate(() => window.chosen)).map((c) => [c.suggestedName, c.types[0].accept]), [
    [`${name}.json`, { 'application/json': ['.json'] }],
    [`${name}.csv`, { 'text/csv': ['.csv'] }],
  ]);
  assert.deepEqual(downloads, []);
});

for (const [how, end] of Object.entries({
  cancelled: async (page) => {
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByText('Cancelled.', { exact: true }).waitFor();
  },
  left: async (page) => page.getByRole('link', { name: 'Data', exact: true }).first().click(),
})) {
  test(`what is ${how} leaves no half file`, async (t) => {
    let hold = () => {};
    const held = new Promise((resolve) => (hold = resolve));
    const { page, press, nodes } = await exporting(t, (route, i) => (i === 1 ? hold(route) : route.continue()));
    await press('CSV');
    await held;
    assert.equal((await page.evaluate(() => window.pieces)).length, 2); // the head and a page
    assert.deepEqual(Object.values(await files(page)), ['']);
    await end(page);
    await page.waitForFunction(() => window.removed);
    assert.deepEqual(await files(page), {});
    if (how === 'left') return;
    await press('CSV'); // and it can be begun again
    await page.getByText('Saved.', { exact: true }).waitFor();
    assert.deepEqual(Object.values(await files(page)), [`id,${entity.label}\r\n${csv(nodes)}`]);
  });
}

test('says which trouble there is, and leaves no half file', async (t) => {
  let lost = true;
  const { page, press } = await exporting(t, (route, i) => (lost && i === 1 ? route.abort() : route.continue()), { expected: /Failed to load resource/ });
  await press('JSON');
  await page.locator('.trouble', { hasText: 'The server is gone' }).waitFor();
  assert.deepEqual(await files(page), {});
  lost = false;
  await page.evaluate(() => {
    FileSystemWritableFileStream.prototype.write = () => Promise.reject(new DOMException('The disk is full.', 'QuotaExceededError'));
  });
  await press('JSON');
  await page.locator('.trouble', { hasText: 'Not written' }).getByText('The file cannot be written: The disk is full.').waitFor();
  assert.deepEqual(await files(page), {});
});

test('asks nothing where no file is chosen', async (t) => {
  const { page, press, asked } = await exporting(t, (route) => route.continue());
  await page.evaluate(() => {
    window.showSaveFilePicker = () => Promise.reject(new DOMException('The user aborted a request.', 'AbortError'));
  });
  await press('CSV');
  await page.getByText('Cancelled.', { exact: true }).waitFor();
  assert.equal(await page.locator('.trouble').count(), 0);
  assert.equal(asked(), 0);
});

for (const colorScheme of ['light', 'dark']) {
  for (const [name, size] of Object.entries(sizes)) {
    test(`fits and can be read while it goes on, ${colorScheme} and ${name}`, async (t) => {
      let hold = () => {};
      const held = new Promise((resolve) => (hold = resolve));
      const { page, press } = await exporting(t, (route, i) => (i === 1 ? hold(route) : route.continue()), { size, colorScheme });
      await press('CSV');
      await held;
      await page.getByRole('progressbar', { name: 'Export' }).waitFor();
      await fits(page);
      await accessible(page);
      await shot(page, `export-${colorScheme}-${name}`);
    });
  }
}
