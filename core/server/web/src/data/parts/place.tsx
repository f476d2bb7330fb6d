import { type AnchorHTMLAttributes, type MouseEvent, useMemo, useSyncExternalStore } from 'react';

import { addressOf, type Place, readPlace } from '../model/address';
import { mayLeave } from './unsaved';

const listeners = new Set<() => void>();
const tell = () => listeners.forEach((listener) => listener());
let shown = location.href;
// The address has changed already when a step back is told of: one that is not taken
// puts it there again.
addEventListener('popstate', () => {
  if (!mayLeave()) return history.pushState(null, '', shown);
  shown = location.href;
  tell();
});

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** What the address says is shown. */
export function usePlace(): Place {
  const search = useSyncExternalStore(subscribe, () => location.search);
  return useMemo(() => readPlace(search), [search]);
}

/** Shows a place. It is a step to go back by, unless it takes the place of this one. */
export function go(place: Place, { replace = false } = {}): void {
  const to = addressOf(place);
  if (replace) history.replaceState(null, '', to);
  else history.pushState(null, '', to);
  shown = location.href;
  tell();
}

type LinkProps = { to: Place } & Omit<AnchorHTMLAttributes<HTMLAnchorElement>, 'href'>;

/** A link to a place of this page. */
export function Link({ to, ...rest }: LinkProps) {
  const follow = (event: MouseEvent) => {
    if (event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    if (mayLeave()) go(to);
  };
  return <a {...rest} href={addressOf(to)} onClick={follow} />;
}
