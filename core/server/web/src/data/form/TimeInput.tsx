import { useState } from 'react';

import type { InputProps } from './ValueInput';

const here = Intl.DateTimeFormat().resolvedOptions().timeZone || 'local';

/** A time: date and clock in the zone that a person thinks in, kept as an instant. */
export function TimeInput({ draft, onDraft, id, label, unset, invalid, describedBy }: InputProps) {
  const [zone, setZone] = useState<'UTC' | 'local'>('UTC');
  const value = typeof draft === 'string' ? draft : '';
  return (
    <span className="pair">
      <input
        type="datetime-local"
        step="any"
        id={id}
        aria-label={label}
        aria-invalid={invalid || undefined}
        aria-describedby={describedBy}
        value={clockOf(value, zone)}
        onChange={(e) => onDraft(e.target.value === '' ? undefined : instantOf(e.target.value, zone, value))}
      />
      <select aria-label={`Zone${label ? `, ${label}` : ''}`} value={zone} onChange={(e) => setZone(e.target.value as typeof zone)}>
        <option value="UTC">UTC</option>
        <option value="local">{here}, here</option>
      </select>
      {value === '' && (draft === null || unset) && <span className="null">{draft === null ? 'null' : unset}</span>}
    </span>
  );
}

/** What a clock of the zone shows at an instant, to the millisecond. */
export function clockOf(value: string, zone: 'UTC' | 'local'): string {
  const at = new Date(value);
  if (value === '' || Number.isNaN(at.getTime())) return '';
  const shifted = zone === 'UTC' ? at : new Date(at.getTime() - at.getTimezoneOffset() * 60_000);
  return shifted.toISOString().replace('Z', '');
}

/** The instant at which a clock of the zone shows this. What was finer than its milliseconds stays, as long as these do. */
export function instantOf(clock: string, zone: 'UTC' | 'local', before: string): string {
  const at = new Date(zone === 'UTC' ? `${clock}Z` : clock);
  if (Number.isNaN(at.getTime())) return clock;
  const text = at.toISOString();
  const [, finer = ''] = /\.\d{3}(\d+)/.exec(before) ?? [];
  const isKept = finer !== '' && milliseconds(before) === milliseconds(text);
  return isKept ? text.replace('Z', `${finer}Z`) : text;
}

const milliseconds = (text: string) => /\.(\d{3})/.exec(text)?.[1];
