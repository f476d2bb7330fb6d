import { useEffect, useRef, useState } from 'react';

import { bodyOf, exportSize, type Format, formats, headOf, save, tailOf } from '../model/export';
import { type Connection, pageIn, tableOperation } from '../model/operations';
import { count } from '../model/values';
import { ask } from '../parts/ask';
import { isTooMuch, Trouble } from '../parts/Trouble';
import type { TableView } from './TablePage';

/** The table as a file: of this page, or of all pages. */
export function Export({ view, page }: { view: TableView; page: Connection | null }) {
  const [progress, setProgress] = useState<{ done: number; total: number }>();
  const [error, setError] = useState<unknown>();
  const [said, setSaid] = useState('');
  const running = useRef<AbortController>(null);
  useEffect(() => () => running.current?.abort(), []);
  const total = page?.totalCount ?? 0;

  const keep = async (format: Format, all: boolean) => {
    const control = new AbortController();
    running.current = control;
    setError(undefined);
    setSaid('');
    setProgress({ done: 0, total });
    try {
      const parts = all ? await collect(view, format, control.signal, (done, of) => setProgress({ done, total: of })) : [bodyOf(format, view.model, view.columns, page?.edges ?? [], true)];
      save(new Blob([headOf(format, view.columns), ...parts, tailOf(format)], { type: format === 'csv' ? 'text/csv' : 'application/json' }), fileName(view, format));
      setSaid('Saved.');
    } catch (e) {
      if (control.signal.aborted) setSaid('Cancelled.');
      else setError(e);
    }
    setProgress(undefined);
  };

  return (
    <>
      <div className="tools">
        {formats.map((format) => (
          <span key={format} className="pair" role="group" aria-label={format.toUpperCase()}>
            <button type="button" disabled={!page || !!progress} onClick={() => void keep(format, false)}>
              {format.toUpperCase()} of this page
            </button>
            <button type="button" disabled={!page || !!progress} onClick={() => void keep(format, true)}>
              {format.toUpperCase()} of all {count(total)}
            </button>
          </span>
        ))}
        {progress && (
          <>
            <progress value={progress.done} max={Math.max(progress.total, 1)} aria-label="Export" />
            <span>
              {count(progress.done)} of {count(progress.total)}
            </span>
            <button type="button" onClick={() => running.current?.abort()}>
              Cancel
            </button>
          </>
        )}
        <span role="status">{said}</span>
      </div>
      <p className="quiet">The columns shown, in this order, with this filter. Times are in UTC.</p>
      {error !== undefined && <Trouble error={error} />}
    </>
  );
}

function fileName({ place, entity }: TableView, format: Format): string {
  const name = place.edge ? `${place.id}-${place.edge}` : entity.name;
  return `${name.replace(/[^\w.-]+/g, '-').toLowerCase()}.${format}`;
}

/** Reads page after page, and keeps each as text. What is too much for one request is asked for in smaller pages. */
async function collect(view: TableView, format: Format, signal: AbortSignal, onPage: (done: number, total: number) => void): Promise<Blob[]> {
  const parts: Blob[] = [];
  let size = exportSize(view.columns);
  let after: string | undefined;
  let done = 0;
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
    // A Blob may lie on disk, where a long text would stay in memory.
    parts.push(new Blob([bodyOf(format, view.model, view.columns, page.edges, done === 0)]));
    done += page.edges.length;
    onPage(done, page.totalCount);
    if (!page.pageInfo.hasNextPage || !page.pageInfo.endCursor) return parts;
    after = page.pageInfo.endCursor;
  }
}
