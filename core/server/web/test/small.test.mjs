// The playground of a server whose pages are not built, on whatever schemas it has.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { accessible, fits, shot, sizes, visit } from './browser.mjs';

for (const colorScheme of ['light', 'dark']) {
  for (const [name, size] of Object.entries(sizes)) {
    test(`runs a first query and shows its SQL and the types, ${colorScheme} and ${name}`, async (t) => {
      const page = await visit(t, '/', { size, colorScheme });
      await page.locator('#types li').nth(5).waitFor();
      await page.locator('#query').press('Control+Enter');
      await page.locator('#sql pre').first().waitFor();
      assert.match(await page.locator('#answer').textContent(), /^\{\s+"data": \{/);
      assert.match(await page.locator('#status').textContent(), /ms in \d+ statements/);
      assert.match(await page.locator('header').textContent(), /make run/);
      await fits(page);
      await accessible(page);
      await shot(page, `small-${colorScheme}-${name}`);
    });
  }
}

test('says what is wrong, and goes on', async (t) => {
  const page = await visit(t, '/', { expected: /Failed to load resource/ });
  await page.locator('#types li').nth(5).waitFor();
  await page.getByText('Variables and headers').click();
  for (const [field, text, sentence] of [
    ['#variables', '{', /The variables are no JSON/],
    ['#headers', 'nothing', /is no header/],
  ]) {
    await page.locator(field).fill(text);
    await page.getByRole('button', { name: 'Run' }).click();
    assert.match(await page.locator('#status').textContent(), sentence);
    await page.locator(field).fill('');
  }
  await page.route('**/graphql', (route) => route.abort());
  await page.getByRole('button', { name: 'Run' }).click();
  await page.getByText('The server cannot be reached').waitFor();
  await page.unroute('**/graphql');
  await page.locator('#query').fill('{ nothingOfTheKind }');
  await page.getByRole('button', { name: 'Run' }).click();
  await page.locator('#answer', { hasText: 'GRAPHQL_VALIDATION_FAILED' }).waitFor();
});
