import type { Column } from '../model/columns';
import { words } from '../model/values';
import type { TableView } from './TablePage';

/** Which columns the table has, in which order. */
export function ColumnChoice({ view: { all, columns, place, show } }: { view: TableView }) {
  const keys = columns.map((c) => c.key);
  const choose = (chosen: string[] | undefined) => show({ columns: chosen, at: place.at });
  const move = (key: string, by: number) => {
    const at = keys.indexOf(key);
    const rest = keys.filter((k) => k !== key);
    choose([...rest.slice(0, at + by), key, ...rest.slice(at + by)]);
  };
  return (
    <>
      <ul className="choices">
        {[...columns, ...all.filter((c) => !keys.includes(c.key))].map((column) => {
          const at = keys.indexOf(column.key);
          return (
            <li key={column.key}>
              <label>
                <input
                  type="checkbox"
                  checked={at >= 0}
                  disabled={at >= 0 && keys.length === 1}
                  onChange={(e) => choose(e.target.checked ? [...keys, column.key] : keys.filter((k) => k !== column.key))}
                />
                {nameOf(column)}
              </label>
              {at >= 0 && (
                <span>
                  <button type="button" className="bare" disabled={at === 0} onClick={() => move(column.key, -1)} aria-label={`${nameOf(column)} before`}>
                    ↑
                  </button>
                  <button type="button" className="bare" disabled={at === keys.length - 1} onClick={() => move(column.key, 1)} aria-label={`${nameOf(column)} after`}>
                    ↓
                  </button>
                </span>
              )}
            </li>
          );
        })}
      </ul>
      {place.columns && (
        <button type="button" onClick={() => choose(undefined)}>
          Usual columns
        </button>
      )}
    </>
  );
}

const nameOf = (column: Column) => words(column.key.replace('=', ''));
