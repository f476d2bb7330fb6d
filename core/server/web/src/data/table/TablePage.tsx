import { useMemo } from 'react';

import { type Page, sizes, type TablePlace, tableOf } from '../model/address';
import { type Column, chosen, columnsOf, defaultColumns } from '../model/columns';
import { type Connection, pageIn, type Row, tableOperation } from '../model/operations';
import type { Edge, Entity, Model } from '../model/types';
import { count } from '../model/values';
import { useAnswer } from '../parts/ask';
import { go, Link } from '../parts/place';
import { isTooMuch, Partly, Trouble } from '../parts/Trouble';
import { RecordLink } from '../parts/Value';
import { Grid } from './Grid';
import { Toolbar } from './Toolbar';

/** All that the parts of a table have to know of it. */
export interface TableView {
  model: Model;
  /** The entity whose records stand in the table. */
  entity: Entity;
  place: TablePlace;
  all: Column[];
  columns: Column[];
  /** The record and the edge that the table follows. */
  along: { from: Entity; edge: Edge } | undefined;
  /** Shows the table in another way, from its first page unless said. */
  show: (change: Partial<TablePlace>) => void;
}

/** The records of an entity, or of an edge, as a table. */
export function TablePage({ model, entity: of, place }: { model: Model; entity: Entity; place: TablePlace }) {
  const edge = place.edge ? of.edges.find((e) => e.name === place.edge && e.many) : undefined;
  const entity = edge ? model.entity(edge.target) : of;
  if (!entity || (place.edge && !edge)) {
    return (
      <div className="page">
        <h1>
          {of.name} leads to no {place.edge}
        </h1>
        <Link to={tableOf(of.name)}>See all records of {of.name}.</Link>
      </div>
    );
  }
  return <Table model={model} entity={entity} place={place} along={edge && { from: of, edge }} />;
}

function Table({ model, entity, place, along }: Pick<TableView, 'model' | 'entity' | 'place' | 'along'>) {
  const edge = along?.edge;
  const all = useMemo(() => columnsOf(entity, edge), [entity, edge]);
  const columns = useMemo(() => chosen(all, place.columns ?? defaultColumns(all, entity.label)), [all, place.columns, entity]);
  const operation = useMemo(() => tableOperation(model, place, entity, columns, along), [model, place, entity, columns, along?.edge]);
  const answer = useAnswer(operation, true);
  const { page, record } = pageIn(answer.data?.data, entity, along);
  const show = (change: Partial<TablePlace>) => go({ ...place, at: { from: 0 }, ...change });
  const view: TableView = { model, entity, place, all, columns, along, show };
  const smaller = sizes.findLast((size) => size < place.size);
  return (
    <div className="table-page">
      <div className="title">
        <h1>{along ? <Trail view={view} record={record} /> : entity.name}</h1>
        {!along && entity.description && <p className="quiet">{entity.description}</p>}
      </div>
      <Toolbar view={view} page={page} />
      {answer.isError && (
        <Trouble error={answer.error} again={() => void answer.refetch()}>
          {isTooMuch(answer.error) && smaller && (
            <button type="button" onClick={() => show({ size: smaller })}>
              {smaller} records a page
            </button>
          )}
          {(place.where || place.order.length > 0 || place.at.from > 0 || place.columns) && (
            <button type="button" onClick={() => go(tableOf(place.of, along && { id: place.id!, name: along.edge.name }))}>
              Begin anew
            </button>
          )}
        </Trouble>
      )}
      <Partly errors={answer.data?.errors} />
      {along && answer.data && !record && <p className="waiting">This {along.from.name} is not there.</p>}
      {page && !answer.isError && <Grid view={view} page={page} busy={answer.isFetching} />}
      {!page && answer.isPending && <p className="waiting">Reading…</p>}
      <Pager view={view} page={page} busy={answer.isFetching} />
    </div>
  );
}

function Trail({ view: { model, place, along }, record }: { view: TableView; record: Row | null }) {
  const { from, edge } = along!;
  return (
    <>
      <Link to={tableOf(from.name)}>{from.name}</Link> <span className="quiet">›</span>{' '}
      {record ? <RecordLink model={model} target={from.name} row={record} /> : <bdi>{place.id}</bdi>} <span className="quiet">›</span> {edge.name}
    </>
  );
}

/** The steps from page to page, and where this one lies. */
function Pager({ view: { place, show }, page, busy }: { view: TableView; page: Connection | null; busy: boolean }) {
  const step = (at: Page) => show({ at });
  const shown = page?.edges.length ?? 0;
  const total = page?.totalCount ?? 0;
  const from = place.at.last && !place.at.before ? Math.max(0, total - shown) : place.at.from;
  const { hasNextPage: next = false, hasPreviousPage: previous = false, startCursor, endCursor } = page?.pageInfo ?? {};
  return (
    <nav className="pager" aria-label="Pages">
      <button type="button" disabled={!previous} onClick={() => step({ from: 0 })} aria-label="First page">
        «
      </button>
      <button
        type="button"
        disabled={!previous}
        onClick={() => step({ before: startCursor ?? undefined, from: Math.max(0, from - place.size) })}
        aria-label="Previous page"
      >
        ‹
      </button>
      <span role="status">
        {page && (total === 0 ? 'No records' : shown === 0 ? `None here, of ${count(total)}` : `${count(from + 1)}–${count(from + shown)} of ${count(total)}`)}
        {busy && <span className="visually-hidden">, reading</span>}
      </span>
      <button type="button" disabled={!next} onClick={() => step({ after: endCursor ?? undefined, from: from + shown })} aria-label="Next page">
        ›
      </button>
      <button type="button" disabled={!next} onClick={() => step({ last: true, from: Math.max(0, total - place.size) })} aria-label="Last page">
        »
      </button>
      <label>
        <span className="quiet">per page</span>
        <select value={place.size} onChange={(e) => show({ size: Number(e.target.value) })}>
          {[...new Set<number>([...sizes, place.size])]
            .sort((a, b) => a - b)
            .map((size) => (
              <option key={size}>{size}</option>
            ))}
        </select>
      </label>
    </nav>
  );
}

