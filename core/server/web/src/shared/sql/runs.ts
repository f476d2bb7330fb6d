import type { SqlView } from '../answer';

/** What one run of an operation cost. */
export interface Run {
  at: number; // since the epoch, in milliseconds
  totalMs: number; // in statements
  statements: number;
  rows: number;
}

const key = 'coppice:runs';
const runsKept = 10; // of an operation
const operationsKept = 40;

type Kept = [operation: string, runs: Run[]][];

function kept(): Kept {
  try {
    return JSON.parse(sessionStorage.getItem(key) ?? '[]') as Kept;
  } catch {
    return [];
  }
}

/** Keeps what a run cost, for as long as the tab is open, and returns all of the operation that are kept, the latest first. */
export function keepRun(operation: string, view: SqlView): Run[] {
  const run: Run = {
    at: Date.now(),
    totalMs: view.totalMs,
    statements: view.statements.length,
    rows: view.statements.reduce((n, s) => n + s.rows, 0),
  };
  const all = kept();
  const before = all.find(([text]) => text === operation)?.[1] ?? [];
  const runs = [run, ...before].slice(0, runsKept);
  try {
    sessionStorage.setItem(key, JSON.stringify([[operation, runs], ...all.filter(([text]) => text !== operation)].slice(0, operationsKept)));
  } catch {
    // a browser that keeps nothing, or no more
  }
  return runs;
}
