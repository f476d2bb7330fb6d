import './workers';
// What graphiql/style.css is made of, but for the editor's styles, which come with the editor,
// and the fonts, of which every system has its own.
import '@graphiql/react/style.css';
import '@graphiql/plugin-doc-explorer/style.css';
import '@graphiql/plugin-history/style.css';
import 'graphiql/graphiql.css';
import '@graphiql/plugin-explorer/style.css';
import './playground.css';

import { explorerPlugin } from '@graphiql/plugin-explorer';
import { HISTORY_PLUGIN } from '@graphiql/plugin-history';
import { GraphiQL } from 'graphiql';
import { useEffect, useMemo, useRef, useState } from 'react';

import { keepRun, type Run } from '../shared/sql/runs';
import { SqlPanel } from '../shared/SqlPanel';
import { milliseconds } from '../shared/text';
import { useTheme } from '../shared/theme';
import { ThemeSwitch } from '../shared/ThemeSwitch';
import { fetcherThat, type Outcome } from './fetcher';
import { nameParts } from './names';
import { SplitButton } from './SplitButton';

const plugins = [HISTORY_PLUGIN, explorerPlugin({ showAttribution: false })];

// What the scalars of the API take in variables.
const whole = { type: ['string', 'integer'] as ('string' | 'integer')[] };
const scalars = { JSON: {}, BigInt: whole };

interface Shown extends Outcome {
  runs: Run[];
}

/** The playground: GraphiQL, and below the answer what it cost. */
export function Playground({ first, opened }: { first: string; opened?: { query: string; variables: string } }) {
  const { theme } = useTheme();
  const [shown, show] = useState<Shown>();
  const fetcher = useMemo(
    () => fetcherThat((outcome) => show({ ...outcome, runs: outcome.sql ? keepRun(outcome.operation, outcome.sql) : [] })),
    [],
  );
  const page = useRef<HTMLDivElement>(null);
  useEffect(() => (page.current ? nameParts(page.current) : undefined), []);
  return (
    <div ref={page} className="playground">
      <GraphiQL
        fetcher={fetcher}
        plugins={plugins}
        defaultQuery={first}
        initialQuery={opened?.query}
        initialVariables={opened?.variables}
        forcedTheme={theme}
        customScalarSchemas={scalars}
        shouldPersistHeaders={false}
      >
        <GraphiQL.Logo>
          <nav className="brand" aria-label="Pages">
            <strong>Coppice</strong>
            <a href="/data">Data</a>
            <ThemeSwitch />
          </nav>
        </GraphiQL.Logo>
        <GraphiQL.Toolbar>
          {({ prettify, merge, copy }) => (
            <>
              {prettify}
              {merge}
              {copy}
              <SplitButton />
            </>
          )}
        </GraphiQL.Toolbar>
        <GraphiQL.Footer>
          <Cost shown={shown} />
        </GraphiQL.Footer>
      </GraphiQL>
    </div>
  );
}

function Cost({ shown }: { shown?: Shown }) {
  return (
    <div className="cost">
      {shown?.failure && (
        <p className="failure" role="alert">
          {shown.failure.message}
        </p>
      )}
      {shown?.sql && (
        <>
          <p className="cost-time" role="status">
            Answered in {milliseconds(shown.ms)}
          </p>
          <SqlPanel view={shown.sql} runs={shown.runs} />
        </>
      )}
      {!shown && <p className="cost-none">Run an operation to see here what it asks of the database, and what that costs.</p>}
      {shown && !shown.sql && !shown.failure && <p className="cost-none">The answer tells nothing of its SQL: it was refused before it ran, or the server is not in dev mode.</p>}
    </div>
  );
}
