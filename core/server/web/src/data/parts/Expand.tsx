import type { ReactNode } from 'react';

/** A button that shows a part of the page and hides it. */
export function Expand({ open, onOpen, controls, children }: { open: boolean; onOpen: (open: boolean) => void; controls: string; children: ReactNode }) {
  return (
    <button type="button" aria-expanded={open} aria-controls={open ? controls : undefined} onClick={() => onOpen(!open)}>
      {children}
    </button>
  );
}
