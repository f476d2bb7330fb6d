import type { ReactNode } from 'react';

import type { AnswerError } from '../../shared/answer';
import { Failure, type FailureKind } from '../../shared/request';
import { Unwritable } from '../model/target';
import { Refusal } from './ask';

const titles: Record<FailureKind, string> = {
  unsendable: 'Not sent',
  lost: 'The server is gone',
  timeout: 'No answer in time',
  stopped: 'Stopped',
  tooLarge: 'Too much to send (413)',
  refused: 'Refused',
  answerTooLarge: 'Too much to show',
  notJson: 'No GraphQL answer',
};

const codes: Record<string, string> = {
  BAD_USER_INPUT: 'The API does not take this',
  GRAPHQL_VALIDATION_FAILED: 'The API does not take this',
  LIMIT_EXCEEDED: 'Over a limit of the server',
  NOT_FOUND: 'Not there',
  CONFLICT: 'In conflict with other records',
  FORBIDDEN: 'Not allowed',
  UNAUTHENTICATED: 'Not signed in',
  UNAVAILABLE: 'The database is not available',
  INTERNAL: 'The server failed',
};

/** What went wrong, in words, and what can be done. */
export function Trouble({ error, again, children }: { error: unknown; again?: () => void; children?: ReactNode }) {
  const messages = error instanceof Refusal ? error.errors.map(said) : [error instanceof Error ? error.message : String(error)];
  return (
    <div className="trouble" role="alert">
      <strong>{titleOf(error)}</strong>
      {messages.map((message, i) => (
        <p key={i}>
          <bdi>{message}</bdi>
        </p>
      ))}
      <div className="actions">
        {again && (
          <button type="button" onClick={again}>
            Try again
          </button>
        )}
        {children}
      </div>
    </div>
  );
}

function titleOf(error: unknown): string {
  if (error instanceof Failure) return titles[error.kind];
  if (error instanceof Refusal) return codes[error.errors[0]?.extensions?.code ?? ''] ?? 'The API refuses this';
  if (error instanceof Unwritable) return 'Not written';
  return 'This page failed';
}

function said({ message, extensions }: AnswerError): string {
  return extensions?.requestId ? `${message} The server's log has the cause under ${extensions.requestId}.` : message;
}

/** Whether less at once would get an answer. */
export function isTooMuch(error: unknown): boolean {
  if (error instanceof Failure) return error.kind === 'answerTooLarge' || error.kind === 'timeout';
  return error instanceof Refusal && error.errors.some((e) => e.extensions?.code === 'LIMIT_EXCEEDED');
}

/** Errors beside data: some fields have no value. */
export function Partly({ errors }: { errors: AnswerError[] | undefined }) {
  if (!errors || errors.length === 0) return null;
  return (
    <div className="trouble" role="alert">
      <strong>Some of this could not be read</strong>
      {errors.map((e, i) => (
        <p key={i}>
          {e.path && <code>{e.path.join('.')}</code>} <bdi>{e.message}</bdi>
        </p>
      ))}
    </div>
  );
}
