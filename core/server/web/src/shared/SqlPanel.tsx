import type { SqlView } from './answer';

/** The statements that an operation cost: `extensions.sql` of its answer. */
export function SqlPanel({ view }: { view: SqlView }) {
  return (
    <section aria-label="SQL">
      {view.statements.map((s, i) => (
        <pre key={i}>{s.sql}</pre>
      ))}
    </section>
  );
}
