import type { Answer } from './answer';
import { parseJSON } from './digits';

/** Why there is no answer to a request. */
export type FailureKind =
  | 'unsendable' // a header that is none
  | 'lost' // the server cannot be reached, or went away before its answer was complete
  | 'timeout' // it took longer than the page waits, or than a server in between does
  | 'stopped' // the person took it back
  | 'tooLarge' // 413: the request is longer than the server takes
  | 'refused' // 403 or 401
  | 'answerTooLarge' // more than the page can show
  | 'notJson'; // something else than a GraphQL answer

/** A request that got no answer. Its message is a sentence for the person. */
export class Failure extends Error {
  override name = 'Failure';
  constructor(
    readonly kind: FailureKind,
    message: string,
    readonly status?: number,
  ) {
    super(message);
  }
}

/** An operation to send. */
export interface Operation {
  query: string;
  variables?: Record<string, unknown> | null;
  operationName?: string | null;
}

export interface RequestOptions {
  headers?: Record<string, string>;
  /** What the answer tells of its SQL; `plan` unless said otherwise. */
  explain?: 'sql' | 'plan' | 'off';
  /** Takes the request back. */
  signal?: AbortSignal;
  /** How long to wait, in milliseconds; two minutes. */
  timeout?: number;
  /** How long an answer may be, in bytes; 16,000,000. */
  longest?: number;
  /**
   * Keeps every digit: a number that JavaScript has no equal for becomes an object that
   * JSON.stringify writes as it came. For what is shown, not worked with.
   */
  exact?: boolean;
}

/** Where the API is. */
export const endpoint = '/graphql';

/**
 * Sends an operation and returns its answer, errors of GraphQL included. What is
 * no answer is thrown as a Failure.
 */
export async function request<Data = Record<string, unknown>>(
  operation: Operation,
  { headers = {}, explain = 'plan', signal, timeout = 120_000, longest = 16_000_000, exact = false }: RequestOptions = {},
): Promise<Answer<Data>> {
  const late = AbortSignal.timeout(timeout);
  const ends = signal ? AbortSignal.any([signal, late]) : late;
  const sent = headersOf(headers, explain);
  let response: Response, text: string;
  try {
    response = await fetch(endpoint, {
      method: 'POST',
      headers: sent,
      body: JSON.stringify(operation),
      signal: ends,
    });
    text = await read(response, longest);
  } catch (error) {
    throw failureOf(error, signal, late, timeout);
  }
  return understand<Data>(response, text, exact);
}

/** The headers of a request: the page's, and those that are given, in whatever case their names are. */
function headersOf(given: Record<string, string>, explain: string): Headers {
  const headers = new Headers({ 'Content-Type': 'application/json', Accept: 'application/graphql-response+json, application/json' });
  if (explain !== 'off') headers.set('X-Explain', explain);
  for (const [name, value] of Object.entries(given)) {
    try {
      headers.set(name, value);
    } catch {
      throw new Failure('unsendable', `${JSON.stringify(name)}: ${JSON.stringify(value)} is no header. A name has letters, digits and hyphens, a value is one line.`);
    }
  }
  return headers;
}

/** The text of a response, as long as it is no longer than that. */
async function read(response: Response, longest: number): Promise<string> {
  if (!response.body) return '';
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  const reader = response.body.getReader();
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    length += part.value.length;
    if (length > longest) {
      void reader.cancel();
      throw new Failure(
        'answerTooLarge',
        `The answer is longer than the ${(longest / 1e6).toLocaleString('en')} MB that this page shows. Ask for less: a smaller first, or fewer fields.`,
      );
    }
    parts.push(part.value);
  }
  return new Blob(parts).text();
}

function failureOf(error: unknown, signal: AbortSignal | undefined, late: AbortSignal, timeout: number): unknown {
  if (error instanceof Failure) return error;
  if (signal?.aborted) return new Failure('stopped', 'The request was stopped.');
  if (late.aborted) {
    return new Failure('timeout', `There was no answer within ${Math.round(timeout / 1000)} seconds. The server may still be at work on it.`);
  }
  if (error instanceof TypeError) {
    return new Failure('lost', 'The server cannot be reached, or went away before its answer was complete. Start it again, and send this once more.');
  }
  return error;
}

/** Makes an answer of what came, or throws what it is instead. */
function understand<Data>(response: Response, text: string, exact: boolean): Answer<Data> {
  const { status } = response;
  const answer = answerIn<Data>(text, exact);
  const said = answer?.errors?.[0]?.message;
  switch (true) {
    case status === 413:
      throw new Failure('tooLarge', said ?? 'The request is longer than the server takes. Send less at once.', status);
    case status === 401 || status === 403:
      throw new Failure('refused', said ?? (text.trim().slice(0, 300) || `The server refuses this request (${status}).`), status);
    case answer !== undefined:
      return answer;
    case status === 408 || status === 504:
      throw new Failure('timeout', `What stands between this page and the server waited no longer (${status}).`, status);
    case status === 502 || status === 503:
      throw new Failure('lost', `The server behind this address cannot be reached (${status}).`, status);
    default:
      throw new Failure(
        'notJson',
        `What came is no GraphQL answer (status ${status}, ${response.headers.get('Content-Type') ?? 'of no type'}): ${text.trim().slice(0, 200) || 'it is empty'}`,
        status,
      );
  }
}

function answerIn<Data>(text: string, exact: boolean): Answer<Data> | undefined {
  try {
    const value = exact ? parseJSON(text) : (JSON.parse(text) as unknown);
    if (typeof value === 'object' && value !== null && ('data' in value || 'errors' in value)) return value as Answer<Data>;
  } catch {
    // told of as what it is
  }
  return undefined;
}
