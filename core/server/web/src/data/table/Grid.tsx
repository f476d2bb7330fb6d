import { columnResizingFeature, columnSizingFeature, createColumnHelper, tableFeatures, useTable } from '@tanstack/react-table';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, memo, useMemo, useRef } from 'react';

import type { Order } from '../model/address';
import type { Column } from '../model/columns';
import type { Connection, Row } from '../model/operations';
import type { Model } from '../model/types';
import { words } from '../model/values';
import { Cell, isNumeric } from '../parts/Value';
import type { TableView } from './TablePage';

const features = tableFeatures({ columnSizingFeature, columnResizingFeature });

interface Line {
  row: Row;
  own: Record<string, unknown>;
}

const helper = createColumnHelper<typeof features, Line>();
const rowHeight = 32;

/** A page of records. Only the rows in sight are in the document. */
export function Grid({ view, page, busy }: { view: TableView; page: Connection; busy: boolean }) {
  const { model, entity, columns } = view;
  const data = useMemo(() => page.edges.flatMap(({ node, ...own }) => (node ? [{ row: node, own }] : [])), [page]);
  const definitions = useMemo(
    () => helper.columns(columns.map((c) => helper.display({ id: c.key, size: c.width, minSize: 60 }))),
    [columns],
  );
  const table = useTable({ features, columns: definitions, data, getRowId: (line: Line, i: number) => `${i} ${line.row.id}`, columnResizeMode: 'onChange' });
  const scroller = useRef<HTMLDivElement>(null);
  const rows = table.getRowModel().rows;
  const virtual = useVirtualizer({ count: rows.length, getScrollElement: () => scroller.current, estimateSize: () => rowHeight, overscan: 12 });
  const items = virtual.getVirtualItems();
  const before = items[0]?.start ?? 0;
  const after = virtual.getTotalSize() - (items.at(-1)?.end ?? 0);
  const headers = table.getHeaderGroups()[0]?.headers ?? [];
  const walk = (event: KeyboardEvent) => step(event, (index) => virtual.scrollToIndex(index), rows.length);
  return (
    <div className="grid" ref={scroller} tabIndex={0} role="region" aria-label={`${entity.name} records`} aria-busy={busy} onKeyDown={walk}>
      <table style={{ width: table.getTotalSize() }} aria-rowcount={rows.length + 1}>
        <colgroup>
          {headers.map((h) => (
            <col key={h.id} style={{ width: h.getSize() }} />
          ))}
        </colgroup>
        <thead>
          <tr aria-rowindex={1}>
            {headers.map((header, i) => (
              <Head key={header.id} view={view} column={columns[i]!} onResize={header.getResizeHandler()} />
            ))}
          </tr>
        </thead>
        <tbody>
          {before > 0 && <tr aria-hidden="true" style={{ height: before }} />}
          {items.map((item) => {
            const { row, own } = rows[item.index]!.original;
            return (
              <BodyRow key={item.index} index={item.index} model={model} of={entity.name} columns={columns} row={row} own={own} />
            );
          })}
          {after > 0 && <tr aria-hidden="true" style={{ height: after }} />}
        </tbody>
      </table>
    </div>
  );
}

interface BodyRowProps extends Line {
  index: number;
  model: Model;
  of: string;
  columns: Column[];
}

/** A row, which is drawn once for as long as it is in sight. */
const BodyRow = memo(function BodyRow({ index, model, of, columns, row, own }: BodyRowProps) {
  return (
    <tr data-index={index} aria-rowindex={index + 2}>
      {columns.map((column, i) => (
        <td key={column.key} className={isNumeric(column) ? 'number' : undefined}>
          <Cell model={model} of={of} column={column} row={row} own={own} link={i === 0 && !column.edge} />
        </td>
      ))}
    </tr>
  );
});

/** Up and down go from row to row, as long as a row's link has the focus. */
function step(event: KeyboardEvent, reveal: (index: number) => void, rows: number): void {
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const at = (event.target as HTMLElement).closest('tr[data-index]');
  if (!by || !at) return;
  const index = Number(at.getAttribute('data-index')) + by;
  if (index < 0 || index >= rows) return;
  event.preventDefault();
  reveal(index);
  const grid = event.currentTarget;
  requestAnimationFrame(() => grid.querySelector<HTMLElement>(`tr[data-index="${index}"] a`)?.focus({ preventScroll: true }));
}

function Head({ view, column, onResize }: { view: TableView; column: Column; onResize: (event: unknown) => void }) {
  const { place, show } = view;
  const at = column.order ? place.order.find((o) => o.field === column.order) : undefined;
  const sorted = at ? (at.direction === 'ASC' ? 'ascending' : 'descending') : undefined;
  const description = column.field?.description ?? column.edge?.description;
  const name = words(column.key.replace('=', ''));
  const zone = column.field?.type.kind === 'time' && <small> UTC</small>;
  return (
    <th scope="col" className={isNumeric(column) ? 'number' : undefined} aria-sort={sorted} title={description || undefined}>
      {column.order ? (
        <button type="button" onClick={(e) => show({ order: nextOrder(place.order, column.order!, e.shiftKey) })}>
          {name}
          {zone}
          {at && <span aria-hidden="true">{at.direction === 'ASC' ? ' ↑' : ' ↓'}</span>}
        </button>
      ) : (
        <span>
          {name}
          {zone}
        </span>
      )}
      <span className="resize" aria-hidden="true" onMouseDown={onResize} onTouchStart={onResize} />
    </th>
  );
}

/** A column goes from ascending to descending to none. With shift it joins those before it. */
function nextOrder(order: Order[], field: string, joins: boolean): Order[] {
  const at = order.find((o) => o.field === field);
  const next: Order[] = at?.direction === 'DESC' ? [] : [{ field, direction: at ? 'DESC' : 'ASC', nulls: at?.nulls }];
  if (!joins) return next;
  return at ? order.flatMap((o) => (o === at ? next : [o])) : [...order, ...next];
}
