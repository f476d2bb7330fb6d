import type { KeyboardEvent } from 'react';

import type { ValueType } from '../model/types';
import type { Draft } from '../model/values';
import { BytesInput } from './BytesInput';
import { TimeInput } from './TimeInput';

export interface InputProps {
  type: ValueType;
  draft: Draft;
  onDraft: (draft: Draft) => void;
  id?: string | undefined;
  /** The accessible name, where no label element gives it. */
  label?: string | undefined;
  long?: boolean | undefined;
  /** What nothing stands for, where it may be left so: in a select, a choice; in a text, its placeholder. */
  unset?: string | undefined;
  nullable?: boolean | undefined;
  invalid?: boolean | undefined;
  describedBy?: string | undefined;
}

/** An input for one kind of value. */
export function ValueInput(props: InputProps) {
  const { type } = props;
  if (type.list) return <ListInput {...props} />;
  switch (type.kind) {
    case 'enum':
    case 'boolean':
      return <Choice {...props} />;
    case 'time':
      return <TimeInput {...props} />;
    case 'bytes':
      return <BytesInput {...props} />;
    default:
      return <TextInput {...props} />;
  }
}

const nothing = '\u0000unset';
const nil = '\u0000null';

function Choice({ type, draft, onDraft, id, label, unset, nullable, invalid, describedBy }: InputProps) {
  const values = type.kind === 'boolean' ? ['true', 'false'].map((name) => ({ name, description: '' })) : type.values;
  const value = draft === null ? nil : typeof draft === 'string' ? draft : nothing;
  const choose = (chosen: string) => onDraft(chosen === nothing ? undefined : chosen === nil ? null : chosen);
  return (
    <select id={id} aria-label={label} aria-invalid={invalid || undefined} aria-describedby={describedBy} value={value} onChange={(e) => choose(e.target.value)}>
      {(unset !== undefined || draft === undefined) && <option value={nothing}>{unset ?? 'choose…'}</option>}
      {(nullable || draft === null) && <option value={nil}>null</option>}
      {values.map((v) => (
        <option key={v.name} value={v.name} title={v.description || undefined}>
          {v.name}
        </option>
      ))}
    </select>
  );
}

const numeric: Partial<Record<ValueType['kind'], 'numeric' | 'decimal'>> = { int: 'numeric', bigint: 'numeric', float: 'decimal' };

function TextInput({ type, draft, onDraft, id, label, long, unset, invalid, describedBy }: InputProps) {
  const isText = type.kind === 'text';
  const isLong = long || type.kind === 'json';
  const shared = {
    id,
    'aria-label': label,
    'aria-invalid': invalid || undefined,
    'aria-describedby': describedBy,
    placeholder: draft === null ? 'null' : draft === undefined ? unset : isText ? 'empty text' : undefined,
    value: typeof draft === 'string' ? draft : '',
    onChange: (e: { target: { value: string } }) => onDraft(!isText && e.target.value === '' ? undefined : e.target.value),
    spellCheck: isText && !!long,
    dir: 'auto' as const,
    autoComplete: 'off',
  };
  // A text may have lines whatever it is called: an input would lose them.
  if (isText || isLong) return <textarea {...shared} rows={isLong ? 5 : 1} className={type.kind === 'json' ? 'code' : undefined} onKeyDown={(e) => submitOn(e, !isLong)} />;
  return <input {...shared} inputMode={numeric[type.kind]} className={numeric[type.kind] ? 'number' : 'code'} />;
}

/** Sends the form: on Enter where a text is a line, else on Ctrl or Command and Enter. */
function submitOn(event: KeyboardEvent<HTMLTextAreaElement>, line: boolean): void {
  if (event.key !== 'Enter' || event.nativeEvent.isComposing) return;
  if (event.ctrlKey || event.metaKey || (line && !event.shiftKey)) {
    event.preventDefault();
    event.currentTarget.form?.requestSubmit();
  }
}

function ListInput({ type, draft, onDraft, id, label, unset, invalid, describedBy }: InputProps) {
  const items = Array.isArray(draft) ? draft : [];
  const one = { ...type, list: false };
  const put = (i: number, item: Draft) => onDraft(items.map((old, at) => (at === i ? (item ?? '') : old)));
  return (
    <div className="list-input" role="group" aria-label={label ?? 'Items'} aria-describedby={describedBy}>
      {items.map((item, i) => (
        <span key={i} className="pair">
          <ValueInput type={one} draft={item} onDraft={(next) => put(i, next)} label={`Item ${i + 1}`} invalid={invalid} />
          <button type="button" className="bare" aria-label={`Remove item ${i + 1}`} onClick={() => onDraft(items.filter((_, at) => at !== i))}>
            ×
          </button>
        </span>
      ))}
      <span className="pair">
        <button type="button" id={id} onClick={() => onDraft([...items, one.kind === 'boolean' ? 'true' : one.kind === 'enum' ? one.values[0]?.name : ''])}>
          Add an item
        </button>
        {items.length === 0 && <span className="null">{draft === null ? 'null' : draft === undefined ? unset : 'empty list'}</span>}
      </span>
    </div>
  );
}
