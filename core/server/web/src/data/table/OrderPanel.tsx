import type { Order } from '../model/address';
import type { OrderField } from '../model/types';
import { words } from '../model/values';
import type { TableView } from './TablePage';

/** The terms of the order: any that the API has. */
export function OrderPanel({ view: { place, show }, orders }: { view: TableView; orders: OrderField[] }) {
  const { order } = place;
  const change = (next: Order[]) => show({ order: next });
  const put = (i: number, part: Partial<Order>) => change(order.map((o, at) => (at === i ? { ...o, ...part } : o)));
  const free = orders.filter((o) => !order.some((t) => t.field === o.value));
  return (
    <ol className="rows">
      {order.map((term, i) => (
        <li key={term.field}>
          <select aria-label={`Order ${i + 1}`} value={term.field} onChange={(e) => put(i, { field: e.target.value })}>
            {orders
              .filter((o) => o.value === term.field || free.includes(o))
              .map((o) => (
                <option key={o.value} value={o.value}>
                  {textOf(o)}
                </option>
              ))}
          </select>
          <select aria-label={`Direction ${i + 1}`} value={term.direction} onChange={(e) => put(i, { direction: e.target.value as Order['direction'] })}>
            <option value="ASC">ascending</option>
            <option value="DESC">descending</option>
          </select>
          <select aria-label={`Nulls ${i + 1}`} value={term.nulls ?? ''} onChange={(e) => put(i, { nulls: (e.target.value || undefined) as Order['nulls'] })}>
            <option value="">nulls as usual</option>
            <option value="FIRST">nulls first</option>
            <option value="LAST">nulls last</option>
          </select>
          <button type="button" className="bare" aria-label={`Up ${i + 1}`} disabled={i === 0} onClick={() => change(swapped(order, i))}>
            ↑
          </button>
          <button type="button" className="bare" aria-label={`Remove order ${i + 1}`} onClick={() => change(order.filter((_, at) => at !== i))}>
            ×
          </button>
        </li>
      ))}
      {free.length > 0 && (
        <li>
          <select aria-label="Add to the order" value="" onChange={(e) => change([...order, { field: e.target.value, direction: 'ASC' }])}>
            <option value="">{order.length > 0 ? 'then by…' : 'order by…'}</option>
            {free.map((o) => (
              <option key={o.value} value={o.value}>
                {textOf(o)}
              </option>
            ))}
          </select>
        </li>
      )}
    </ol>
  );
}

/** `By the number of comments.` without what every term begins with. */
function textOf({ value, description }: OrderField): string {
  const said = /^By (?:the )?(.+)\.$/.exec(description)?.[1];
  return said ?? words(value);
}

function swapped(order: Order[], i: number): Order[] {
  return order.map((o, at) => (at === i ? order[i - 1]! : at === i - 1 ? order[i]! : o));
}
