import type { Entry } from '../model/form';
import type { Row } from '../model/operations';
import type { InputField, Model } from '../model/types';
import { words } from '../model/values';
import { EdgeInput } from './EdgeInput';
import { ValueInput } from './ValueInput';

interface FormFieldProps {
  model: Model;
  of: string;
  field: InputField;
  entry: Entry;
  onEntry: (entry: Entry) => void;
  record: Row | undefined;
  /** What is wrong with it, a line each. */
  faults: string[];
}

/** A field of a form: its name, its input, what it is for, and what is wrong with it. */
export function FormField({ model, of, field, entry, onEntry, record, faults }: FormFieldProps) {
  const id = `field-${field.name}`;
  const notes = [field.description && `${id}-about`, faults.length > 0 && `${id}-fault`].filter(Boolean).join(' ') || undefined;
  const held = record !== undefined && field.name in record;
  const unset = record ? (held ? 'null' : 'as it is') : field.required ? 'required' : 'left to its default';
  const shared = { id, invalid: faults.length > 0, describedBy: notes };
  return (
    <div className="field">
      <label htmlFor={id}>
        {words(field.name)}
        {field.required && <span className="required"> required</span>}
      </label>
      <div>
        {field.edge ? (
          <EdgeInput {...shared} model={model} of={of} field={field} entry={entry} onEntry={onEntry} record={record} />
        ) : (
          <div className="input-row">
            <ValueInput
              {...shared}
              type={field.type!}
              draft={entry.draft}
              onDraft={(draft) => onEntry({ ...entry, draft })}
              long={field.long}
              unset={record && held ? undefined : unset}
              nullable={field.nullable}
            />
            <Empties field={field} entry={entry} onEntry={onEntry} isNew={!record} />
          </div>
        )}
        {field.description && (
          <p id={`${id}-about`} className="quiet about">
            {field.description}
          </p>
        )}
        {faults.length > 0 && (
          <div id={`${id}-fault`} className="fault">
            {faults.map((fault) => (
              <p key={fault}>
                <bdi>{fault}</bdi>
              </p>
            ))}
          </div>
        )}
      </div>
    </div>
  );
}

/** Ways to have no value: null, or nothing said. */
function Empties({ field, entry, onEntry, isNew }: { field: InputField; entry: Entry; onEntry: (entry: Entry) => void; isNew: boolean }) {
  const kind = field.type!.list ? 'text' : field.type!.kind;
  if (kind === 'enum' || kind === 'boolean') return null;
  return (
    <>
      {field.nullable && entry.draft !== null && (
        <button type="button" className="bare" onClick={() => onEntry({ ...entry, draft: null })} aria-label={`Set ${words(field.name)} to null`}>
          null
        </button>
      )}
      {isNew && entry.draft !== undefined && (
        <button type="button" className="bare" onClick={() => onEntry({ ...entry, draft: undefined })} aria-label={`Leave ${words(field.name)} out`}>
          ↺
        </button>
      )}
    </>
  );
}
