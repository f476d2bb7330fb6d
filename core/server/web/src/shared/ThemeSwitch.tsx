import './controls.css';

import { chooseTheme, type ThemeChoice, useTheme } from './theme';

const choices: { choice: ThemeChoice; label: string; sign: string }[] = [
  { choice: 'system', label: 'As the system', sign: '◐' },
  { choice: 'light', label: 'Light', sign: '☀' },
  { choice: 'dark', label: 'Dark', sign: '☾' },
];

/** Three buttons, one of them pressed: light, dark, or as the system has it. */
export function ThemeSwitch() {
  const { choice: chosen } = useTheme();
  return (
    <div role="group" aria-label="Theme" className="switch">
      {choices.map(({ choice, label, sign }) => (
        <button key={choice} type="button" aria-pressed={choice === chosen} aria-label={label} title={label} onClick={() => chooseTheme(choice)}>
          <span aria-hidden="true">{sign}</span>
        </button>
      ))}
    </div>
  );
}
