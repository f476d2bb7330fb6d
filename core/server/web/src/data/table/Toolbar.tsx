import { useState } from 'react';

import { readFilter, sentenceOf } from '../model/filter';
import type { Connection } from '../model/operations';
import { Expand } from '../parts/Expand';
import { Link } from '../parts/place';
import { ColumnChoice } from './ColumnChoice';
import { Export } from './Export';
import { FilterPanel } from './FilterPanel';
import { OrderPanel } from './OrderPanel';
import type { TableView } from './TablePage';

type Panel = 'filter' | 'order' | 'columns' | 'export';

/** What can be done with a table, and the panel that it is done in. */
export function Toolbar({ view, page }: { view: TableView; page: Connection | null }) {
  const [open, setOpen] = useState<Panel>();
  const { model, entity, place, along, show } = view;
  const where = model.where(along ? along.edge.where : entity.list.where);
  const orders = model.orders(along ? along.edge.orderBy : entity.list.orderBy);
  const sentence = where && place.where ? sentenceOf(model, where, readFilter(model, where, place.where).items) : '';
  const button = (panel: Panel, text: string) => (
    <Expand open={open === panel} onOpen={(on) => setOpen(on ? panel : undefined)} controls={`panel-${panel}`}>
      {text}
    </Expand>
  );
  return (
    <>
      <div className="tools" role="toolbar" aria-label="Table">
        {where && button('filter', 'Filter')}
        {orders.length > 0 && button('order', place.order.length > 0 ? `Order (${place.order.length})` : 'Order')}
        {button('columns', `Columns (${view.columns.length})`)}
        {button('export', 'Export')}
        <span className="gap" />
        {along?.from.update?.fields.some((f) => f.edge?.name === along.edge.name && f.add) && (
          <Link className="button" to={{ page: 'edit', of: along.from.name, id: place.id! }}>
            Connect others
          </Link>
        )}
        {entity.create && (
          <Link className="button primary" to={{ page: 'new', of: entity.name }}>
            New {entity.name}
          </Link>
        )}
      </div>
      {sentence && open !== 'filter' && (
        <p className="sentence">
          <span className="quiet">where</span> <bdi>{sentence}</bdi>{' '}
          <button type="button" onClick={() => show({ where: undefined })}>
            Clear
          </button>
        </p>
      )}
      {open && (
        <section id={`panel-${open}`} className="panel" aria-label={open}>
          {open === 'filter' && where && <FilterPanel view={view} where={where} />}
          {open === 'order' && <OrderPanel view={view} orders={orders} />}
          {open === 'columns' && <ColumnChoice view={view} />}
          {open === 'export' && <Export view={view} page={page} />}
        </section>
      )}
    </>
  );
}
