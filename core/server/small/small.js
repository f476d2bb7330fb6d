// The small playground: sends an operation, shows its answer, its SQL and the types
// of the schema. Whatever comes from the server is put in as text.

const $ = (id) => document.getElementById(id);
const typesQuery = '{ __schema { types { name kind description fields { name type { ...T } } inputFields { name type { ...T } } enumValues { name } } } } fragment T on __Type { kind name ofType { kind name ofType { kind name ofType { name } } } }';

const element = (name, text, className) => {
  const e = document.createElement(name);
  if (text !== undefined) e.textContent = text;
  if (className) e.className = className;
  return e;
};

async function send(body, headers) {
  let response;
  try {
    response = await fetch('/graphql', { method: 'POST', headers: { 'Content-Type': 'application/json', ...headers }, body: JSON.stringify(body) });
  } catch {
    throw new Error('The server cannot be reached. Start it again, and run this once more.');
  }
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`What came is no GraphQL answer (status ${response.status}): ${text.slice(0, 200)}`);
  }
}

function headersIn(text) {
  const headers = {};
  for (const line of text.split('\n').filter((l) => l.trim())) {
    const at = line.indexOf(':');
    if (at < 1) throw new Error(`“${line}” is no header: write Name: value.`);
    headers[line.slice(0, at).trim()] = line.slice(at + 1).trim();
  }
  return headers;
}

function variablesIn(text) {
  if (!text.trim()) return undefined;
  try {
    return JSON.parse(text);
  } catch (e) {
    throw new Error(`The variables are no JSON: ${e.message}`);
  }
}

function showSQL(view) {
  const items = (view?.statements ?? []).map((s) => {
    const item = element('li');
    item.append(element('span', `${s.durationMs} ms · ${s.rows} rows · ${s.path.join('.') || 'the request'}`, 'quiet'), element('pre', s.sql));
    if (s.args.length > 0) item.append(element('pre', JSON.stringify(s.args)));
    if (s.plan) item.append(element('pre', s.plan.join('\n')));
    for (const advice of s.advice ?? []) item.append(element('p', advice, 'advice'));
    return item;
  });
  $('sql').replaceChildren(...(items.length > 0 ? items : [element('li', 'The operation ran no SQL.', 'quiet')]));
}

async function run() {
  $('status').textContent = 'Running …';
  const begun = performance.now();
  try {
    const answer = await send(
      { query: $('query').value, variables: variablesIn($('variables').value) },
      { 'X-Explain': 'plan', ...headersIn($('headers').value) },
    );
    const { sql, ...extensions } = answer.extensions ?? {};
    const shown = { ...answer, extensions };
    if (Object.keys(extensions).length === 0) delete shown.extensions;
    $('answer').textContent = JSON.stringify(shown, null, 2);
    $('status').textContent = `${Math.round(performance.now() - begun)} ms${sql ? `, of which ${sql.totalMs} ms in ${sql.statements.length} statements` : ''}`;
    showSQL(sql);
  } catch (e) {
    $('status').textContent = e.message;
  }
}

const named = (t) => (t.kind === 'NON_NULL' ? `${named(t.ofType)}!` : t.kind === 'LIST' ? `[${named(t.ofType)}]` : t.name);

async function showTypes() {
  const { data, errors } = await send({ query: typesQuery });
  if (!data) throw new Error(errors[0].message);
  $('types').replaceChildren(
    ...data.__schema.types
      .filter((t) => !t.name.startsWith('__'))
      .map((t) => {
        const item = element('li');
        const more = element('details');
        more.append(element('summary', t.name));
        if (t.description) more.append(element('p', t.description, 'quiet'));
        const lines = (t.fields ?? t.inputFields ?? []).map((f) => `${f.name}: ${named(f.type)}`).concat((t.enumValues ?? []).map((v) => v.name));
        if (lines.length > 0) more.append(element('pre', lines.join('\n')));
        item.append(more);
        return item;
      }),
  );
}

$('ask').addEventListener('submit', (event) => {
  event.preventDefault();
  void run();
});
$('ask').addEventListener('keydown', (event) => {
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    void run();
  }
});
$('query').value = new URLSearchParams(location.search).get('query') ?? (await (await fetch('/assets/first.graphql')).text());
showTypes().catch((e) => $('types').replaceChildren(element('li', e.message, 'quiet')));
