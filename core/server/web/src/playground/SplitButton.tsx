import { ToolbarButton, tryParseJSONC, useGraphiQL, useGraphiQLActions } from '@graphiql/react';
import { type DocumentNode, GraphQLError, parse } from 'graphql';
import { useEffect, useRef, useState } from 'react';

import { parseJSON } from '../shared/digits';
import { type Part, split } from './split';

/** Gives each root field of the tab's operations a tab of its own, beside the one that they are in. */
export function SplitButton() {
  const { addTab, changeTab, setOperationName, updateActiveTabValues } = useGraphiQLActions();
  const queryEditor = useGraphiQL((state) => state.queryEditor);
  const variableEditor = useGraphiQL((state) => state.variableEditor);
  const headerEditor = useGraphiQL((state) => state.headerEditor);
  const tabs = useGraphiQL((state) => state.tabs.length);
  const [said, say] = useState('');
  const opened = useRef(false);

  // What was said is of the text that was there.
  useEffect(() => {
    const changed = queryEditor?.onDidChangeModelContent(() => opened.current || say(''));
    return () => changed?.dispose();
  }, [queryEditor]);

  const open = (parts: Part[]) => {
    const headers = headerEditor?.getValue() ?? '';
    for (const { name, query, variables } of parts) {
      const tab = { query, variables: Object.keys(variables).length > 0 ? JSON.stringify(variables, null, 2) : '', headers };
      addTab();
      // A tab is kept as its editors have it once another is opened.
      queryEditor?.setValue(tab.query);
      variableEditor?.setValue(tab.variables);
      headerEditor?.setValue(tab.headers);
      setOperationName(name);
      updateActiveTabValues(tab);
    }
    changeTab(tabs);
    setOperationName(parts[0]!.name);
  };

  const press = () => {
    const parts = partsOf(queryEditor?.getValue() ?? '', variableEditor?.getValue() ?? '');
    if (typeof parts === 'string') return say(parts);
    if (parts.length < 2) return say(`There is nothing to split: this has ${parts.length === 1 ? 'one root field' : 'no operation'}.`);
    opened.current = true;
    open(parts);
    opened.current = false;
    say(`${parts.length} root fields, in ${parts.length} new tabs.`);
  };

  return (
    <>
      <ToolbarButton label="One tab a root field" onClick={press} onBlur={() => say('')}>
        <svg className="graphiql-toolbar-icon" viewBox="-2 -2 22 22" fill="none" stroke="currentColor" strokeWidth={1.5} aria-hidden="true">
          <path d="M.5 9h17M.5 9h3C9 9 7 2.5 12 2.5h5.5M3.5 9c5.5 0 3.5 6.5 8.5 6.5h5.5" />
        </svg>
      </ToolbarButton>
      <p className="split-said" role="status">
        {said}
      </p>
    </>
  );
}

/** The parts of what the editors hold, or why there are none. */
function partsOf(query: string, variables: string): Part[] | string {
  let document: DocumentNode;
  try {
    document = parse(query);
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    const line = error.locations?.[0]?.line;
    return query.trim() === '' ? 'There is nothing to split: the editor is empty.' : `This cannot be split before it can be read: ${error.message}${line ? ` Line ${line}.` : ''}`;
  }
  try {
    return split(document, valuesOf(variables));
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return `This cannot be split: the variables ${error.message}`;
  }
}

/** The values of variables, which may have comments; with every digit where they have none. */
function valuesOf(text: string): Record<string, unknown> {
  const values = tryParseJSONC(text) ?? {};
  try {
    return parseJSON(text) as Record<string, unknown>;
  } catch {
    return values;
  }
}
