import './SqlPanel.css';

import { useId, useMemo, useState } from 'react';

import type { SqlStatement, SqlView } from './answer';
import { CopyButton } from './CopyButton';
import { adviceOf } from './sql/advice';
import { formatted, tokens } from './sql/format';
import { planTree, type Step } from './sql/plan';
import type { Run } from './sql/runs';
import { count, milliseconds, pathText, visible } from './text';

/** The most statements that are shown at once; each is some dozen elements. */
const shownAtOnce = 50;

/**
 * What an operation cost: `extensions.sql` of its answer, the dearest statement
 * first. `runs` are those of the same operation, the latest, which is this one, first.
 */
export function SqlPanel({ view, runs = [] }: { view: SqlView; runs?: Run[] }) {
  const [byCost, setByCost] = useState(true);
  const [all, setAll] = useState(false);
  const statements = useMemo(() => {
    const numbered = view.statements.map((statement, i) => ({ statement, number: i + 1 }));
    return byCost ? numbered.sort((a, b) => b.statement.durationMs - a.statement.durationMs) : numbered;
  }, [view, byCost]);
  const shown = all ? statements : statements.slice(0, shownAtOnce);
  return (
    <section className="sql" aria-label="SQL">
      <header className="sql-head">
        <h2>SQL</h2>
        <p>
          <strong>{milliseconds(view.totalMs)}</strong> in {count(view.statements.length, 'statement')}, {count(rowsOf(view), 'row')}
        </p>
        {view.statements.length > 1 && (
          <div role="group" aria-label="Order of the statements" className="switch sql-order">
            <button type="button" aria-pressed={byCost} onClick={() => setByCost(true)}>
              By cost
            </button>
            <button type="button" aria-pressed={!byCost} onClick={() => setByCost(false)}>
              As run
            </button>
          </div>
        )}
      </header>
      {runs.length > 1 && <Runs runs={runs} />}
      {statements.length === 0 && <p className="sql-none">This operation asked nothing of the database.</p>}
      <ol className="sql-list">
        {shown.map(({ statement, number }) => (
          <Statement key={number} statement={statement} number={number} total={view.totalMs} />
        ))}
      </ol>
      {shown.length < statements.length && (
        <button type="button" className="button" onClick={() => setAll(true)}>
          Show {count(statements.length - shown.length, 'more statement')}
        </button>
      )}
    </section>
  );
}

function rowsOf(view: SqlView): number {
  return view.statements.reduce((n, s) => n + s.rows, 0);
}

/** What the last runs of the operation cost, as bars and as text. */
function Runs({ runs }: { runs: Run[] }) {
  const [now, before] = runs;
  const most = Math.max(...runs.map((r) => r.totalMs), 0.001);
  const change = now && before && before.totalMs > 0 ? Math.round((now.totalMs / before.totalMs - 1) * 100) : undefined;
  return (
    <div className="sql-runs">
      <h3>Last runs of this operation</h3>
      {change !== undefined && (
        <p>
          {change === 0 ? 'as the run before' : `${Math.abs(change)} % ${change < 0 ? 'less' : 'more'} than the run before`}
        </p>
      )}
      <ol>
        {runs.map((run) => (
          <li key={run.at}>
            <span>{milliseconds(run.totalMs)}</span>
            <span className="sql-bar" style={{ width: `${Math.max(2, (run.totalMs / most) * 100)}px` }} />
            <span className="sql-quiet">
              {count(run.statements, 'statement')}, {count(run.rows, 'row')}, {new Date(run.at).toLocaleTimeString()}
            </span>
          </li>
        ))}
      </ol>
    </div>
  );
}

function Statement({ statement: s, number, total }: { statement: SqlStatement; number: number; total: number }) {
  const title = useId();
  const text = useMemo(() => visible(formatted(s.sql)), [s.sql]);
  const share = total > 0 ? Math.round((s.durationMs / total) * 100) : 0;
  return (
    <li className="sql-statement" aria-labelledby={title}>
      <div className="sql-line" id={title}>
        <span className="sql-badge">{number}</span>
        <code className="sql-path">{visible(pathText(s.path))}</code>
        <span>{milliseconds(s.durationMs)}</span>
        <span className="sql-bar" style={{ width: `${share / 2}px` }} title={`${share} % of the time`} />
        <span>{count(s.rows, 'row')}</span>
        <CopyButton text={s.sql} label="Copy SQL" />
      </div>
      <div className="sql-body">
        <pre className="sql-text" tabIndex={0} aria-label={`Statement ${number}`}>
          <code>
            {tokens(text).map((t, i) =>
              t.kind === 'other' ? (
                t.text
              ) : (
                <span key={i} className={`sql-${t.kind}`}>
                  {t.text}
                </span>
              ),
            )}
          </code>
        </pre>
        {s.args.length > 0 && <Arguments args={s.args} />}
      </div>
      {s.advice?.map((text) => (
        <AdviceLine key={text} text={text} />
      ))}
      {s.plan && s.plan.length > 0 && <Plan lines={s.plan} />}
    </li>
  );
}

function Arguments({ args }: { args: unknown[] }) {
  return (
    <div className="sql-args">
      <h3>{count(args.length, 'argument')}</h3>
      <ol tabIndex={0}>
        {args.slice(0, 100).map((arg, i) => (
          <li key={i}>
            <Value value={arg} />
          </li>
        ))}
      </ol>
      {args.length > 100 && <p className="sql-quiet">and {args.length - 100} more</p>}
    </div>
  );
}

const shortest = 120;

/** An argument as JSON, the long ones cut until they are asked for. */
function Value({ value }: { value: unknown }) {
  const text = visible(JSON.stringify(value));
  const [whole, setWhole] = useState(text.length <= shortest);
  const kind = typeof value === 'string' ? 'sql-string' : typeof value === 'number' ? 'sql-number' : 'sql-keyword';
  return (
    <>
      <code className={kind}>{whole ? text : `${text.slice(0, shortest)}…`}</code>
      {!whole && (
        <button type="button" className="button small" onClick={() => setWhole(true)}>
          all {count(text.length, 'character')}
        </button>
      )}
    </>
  );
}

function AdviceLine({ text }: { text: string }) {
  const advice = adviceOf(text);
  return (
    <p className="sql-advice">
      <strong>Advice</strong> {visible(advice.text)}
      {advice.line && (
        <>
          <code>{advice.line}</code> <CopyButton text={advice.line} label="Copy line" />
        </>
      )}
    </p>
  );
}

function Plan({ lines }: { lines: string[] }) {
  const steps = useMemo(() => planTree(lines), [lines]);
  return (
    <div className="sql-plan">
      <h3>Plan</h3>
      <Steps steps={steps} />
    </div>
  );
}

function Steps({ steps }: { steps: Step[] }) {
  return (
    <ul>
      {steps.map((step, i) => (
        <li key={i}>
          <code className={step.costly ? 'sql-costly' : undefined}>{visible(step.text)}</code>
          {step.steps.length > 0 && <Steps steps={step.steps} />}
        </li>
      ))}
    </ul>
  );
}
