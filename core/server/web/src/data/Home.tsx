import { useQueries } from '@tanstack/react-query';

import { tableOf } from './model/address';
import { countOperations } from './model/operations';
import type { Entity, Model } from './model/types';
import { count } from './model/values';
import { ask, useKeepLast, useSql } from './parts/ask';
import { Link } from './parts/place';
import { Trouble } from './parts/Trouble';

/** All entities, and how many records each has. */
export function Home({ model }: { model: Model }) {
  const sql = useSql();
  const answers = useQueries({
    queries: countOperations(model.entities).map((operation) => ({
      queryKey: ['ask', operation.query, operation.variables, sql],
      queryFn: ({ signal }: { signal: AbortSignal }) => ask(operation, { signal, main: true }),
    })),
  });
  useKeepLast(true, countOperations(model.entities)[0], answers[0]?.data);
  const counts = Object.assign({}, ...answers.map((a) => a.data?.data ?? {})) as Record<string, { totalCount: number } | null>;
  const failed = answers.find((a) => a.isError);
  return (
    <div className="page">
      <h1>Data</h1>
      {failed && <Trouble error={failed.error} again={() => answers.forEach((a) => void a.refetch())} />}
      {model.entities.length === 0 ? (
        <p>The schema has no entity yet: write one in ent/schema, run go generate, and start the server again.</p>
      ) : (
        <table className="plain">
          <thead>
            <tr>
              <th scope="col">Entity</th>
              <th scope="col" className="number">
                Records
              </th>
              <th scope="col">Leads to</th>
              <th scope="col" className="wide">
                Description
              </th>
            </tr>
          </thead>
          <tbody>
            {model.entities.map((e) => (
              <EntityRow key={e.name} entity={e} total={counts[e.name]?.totalCount} />
            ))}
          </tbody>
        </table>
      )}
    </div>
  );
}

function EntityRow({ entity, total }: { entity: Entity; total: number | undefined }) {
  const targets = [...new Set(entity.edges.map((e) => e.target))];
  return (
    <tr>
      <th scope="row">
        <Link to={tableOf(entity.name)}>{entity.name}</Link>
      </th>
      <td className="number">{total === undefined ? '' : count(total)}</td>
      <td className="quiet">{targets.join(', ')}</td>
      <td className="quiet wide">{entity.description}</td>
    </tr>
  );
}
