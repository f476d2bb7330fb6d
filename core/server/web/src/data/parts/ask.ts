import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useEffect, useSyncExternalStore } from 'react';

import type { Answer, AnswerError, SqlView } from '../../shared/answer';
import { type Operation, request } from '../../shared/request';

/** An answer of errors: the API heard the request, and refused it. */
export class Refusal extends Error {
  override name = 'Refusal';
  constructor(readonly errors: AnswerError[]) {
    super(errors.map((e) => e.message).join('\n'));
  }
}

/** The request that made what the page shows, and what it cost where that was asked. */
export interface Last {
  operation?: Operation;
  sql?: SqlView | undefined;
}

const sqlKey = 'coppice:data:sql';
const state: { last: Last; written: Last; sql: boolean } = { last: {}, written: {}, sql: localStorage.getItem(sqlKey) === 'on' };
const listeners = new Set<() => void>();
const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};
const tell = () => listeners.forEach((listener) => listener());

/** The page's last request. */
export const useLast = () => useSyncExternalStore(subscribe, () => state.last);

/** The last write, with what it cost, until it is put away. */
export const useWritten = () => useSyncExternalStore(subscribe, () => state.written);

export function forgetWritten(): void {
  state.written = {};
  tell();
}

/** Whether the page asks what its requests cost. */
export const useSql = () => useSyncExternalStore(subscribe, () => state.sql);

export function showSql(on: boolean): void {
  state.sql = on;
  localStorage.setItem(sqlKey, on ? 'on' : 'off');
  tell();
}

/** Keeps what makes up the page now; a request beside it, such as a picker's, is none of it. */
function keepLast(operation: Operation | undefined, sql: SqlView | undefined): void {
  state.last = operation ? { operation, sql } : {};
  tell();
}

export interface Asking {
  signal?: AbortSignal;
  /** The request makes up the page. */
  main?: boolean;
  /** The request writes: what it cost is shown beside that of the page that follows. */
  writes?: boolean;
}

// An answer of errors is an answer: with this media type it is no failure of HTTP,
// which a browser would report on its console.
const headers = { Accept: 'application/json' };

/** Asks the API, and throws a Refusal where it has no data for it. */
export async function ask(operation: Operation, { signal, main, writes }: Asking = {}): Promise<Answer> {
  const explain = (main || writes) && state.sql ? 'plan' : 'off';
  const answer = await request(operation, { explain, headers, exact: true, ...(signal ? { signal } : {}) });
  const { data, errors } = answer;
  if (writes) {
    state.written = answer.extensions?.sql ? { operation, sql: answer.extensions.sql } : {};
    tell();
  }
  if (errors && errors.length > 0 && (!data || Object.values(data).every((v) => v === null))) throw new Refusal(errors);
  return answer;
}

/** What the API answers to an operation; the answer before stays until the next has come. */
export function useAnswer(operation: Operation | undefined, main = false) {
  const sql = useSql() && main;
  const answer = useQuery<Answer>({
    queryKey: ['ask', operation?.query, operation?.variables, sql],
    queryFn: ({ signal }) => ask(operation!, { signal, main }),
    enabled: operation !== undefined,
    ...(main ? { placeholderData: keepPreviousData } : {}),
  });
  useKeepLast(main, operation, answer.isPlaceholderData ? undefined : answer.data);
  return answer;
}

/** Tells of a request as the one that makes up the page, also where its answer was there already. */
export function useKeepLast(main: boolean, operation: Operation | undefined, answer: Answer | undefined): void {
  const asked = operation && JSON.stringify(operation);
  useEffect(() => {
    if (main) keepLast(asked ? (JSON.parse(asked) as Operation) : undefined, answer?.extensions?.sql);
  }, [main, asked, answer]);
}
