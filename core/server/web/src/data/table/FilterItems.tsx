import { conditionOf, type EdgeFilter, type FieldFilter, type Filter, type Group } from '../model/filter';
import type { Condition, Model, Where } from '../model/types';
import { words } from '../model/values';
import { operatorWords } from '../model/where';
import { ValueInput } from '../form/ValueInput';

interface ItemsProps {
  model: Model;
  where: Where;
  items: Filter[];
  onItems: (items: Filter[]) => void;
  depth: number;
}

/** Conditions that belong together, and a way to add one. */
export function FilterItems({ model, where, items, onItems, depth }: ItemsProps) {
  const put = (i: number, item: Filter | undefined) => onItems(items.flatMap((old, at) => (at !== i ? [old] : item ? [item] : [])));
  return (
    <ul className="filters">
      {items.map((item, i) => (
        <li key={i}>
          <Item model={model} where={where} item={item} onItem={(next) => put(i, next)} depth={depth} />
          <button type="button" className="bare" aria-label="Remove condition" onClick={() => put(i, undefined)}>
            ×
          </button>
        </li>
      ))}
      <li>
        <Add where={where} onAdd={(item) => onItems([...items, item])} first={items.length === 0} />
      </li>
    </ul>
  );
}

const groups = { and: 'all of', or: 'any of', not: 'not all of' } as const;

/** A choice of all that can be asked here. */
function Add({ where, onAdd, first }: { where: Where; onAdd: (item: Filter) => void; first: boolean }) {
  const add = (chosen: string) => {
    const [kind, name = ''] = chosen.split(':');
    if (kind === 'group') onAdd({ kind: 'group', op: name as Group['op'], items: [] });
    else if (kind === 'edge') onAdd({ kind: 'edge', with: name, quantity: 'some', items: [] });
    else {
      const conditions = where.fields.find((f) => f.name === name)?.conditions ?? [];
      const usual = conditions.find((c) => c.operator === 'ContainsFold') ?? conditions[0];
      if (usual) onAdd({ kind: 'field', key: usual.key, draft: usual.type.kind === 'boolean' ? 'true' : undefined });
    }
  };
  return (
    <select aria-label="Add a condition" value="" onChange={(e) => add(e.target.value)}>
      <option value="">{first ? 'add a condition…' : 'and…'}</option>
      <optgroup label="Fields">
        {where.fields.map((f) => (
          <option key={f.name} value={`field:${f.name}`}>
            {words(f.name)}
          </option>
        ))}
      </optgroup>
      {where.edges.length > 0 && (
        <optgroup label="Edges">
          {where.edges.map((e) => (
            <option key={e.with} value={`edge:${e.with}`}>
              {words(e.name)}
            </option>
          ))}
        </optgroup>
      )}
      <optgroup label="Together">
        {(['or', 'not', 'and'] as const)
          .filter((op) => where[op])
          .map((op) => (
            <option key={op} value={`group:${op}`}>
              {groups[op]} …
            </option>
          ))}
      </optgroup>
    </select>
  );
}

interface ItemProps<T extends Filter> {
  model: Model;
  where: Where;
  item: T;
  onItem: (item: Filter) => void;
  depth: number;
}

function Item(props: ItemProps<Filter>) {
  const { item } = props;
  if (item.kind === 'field') return <FieldItem {...props} item={item} />;
  if (item.kind === 'edge') return <EdgeItem {...props} item={item} />;
  return <GroupItem {...props} item={item} />;
}

function GroupItem({ model, where, item, onItem, depth }: ItemProps<Group>) {
  return (
    <fieldset>
      <legend>
        <select aria-label="Together" value={item.op} onChange={(e) => onItem({ ...item, op: e.target.value as Group['op'] })}>
          {(['or', 'not', 'and'] as const)
            .filter((op) => where[op])
            .map((op) => (
              <option key={op} value={op}>
                {groups[op]}
              </option>
            ))}
        </select>
      </legend>
      <FilterItems model={model} where={where} items={item.items} onItems={(items) => onItem({ ...item, items })} depth={depth + 1} />
    </fieldset>
  );
}

function EdgeItem({ model, where, item, onItem, depth }: ItemProps<EdgeFilter>) {
  const edge = where.edges.find((e) => e.with === item.with);
  const inner = model.where(edge?.where);
  if (!edge || !inner) return <span>{item.with}</span>;
  const name = words(edge.name);
  return (
    <fieldset>
      <legend>
        <select aria-label={`How many of ${name}`} value={item.quantity} onChange={(e) => onItem({ ...item, quantity: e.target.value as EdgeFilter['quantity'] })}>
          <option value="some">some {name}</option>
          <option value="none">no {name}</option>
        </select>
        {item.items.length > 0 && ' with'}
      </legend>
      <FilterItems model={model} where={inner} items={item.items} onItems={(items) => onItem({ ...item, items })} depth={depth + 1} />
    </fieldset>
  );
}

function FieldItem({ where, item, onItem }: ItemProps<FieldFilter>) {
  const field = where.fields.find((f) => f.conditions.some((c) => c.key === item.key));
  const condition = conditionOf(where, item.key);
  if (!field || !condition) return <span>{item.key}</span>;
  const name = words(field.name);
  const change = (key: string) => {
    const next = field.conditions.find((c) => c.key === key);
    if (next) onItem({ ...item, key, draft: carried(condition, next, item.draft) });
  };
  return (
    <span className="condition">
      <span className="name">{name}</span>
      <select aria-label={`Operator of ${name}`} value={item.key} onChange={(e) => change(e.target.value)}>
        {field.conditions.map((c) => (
          <option key={c.key} value={c.key}>
            {operatorWords(c)}
          </option>
        ))}
      </select>
      <ValueInput type={condition.type} draft={item.draft} onDraft={(draft) => onItem({ ...item, draft })} label={`Value of ${name}`} />
    </span>
  );
}

/** What stays of a value when its operator changes. */
function carried(from: Condition, to: Condition, draft: FieldFilter['draft']): FieldFilter['draft'] {
  if (from.type.kind !== to.type.kind) return to.type.kind === 'boolean' ? 'true' : undefined;
  if (from.type.list === to.type.list) return draft;
  if (to.type.list) return draft === undefined ? [] : [draft];
  return Array.isArray(draft) ? draft[0] : draft;
}
