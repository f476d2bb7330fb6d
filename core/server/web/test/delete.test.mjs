// What the data browser says of a delete before it is done is what happens: on
// whatever schemas the server has, with records at every edge that has a say in it.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { accessible, fits, home, shot, sizes, visit } from './browser.mjs';
import { ask, at, make, model } from './records.mjs';

const html = await fetch(`${home}/data`).then((r) => r.text());
const referrers = JSON.parse(/<script type="application\/json" id="referrers">(.*?)<\/script>/s.exec(html)[1]);
const keeps = ['noAction', 'restrict'];

/** Makes a record that one of each kind refers to, and whatever goes with these, as far as it can be made. */
async function grown(entity, actions, more = {}, depth = 0) {
  const mine = (referrers[entity.name] ?? []).filter((r) => actions.includes(r.action) && model.entity(r.of));
  const input = { ...more };
  for (const { of, edge, back } of mine.filter((r) => !r.edge || r.action === 'unlink')) {
    const field = entity.create?.fields.find((f) => f.name === back);
    const to = field && depth < 3 && (await grown(model.entity(of), actions, {}, depth + 1));
    if (to) input[back] = field.edge.many ? [{ id: to }] : { id: to };
    else assert.ok(!edge || !field || depth >= 3, `no ${of} can be made`);
  }
  const id = await make(entity, input);
  if (!id || depth >= 3) return id;
  for (const { of, edge, action } of mine.filter((r) => r.edge && r.action !== 'unlink')) {
    const child = model.entity(of);
    const field = child.create?.fields.find((f) => f.name === edge);
    if (!field) continue;
    const link = { [edge]: field.edge.many ? [{ id }] : { id } };
    if (action === 'cascade') await grown(child, actions, link, depth + 1);
    else await make(child, link);
  }
  return id;
}

/** Every record that there is: its id, and where its edges lead. */
async function everything() {
  const all = new Map();
  for (const e of model.entities) {
    const edges = e.edges.map((g) => (g.many ? `${g.name}(first: 0) { totalCount }` : `${g.name} { id }`));
    for (let after = null, more = true; more; ) {
      const query = `query ($after: Cursor) { l: ${e.list.field}(first: 100, after: $after) { pageInfo { hasNextPage endCursor } edges { node { id ${edges.join(' ')} } } } }`;
      const { data, errors } = await ask(query, { after });
      assert.equal(errors, undefined);
      for (const { node } of data.l.edges) all.set(node.id, { of: e.name, node });
      ({ hasNextPage: more, endCursor: after } = data.l.pageInfo);
    }
  }
  return all;
}

/** How many records of each kind went, lost a link, or are no longer connected. */
function difference(before, after, root) {
  const told = {};
  const tell = (fate, of, edge) => (told[[fate, of, edge].filter(Boolean).join(' ')] = (told[[fate, of, edge].filter(Boolean).join(' ')] ?? 0) + 1);
  const unlinks = (of, edge) => referrers[edge.target]?.some((r) => r.of === of && r.edge === edge.name && r.action === 'unlink');
  for (const [id, { of, node }] of before) {
    const now = after.get(id)?.node;
    if (!now && id !== root) tell('goes', of);
    if (!now) continue;
    for (const edge of model.entity(of).edges) {
      if (!edge.many && node[edge.name] && !now[edge.name] && referrers[edge.target].some((r) => r.of === of && r.edge === edge.name)) tell('cleared', of, edge.name);
      if (edge.many && unlinks(of, edge) && node[edge.name].totalCount !== now[edge.name].totalCount) tell('unlinked', of, edge.name);
    }
  }
  return told;
}

/** What the dialog says, as `difference` says it. */
async function said(dialog) {
  await dialog.locator('.consequences').waitFor();
  const items = await dialog.locator('li[data-of]').evaluateAll((list) =>
    list.map((li) => ({ fate: li.closest('[data-fate]').dataset.fate, ...li.dataset, link: li.querySelector('a')?.href })),
  );
  return items;
}

