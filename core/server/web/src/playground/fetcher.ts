import type { Fetcher, FetcherParams, FetcherReturnType } from '@graphiql/toolkit';

import type { Answer, SqlView } from '../shared/answer';
import { Failure, request } from '../shared/request';

/** What became of an operation that a person ran. */
export interface Outcome {
  operation: string;
  sql?: SqlView;
  failure?: Failure;
  /** From the request to the whole of its answer, in milliseconds. */
  ms: number;
}

/** How long an answer may be that the editor shows, in bytes. */
const longest = 8_000_000;

/** Sends what GraphiQL asks for, and tells what became of it. What it costs in SQL stands beside the answer, not in it. */
export function fetcherThat(tells: (outcome: Outcome) => void): Fetcher {
  return (params, options) => {
    const headers = texts(options?.headers);
    if (params.operationName === 'IntrospectionQuery') return request(params, { headers, explain: 'off' }) as Promise<never>;
    return observable(async (signal) => {
      const begun = performance.now();
      const operation = operationOf(params);
      try {
        const answer = await request(params, { headers, signal, longest, exact: true });
        tells({ operation, sql: answer.extensions?.sql, ms: performance.now() - begun });
        return withoutSql(answer);
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
        tells({ operation, failure: error, ms: performance.now() - begun });
        return { errors: [{ message: error.message }] };
      }
    });
  };
}

/** What runs are told apart by: the operation, whatever its variables are. */
function operationOf({ query, operationName }: FetcherParams): string {
  return `${operationName ?? ''}\n${query}`;
}

function texts(headers: unknown): Record<string, string> {
  return Object.fromEntries(Object.entries(headers ?? {}).map(([name, value]) => [name, String(value)]));
}

function withoutSql({ extensions, ...answer }: Answer): Answer {
  const { sql: _, ...rest } = extensions ?? {};
  return Object.keys(rest).length > 0 ? { ...answer, extensions: rest } : answer;
}

/** An answer as something that GraphiQL's stop button can take back. */
function observable(run: (signal: AbortSignal) => Promise<unknown>): FetcherReturnType {
  return {
    subscribe(observer: { next(value: unknown): void; error(error: unknown): void; complete(): void }) {
      const stopped = new AbortController();
      run(stopped.signal).then(
        (answer) => {
          observer.next(answer);
          observer.complete();
        },
        (error: unknown) => observer.error(error),
      );
      return { unsubscribe: () => stopped.abort() };
    },
  } as FetcherReturnType;
}
