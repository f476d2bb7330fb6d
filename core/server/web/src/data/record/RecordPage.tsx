import { type ReactNode, useMemo, useState } from 'react';

import { tableOf } from '../model/address';
import { chosen, type Column, columnsOf, defaultColumns } from '../model/columns';
import { type Connection, firstOfEdge, recordIn, recordOperation, type Row } from '../model/operations';
import type { Edge, Entity, Field, Model } from '../model/types';
import { count, words } from '../model/values';
import { useAnswer } from '../parts/ask';
import { Link } from '../parts/place';
import { Partly, Trouble } from '../parts/Trouble';
import { Cell, isNumeric, nameOf, RecordLink } from '../parts/Value';
import { DeleteDialog } from './DeleteDialog';
import { FullValue } from './FullValue';

/** The columns in which a record's page shows what an edge leads to. */
export function edgeColumns(model: Model, edge: Edge): Column[] {
  const target = model.entity(edge.target)!;
  const all = columnsOf(target, edge).filter((c) => !c.field?.long || c.key === target.label);
  return chosen(all, defaultColumns(all, target.label)).slice(0, 6);
}

/** A record: all its fields, and everything it leads to. */
export function RecordPage({ model, entity, id }: { model: Model; entity: Entity; id: string }) {
  const operation = useMemo(() => recordOperation(model, entity, id, (edge) => edgeColumns(model, edge)), [model, entity, id]);
  const answer = useAnswer(operation, true);
  const [deletes, setDeletes] = useState(false);
  const record = answer.isPlaceholderData ? undefined : recordIn(answer.data?.data, entity);
  return (
    <article className="page record">
      <div className="title">
        <h1>
          <Link to={tableOf(entity.name)}>{entity.name}</Link> <span className="quiet">›</span> <bdi>{record ? nameOf(model, entity.name, record) : id}</bdi>
        </h1>
        <span className="gap" />
        <span className="pair">
          {record && entity.update && (
            <Link className="button" to={{ page: 'edit', of: entity.name, id }}>
              Change
            </Link>
          )}
          {record && entity.delete && (
            <button type="button" className="danger" onClick={() => setDeletes(true)}>
              Delete
            </button>
          )}
        </span>
      </div>
      {answer.isError && <Trouble error={answer.error} again={() => void answer.refetch()} />}
      {record === undefined && answer.isFetching && <p className="waiting">Reading…</p>}
      {record === null && !answer.isError && <p>There is no {entity.name} of this id, or it cannot be read.</p>}
      <Partly errors={answer.data?.errors} />
      {record && <Fields model={model} entity={entity} record={record} />}
      {record && entity.edges.filter((e) => e.many).map((edge) => <Leads key={edge.name} model={model} entity={entity} record={record} edge={edge} />)}
      {deletes && record && <DeleteDialog model={model} entity={entity} record={record} onClose={() => setDeletes(false)} />}
    </article>
  );
}

function Fields({ model, entity, record }: { model: Model; entity: Entity; record: Row }) {
  return (
    <dl className="fields">
      {entity.fields.map((field: Field) => (
        <Named key={field.name} name={field.name} description={field.description}>
          <FullValue entity={entity} field={field} id={record.id} value={record[field.name]} />
        </Named>
      ))}
      {entity.edges
        .filter((e) => !e.many)
        .map((edge) => (
          <Named key={edge.name} name={edge.name} description={edge.description}>
            {record[edge.name] ? <RecordLink model={model} target={edge.target} row={record[edge.name] as Row} /> : <span className="null">null</span>}
          </Named>
        ))}
    </dl>
  );
}

function Named({ name, description, children }: { name: string; description: string; children: ReactNode }) {
  return (
    <div>
      <dt title={description || undefined}>{words(name)}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** The first records of a to-many edge, and the way to all of them. */
function Leads({ model, entity, record, edge }: { model: Model; entity: Entity; record: Row; edge: Edge }) {
  const page = record[edge.name] as Connection | null;
  const columns = useMemo(() => edgeColumns(model, edge), [model, edge]);
  const total = page?.totalCount ?? 0;
  const id = `edge-${edge.name}`;
  return (
    <section aria-labelledby={id}>
      <h2 id={id} title={edge.description || undefined}>
        {total > 0 ? <Link to={tableOf(entity.name, { id: record.id, name: edge.name })}>{words(edge.name)}</Link> : words(edge.name)}{' '}
        <span className="quiet">{count(total)}</span>
      </h2>
      {page && total > 0 && (
        <div className="scroll" tabIndex={0} role="region" aria-label={`${edge.name}, the first ${Math.min(total, firstOfEdge)}`}>
          <table className="plain">
            <thead>
              <tr>
                {columns.map((c) => (
                  <th key={c.key} scope="col" className={isNumeric(c) ? 'number' : undefined}>
                    {words(c.key.replace('=', ''))}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {page.edges.map(({ node, ...own }, i) => (
                <tr key={i}>
                  {node &&
                    columns.map((c) => (
                      <td key={c.key} className={isNumeric(c) ? 'number' : undefined}>
                        <Cell model={model} of={edge.target} column={c} row={node} own={own} link={c.key === 'id'} />
                      </td>
                    ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {total > firstOfEdge && <Link to={tableOf(entity.name, { id: record.id, name: edge.name })}>All {count(total)}</Link>}
    </section>
  );
}
