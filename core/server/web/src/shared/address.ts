import type { Operation } from './request';

/**
 * The address of the playground with an operation in it. It stands behind #, so that
 * it may be as long as it likes, and is sent to no server. Nothing runs by being
 * opened.
 */
export function playgroundAddress({ query, variables }: Operation): string {
  const parts = new URLSearchParams({ query });
  if (variables && Object.keys(variables).length > 0) parts.set('variables', JSON.stringify(variables, null, 2));
  return `/#${parts}`;
}

/** What an address of the playground holds: behind #, or behind ?, as other tools write it. */
export function operationIn(address: Pick<Location, 'hash' | 'search'>): { query: string; variables: string } | undefined {
  for (const part of [address.hash.slice(1), address.search.slice(1)]) {
    const parts = new URLSearchParams(part);
    const query = parts.get('query');
    if (query) return { query, variables: parts.get('variables') ?? '' };
  }
  return undefined;
}
