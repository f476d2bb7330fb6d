import { useQuery } from '@tanstack/react-query';
import { buildClientSchema, getIntrospectionQuery, type IntrospectionQuery } from 'graphql';
import { useEffect } from 'react';

import { playgroundAddress } from '../shared/address';
import { request } from '../shared/request';
import { SqlPanel } from '../shared/SqlPanel';
import { ThemeSwitch } from '../shared/ThemeSwitch';
import { FormPage } from './form/FormPage';
import { Home } from './Home';
import type { Place } from './model/address';
import { tableOf } from './model/address';
import { readModel } from './model/schema';
import type { Model } from './model/types';
import { forgetWritten, Refusal, showSql, useLast, useSql, useWritten } from './parts/ask';
import { Link, usePlace } from './parts/place';
import { Trouble } from './parts/Trouble';
import { RecordPage } from './record/RecordPage';
import { TablePage } from './table/TablePage';

/** Reads the schema from the API. */
async function readSchema(signal: AbortSignal): Promise<Model> {
  const query = getIntrospectionQuery({ oneOf: true, inputValueDeprecation: false });
  const { data, errors } = await request<IntrospectionQuery>({ query }, { explain: 'off', signal });
  if (!data) throw new Refusal(errors ?? []);
  return readModel(buildClientSchema(data));
}

/** The data browser. */
export function App() {
  const schema = useQuery({ queryKey: ['schema'], queryFn: ({ signal }) => readSchema(signal), staleTime: Infinity });
  const place = usePlace();
  const model = schema.data;
  return (
    <div className="app">
      <Header model={model} place={place} />
      {model && <Entities model={model} place={place} />}
      <main id="main">
        {schema.isError && <Trouble error={schema.error} again={() => void schema.refetch()} />}
        {schema.isPending && <p className="waiting">Reading the schema…</p>}
        {model && <Shown model={model} place={place} />}
      </main>
      <Cost />
    </div>
  );
}

function Shown({ model, place }: { model: Model; place: Place }) {
  const entity = place.page === 'home' ? undefined : model.entity(place.of);
  useEffect(() => {
    document.title = `${place.page === 'home' ? 'Data' : 'id' in place && place.id ? `${place.of} ${place.id}` : place.of} · Coppice`;
  }, [place]);
  if (place.page === 'home') return <Home model={model} />;
  if (!entity) {
    return (
      <div className="page">
        <h1>There is no {place.of}</h1>
        <p>
          The schema has no entity of this name. <Link to={{ page: 'home' }}>See those that there are.</Link>
        </p>
      </div>
    );
  }
  switch (place.page) {
    case 'table':
      return <TablePage key={`${place.of} ${place.id ?? ''} ${place.edge ?? ''}`} model={model} entity={entity} place={place} />;
    case 'record':
      return <RecordPage key={place.id} model={model} entity={entity} id={place.id} />;
    case 'new':
      return <FormPage key="new" model={model} entity={entity} />;
    case 'edit':
      return <FormPage key={place.id} model={model} entity={entity} id={place.id} />;
  }
}

function Header({ model, place }: { model: Model | undefined; place: Place }) {
  const sql = useSql();
  const { operation } = useLast();
  return (
    <header className="bar">
      <a className="skip" href="#main">
        Skip to the content
      </a>
      <Link to={{ page: 'home' }} className="brand" aria-current={place.page === 'home' ? 'page' : undefined}>
        Data
      </Link>
      <a href="/">Playground</a>
      <span className="gap" />
      {model && operation && (
        <a className="button" href={playgroundAddress(operation)} title="Opens this page's last request in the playground">
          <span className="wide">As&nbsp;</span>GraphQL
        </a>
      )}
      <button type="button" aria-pressed={sql} onClick={() => showSql(!sql)} title="What this page's last request cost the database">
        SQL
      </button>
      <ThemeSwitch />
    </header>
  );
}

function Entities({ model, place }: { model: Model; place: Place }) {
  const of = place.page === 'home' ? undefined : place.of;
  return (
    <nav className="entities" aria-label="Entities">
      <ul>
        {model.entities.map((e) => (
          <li key={e.name}>
            <Link to={tableOf(e.name)} aria-current={e.name === of ? 'page' : undefined}>
              {e.name}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}

/** What the page's last request cost the database. */
function Cost() {
  const on = useSql();
  const { sql } = useLast();
  const written = useWritten();
  if (!on) return null;
  return (
    <section className="cost" aria-label="What the last request cost" tabIndex={0}>
      {written.sql && (
        <section aria-label="What the last change cost" className="written">
          <div className="tools">
            <strong>The last change</strong>
            <span className="gap" />
            <button type="button" onClick={forgetWritten}>
              Put away
            </button>
          </div>
          <SqlPanel view={written.sql} />
          <strong>This page</strong>
        </section>
      )}
      {sql ? <SqlPanel view={sql} /> : <p className="waiting">The next request says here what it costs.</p>}
    </section>
  );
}
