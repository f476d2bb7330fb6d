import { bodyOf, exportSize, type Format, headOf, tailOf } from '../model/export';
import { type Connection, pageIn, tableOperation } from '../model/operations';
import type { Target } from '../model/target';
import { ask } from '../parts/ask';
import { isTooMuch } from '../parts/Trouble';
import type { TableView } from './TablePage';

/** Writes all pages of a table as they come, of which one is in memory at a time. Where that ends early, nothing is left of it. */
export async function exportAll(view: TableView, format: Format, target: Target, signal: AbortSignal, onPage: (done: number, total: number) => void): Promise<void> {
  try {
    await target.write(headOf(format, view.columns));
    let first = true;
    let done = 0;
    for await (const { edges, totalCount } of pagesOf(view, signal)) {
      const text = bodyOf(format, view.model, view.columns, edges, first);
      await target.write(text);
      first &&= text === '';
      done += edges.length;
      onPage(done, totalCount);
    }
    await target.write(tailOf(format));
    signal.throwIfAborted();
    await target.close();
  } catch (error) {
    await target.drop();
    throw error;
  }
}

/** Page after page. What is too much for one request is asked for in smaller pages. */
async function* pagesOf(view: TableView, signal: AbortSignal): AsyncGenerator<Connection> {
  let size = exportSize(view.columns);
  let after: string | undefined;
  for (;;) {
    const operation = tableOperation(view.model, { ...view.place, size, at: { after, from: 0 } }, view.entity, view.columns, view.along);
    let page: Connection | null;
    try {
      const answer = await ask(operation, { signal });
      page = pageIn(answer.data, view.entity, view.along).page;
    } catch (e) {
      if (!isTooMuch(e) || size < 2) throw e;
      size = Math.floor(size / 2);
      continue;
    }
    if (!page) throw new Error('The record that this table follows is there no more.');
    yield page;
    if (!page.pageInfo.hasNextPage || !page.pageInfo.endCursor) return;
    after = page.pageInfo.endCursor;
  }
}
