import type { Entry, Reference } from '../model/form';
import type { Connection, Row } from '../model/operations';
import type { InputField, Model } from '../model/types';
import { tableOf } from '../model/address';
import { count } from '../model/values';
import { Link } from '../parts/place';
import { nameOf } from '../parts/Value';
import { Picker } from './Picker';
import { ValueInput } from './ValueInput';

interface EdgeInputProps {
  model: Model;
  /** The entity of the form. */
  of: string;
  field: InputField;
  entry: Entry;
  onEntry: (entry: Entry) => void;
  /** The record that is changed, with the first of what the edge leads to. */
  record: Row | undefined;
  id: string;
  invalid: boolean;
  describedBy: string | undefined;
}

/** What an edge leads to: one record, or many to connect and take away. */
export function EdgeInput(props: EdgeInputProps) {
  return props.field.edge!.many ? <Many {...props} /> : <One {...props} />;
}

function One({ model, field, entry, onEntry, record, id, invalid, describedBy }: EdgeInputProps) {
  const target = field.edge!.target;
  const { one } = entry;
  return (
    <div className="edge-input">
      {one ? (
        <Chip target={target} to={one} onRemove={field.nullable || !record ? () => onEntry({ ...entry, one: record ? null : undefined }) : undefined} />
      ) : (
        <span className="null">{record ? 'null' : 'none'}</span>
      )}
      <Picker
        model={model}
        target={target}
        id={id}
        taken={one ? [one.id] : []}
        invalid={invalid}
        describedBy={describedBy}
        onPick={(to) => onEntry({ ...entry, one: to })}
      />
    </div>
  );
}

function Chip({ target, to, onRemove, gone }: { target: string; to: Reference; onRemove: (() => void) | undefined; gone?: boolean }) {
  return (
    <span className={gone ? 'chip gone' : 'chip'}>
      <Link to={{ page: 'record', of: target, id: to.id }} title={to.id} target="_blank">
        <bdi>{to.label}</bdi>
      </Link>
      {onRemove && (
        <button type="button" className="bare" onClick={onRemove} aria-label={gone ? `Keep ${to.label}` : `Remove ${to.label}`}>
          {gone ? '↺' : '×'}
        </button>
      )}
    </span>
  );
}

function Many({ model, of, field, entry, onEntry, record, id, invalid, describedBy }: EdgeInputProps) {
  const edge = field.edge!;
  const page = record?.[edge.name] as Connection | undefined;
  const held = (page?.edges ?? []).flatMap(({ node }) => (node ? [{ id: node.id, label: nameOf(model, edge.target, node), extras: {} }] : []));
  const isGone = (to: Reference) => entry.removed.some((r) => r.id === to.id);
  const toggle = (to: Reference) =>
    onEntry({ ...entry, removed: isGone(to) ? entry.removed.filter((r) => r.id !== to.id) : [...entry.removed, to] });
  const rest = (page?.totalCount ?? 0) - held.length;
  return (
    <div className="edge-input">
      {held.map((to) => (
        <Chip key={to.id} target={edge.target} to={to} gone={isGone(to)} onRemove={field.remove ? () => toggle(to) : undefined} />
      ))}
      {rest > 0 && record && (
        <Link to={tableOf(of, { id: record.id, name: edge.name })} target="_blank">
          and {count(rest)} more
        </Link>
      )}
      {entry.added.map((to) => (
        <span key={to.id} className="added">
          <Chip target={edge.target} to={to} onRemove={() => onEntry({ ...entry, added: entry.added.filter((r) => r.id !== to.id) })} />
          {field.extras.map((extra) => (
            <label key={extra.name}>
              {extra.name}
              <ValueInput
                type={extra.type!}
                draft={to.extras[extra.name]}
                unset="its default"
                onDraft={(draft) => onEntry({ ...entry, added: entry.added.map((r) => (r === to ? { ...r, extras: { ...r.extras, [extra.name]: draft } } : r)) })}
              />
            </label>
          ))}
        </span>
      ))}
      {(!record || field.add) && (
        <Picker
          model={model}
          target={edge.target}
          id={id}
          taken={[...held, ...entry.added].map((r) => r.id)}
          invalid={invalid}
          describedBy={describedBy}
          onPick={(to) => onEntry({ ...entry, added: [...entry.added, to] })}
        />
      )}
    </div>
  );
}
