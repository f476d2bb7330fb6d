/** An error of an answer, as section 4 of the contract has it. */
export interface AnswerError {
  message: string;
  path?: (string | number)[];
  locations?: { line: number; column: number }[];
  extensions?: {
    code?: string;
    field?: string;
    limit?: number;
    actual?: number;
    retryAfterMs?: number;
    requestId?: string;
  };
}

/** One statement that an operation cost. */
export interface SqlStatement {
  sql: string;
  args: unknown[];
  durationMs: number;
  rows: number;
  path: (string | number)[];
  plan?: string[];
  advice?: string[];
}

/** All that an operation cost in SQL: `extensions.sql` of an answer. */
export interface SqlView {
  totalMs: number;
  statements: SqlStatement[];
}

/** A GraphQL answer. */
export interface Answer<Data = Record<string, unknown>> {
  data?: Data | null;
  errors?: AnswerError[];
  extensions?: { sql?: SqlView };
}
