// A browser that reaches the server at $COPPICE and nothing else, and tests that fail
// on whatever a page asks of elsewhere, on errors in its console, and on what its
// policy refuses.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { after, before } from 'node:test';

import AxeBuilder from '@axe-core/playwright';
import { chromium } from 'playwright';

/** Where the server is. */
export const home = process.env.COPPICE;
assert.ok(home, 'COPPICE says where the server is: http://127.0.0.1:8080');

const system = ['/usr/bin/chromium-headless-shell', '/usr/bin/chromium', '/usr/bin/google-chrome'].find(existsSync);

let browser;

before(async () => {
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? system, // else Playwright's own
    args: [`--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE ${new URL(home).hostname}`, ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])],
  });
});

after(() => browser.close());

/** The sizes that every page is looked at in. */
export const sizes = { wide: { width: 1440, height: 900 }, narrow: { width: 390, height: 844 } };

/**
 * Opens a page for a test. When it ends, nothing may have gone wrong, but for what
 * `expected` matches in the console, and what `answers` says to a dialog. A page of
 * another site than the server's is opened by `site`; `prepare` runs in the page before
 * its own scripts do.
 */
export async function visit(t, path, { size = sizes.wide, colorScheme = 'light', expected, answers, site = home, prepare } = {}) {
  const context = await browser.newContext({ viewport: size, colorScheme, permissions: ['clipboard-read', 'clipboard-write'] });
  const wrong = [];
  // Of a page of another site's, Playwright would answer in the server's place what the browser asks before it lets a request go, if it watched requests.
  if (site === home) {
    await context.route(
      (url) => url.origin !== new URL(home).origin,
      (route) => {
        wrong.push(`a request to ${route.request().url()}`);
        return route.abort();
      },
    );
  }
  await context.addInitScript(() => {
    addEventListener('securitypolicyviolation', (e) => console.error(`the policy refuses ${e.blockedURI} by ${e.violatedDirective}`));
  });
  if (prepare) await context.addInitScript(prepare);
  const page = await context.newPage();
  page.on('pageerror', (error) => wrong.push(`an error: ${error.message}`));
  page.on('dialog', (dialog) => {
    if (answers) return answers(dialog);
    wrong.push(`a dialog: ${dialog.message()}`);
    return dialog.dismiss();
  });
  page.on('console', (message) => {
    if (message.type() === 'error' && !expected?.test(message.text())) wrong.push(`in the console: ${message.text().slice(0, 500)}`);
  });
  t.after(async () => {
    await context.close();
    assert.deepEqual(wrong, []);
  });
  await page.goto(site + path);
  return page;
}

/** Fails on what keeps people from using the page. */
export async function accessible(page) {
  const { violations } = await new AxeBuilder({ page }).analyze();
  const serious = violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map((n) => `${n.target} ${n.html.slice(0, 160)} ${n.any[0]?.message ?? ''}`).join('\n  ')}`);
  assert.deepEqual(serious, []);
}

/** Fails when the page is wider than the screen. */
export async function fits(page) {
  const widths = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
  assert.ok(widths[0] <= widths[1], `the page is ${widths[0]} wide on a screen of ${widths[1]}`);
}

/** Keeps a picture of the page where $SHOTS says, for people to look at. */
export async function shot(page, name) {
  if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/${name}.png` });
}