const names = ({ fate, of, edge }) => [fate, of, fate === 'goes' ? '' : edge].filter(Boolean).join(' ');

async function checkDelete(page, entity, id) {
  const before = await everything();
  await page.goto(home + at({ of: entity.name, id }));
  await page.getByRole('button', { name: 'Delete' }).click();
  const dialog = page.getByRole('dialog');
  const items = await said(dialog);
  await dialog.getByRole('button', { name: 'Delete' }).click();
  const refused = dialog.locator('.trouble[role="alert"]');
  await refused.or(page.locator('.table-page')).first().waitFor();
  const { data } = await ask(`{ r: node(id: "${id}") { id } }`);
  const stands = items.filter((i) => i.fate === 'keeps');
  assert.equal(data.r !== null, stands.length > 0, `${entity.name}: ${JSON.stringify(items)}, and ${(await refused.count()) ? await refused.textContent() : 'it went'}`);
  const happened = difference(before, await everything(), id);
  if (data.r) return assert.deepEqual(happened, {});
  // An edge without a name from the other side cannot be seen to be cleared by the records that lost it.
  const expected = Object.fromEntries(items.filter((i) => !i.edge?.includes('.') || i.fate === 'goes').map((i) => [names(i), Number(i.total)]));
  assert.deepEqual(happened, expected, `of ${entity.name}`);
  return items;
}

const deletable = model.entities.filter((e) => e.create && e.delete && (referrers[e.name] ?? []).length > 0);

test('says what keeps a record, and then it is kept', async (t) => {
  const page = await visit(t, '/data');
  let kept = 0;
  for (const entity of deletable.filter((e) => referrers[e.name].some((r) => keeps.includes(r.action)))) {
    const id = await grown(entity, ['cascade', 'setNull', 'unlink', ...keeps]);
    if (!id) continue;
    await checkDelete(page, entity, id);
    kept++;
  }
  assert.ok(kept > 0);
});

test('says what goes with a record and what stays, and then it is so', async (t) => {
  const page = await visit(t, '/data');
  const fates = new Set();
  for (const entity of deletable) {
    const id = await grown(entity, ['cascade', 'setNull', 'unlink']);
    if (!id) continue;
    for (const { fate } of (await checkDelete(page, entity, id)) ?? []) fates.add(fate);
  }
  const actions = new Set(Object.values(referrers).flatMap((all) => all.map((r) => r.action)));
  for (const [action, fate] of [['cascade', 'goes'], ['setNull', 'cleared'], ['unlink', 'unlinked']]) {
    if (actions.has(action)) assert.ok(fates.has(fate), `${fate} is not among ${[...fates]}`);
  }
});

test('links to the records that it means', async (t) => {
  const page = await visit(t, '/data');
  const entity = deletable.toSorted((a, b) => referrers[b.name].length - referrers[a.name].length)[0];
  const id = await grown(entity, ['cascade', 'setNull', 'unlink', ...keeps]);
  const path = home + at({ of: entity.name, id });
  await page.goto(path);
  await page.getByRole('button', { name: 'Delete' }).click();
  const items = await said(page.getByRole('dialog'));
  assert.ok(items.length > 0);
  for (const { link, total } of items.filter((i) => i.link)) {
    await page.goto(link);
    await page.locator('.pager', { hasText: `of ${Number(total).toLocaleString('en')}` }).waitFor();
  }
});

for (const colorScheme of ['light', 'dark']) {
  for (const [name, size] of Object.entries(sizes)) {
    test(`the dialog fits and can be read, ${colorScheme} and ${name}`, async (t) => {
      const entity = deletable.toSorted((a, b) => referrers[b.name].length - referrers[a.name].length)[0];
      const id = await grown(entity, ['cascade', 'setNull', 'unlink', ...keeps]);
      const page = await visit(t, at({ of: entity.name, id }), { size, colorScheme });
      await page.getByRole('button', { name: 'Delete' }).click();
      await said(page.getByRole('dialog'));
      await fits(page);
      await accessible(page);
      await shot(page, `delete-${entity.name}-${colorScheme}-${name}`);
    });
  }
}
