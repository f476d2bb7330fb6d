import { useEffect, useRef, useState } from 'react';

import { bodyOf, type Format, formats, headOf, tailOf } from '../model/export';
import type { Connection } from '../model/operations';
import { download, openTarget } from '../model/target';
import { count } from '../model/values';
import { Trouble } from '../parts/Trouble';
import { exportAll } from './exportAll';
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
      const name = fileName(view, format);
      if (all) {
        await exportAll(view, format, await openTarget(name, format), control.signal, (done, total) => setProgress({ done, total }));
      } else {
        const target = download(name, format);
        await target.write(headOf(format, view.columns) + bodyOf(format, view.model, view.columns, page?.edges ?? [], true) + tailOf(format));
        await target.close();
      }
      setSaid('Saved.');
    } catch (e) {
      // The person took it back, or chose no file.
      if (control.signal.aborted || (e instanceof DOMException && e.name === 'AbortError')) setSaid('Cancelled.');
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
