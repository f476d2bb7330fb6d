import { useSyncExternalStore } from 'react';

/** What a person can choose: one of the two, or whatever their system says. */
export type ThemeChoice = 'system' | 'light' | 'dark';

/** What is shown. */
export type Theme = 'light' | 'dark';

const key = 'coppice:theme';
const system = matchMedia('(prefers-color-scheme: dark)');
const listeners = new Set<() => void>();

/** The choice that was made last, in any tab; `system` before the first. */
export function themeChoice(): ThemeChoice {
  try {
    const kept = localStorage.getItem(key);
    return kept === 'light' || kept === 'dark' ? kept : 'system';
  } catch {
    return 'system'; // a browser that keeps nothing
  }
}

/** The theme that is shown now. */
export function theme(): Theme {
  const choice = themeChoice();
  if (choice !== 'system') return choice;
  return system.matches ? 'dark' : 'light';
}

/** Shows a theme from now on, in every tab. */
export function chooseTheme(choice: ThemeChoice): void {
  try {
    localStorage.setItem(key, choice);
  } catch {
    // shown in this tab all the same
  }
  apply();
}

/** The theme that is shown, and the choice behind it, for a component. */
export function useTheme(): { theme: Theme; choice: ThemeChoice } {
  const shown = useSyncExternalStore(subscribe, theme);
  const choice = useSyncExternalStore(subscribe, themeChoice);
  return { theme: shown, choice };
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function apply(): void {
  document.documentElement.dataset['theme'] = theme();
  for (const listener of listeners) listener();
}

system.addEventListener('change', apply);
addEventListener('storage', (event) => event.key === key && apply());
apply();
