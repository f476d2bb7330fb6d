// What tests of the playground do with it.
import { visit } from './browser.mjs';

/** Opens the playground, and waits until its editor is there. */
export async function playground(t, path = '/', options) {
  const page = await visit(t, path, options);
  await page.locator('.graphiql-query-editor .view-line').first().waitFor();
  return page;
}

/** Runs what is in the editor, by the button or as told, and returns what was sent and what came. */
export async function run(page, go = () => page.locator('.graphiql-execute-button').click()) {
  let came;
  const ran = new Promise((resolve, reject) => (came = { resolve, reject }));
  const pass = async (route) => {
    const request = route.request();
    if (request.postData().includes('IntrospectionQuery')) return route.fallback();
    try {
      const response = await route.fetch();
      await route.fulfill({ response });
      came.resolve({ headers: request.headers(), sent: JSON.parse(request.postData()), answer: await response.json() });
    } catch (error) {
      came.reject(error);
    }
  };
  await page.route('**/graphql', pass);
  await go();
  const result = await ran;
  await page.unroute('**/graphql', pass);
  return result;
}
