import { useEffect, useRef } from 'react';

let changed: (() => boolean) | undefined;

/** Whether what is shown may be left: nothing in it is unsaved, or the person says so. */
export function mayLeave(): boolean {
  return !changed?.() || window.confirm('What you have changed is not saved. Leave it?');
}

/**
 * While a form is shown, asks before it is left with something in it that is not
 * saved, within this page and for another. Returns what is called once it is saved.
 */
export function useUnsaved(isChanged: () => boolean): () => void {
  const latest = useRef(isChanged);
  useEffect(() => {
    latest.current = isChanged;
  });
  useEffect(() => {
    const asks = () => latest.current();
    const unload = (event: BeforeUnloadEvent) => {
      if (changed === asks && asks()) event.preventDefault();
    };
    changed = asks;
    addEventListener('beforeunload', unload);
    return () => {
      if (changed === asks) changed = undefined;
      removeEventListener('beforeunload', unload);
    };
  }, []);
  return () => {
    changed = undefined;
  };
}
