import { type FormEvent, useState } from 'react';

import { faultsOf, type Filter, readFilter, writeFilter } from '../model/filter';
import type { Where } from '../model/types';
import { FilterItems } from './FilterItems';
import type { TableView } from './TablePage';

/** The conditions of a table, put together by clicking and applied at once. */
export function FilterPanel({ view, where }: { view: TableView; where: Where }) {
  const { model, place, show } = view;
  const [items, setItems] = useState<Filter[]>(() => readFilter(model, where, place.where ?? {}).items);
  const [faults, setFaults] = useState<string[]>([]);
  const asked = JSON.stringify(place.where ?? {});
  const [seen, see] = useState(asked);
  if (asked !== seen) {
    see(asked);
    // Somebody went back, or cleared it: what is not what stands here.
    if (asked !== JSON.stringify(writeFilter(model, where, items))) setItems(readFilter(model, where, place.where ?? {}).items);
  }
  const apply = (event: FormEvent) => {
    event.preventDefault();
    const found = faultsOf(model, where, items);
    setFaults(found);
    if (found.length > 0) return;
    const conditions = writeFilter(model, where, items);
    show({ where: Object.keys(conditions).length > 0 ? conditions : undefined });
  };
  return (
    <form onSubmit={apply}>
      <FilterItems model={model} where={where} items={items} onItems={setItems} depth={0} />
      {faults.map((fault) => (
        <p key={fault} className="fault" role="alert">
          {fault}
        </p>
      ))}
      <div className="actions">
        <button type="submit" className="primary">
          Apply
        </button>
        {(items.length > 0 || place.where) && (
          <button
            type="button"
            onClick={() => {
              setItems([]);
              show({ where: undefined });
            }}
          >
            Clear all
          </button>
        )}
      </div>
    </form>
  );
}
