import { type KeyboardEvent, type ReactNode, useEffect, useId, useState } from 'react';

import type { Reference } from '../model/form';
import { pageIn, type Row, searchOperation } from '../model/operations';
import type { Model } from '../model/types';
import { count } from '../model/values';
import { useAnswer } from '../parts/ask';
import { nameOf } from '../parts/Value';

interface PickerProps {
  model: Model;
  target: string;
  onPick: (to: Reference) => void;
  /** Ids that are chosen already. */
  taken: string[];
  id?: string | undefined;
  label?: string | undefined;
  invalid?: boolean | undefined;
  describedBy?: string | undefined;
}

/** Finds a record by a text that it holds, or by its id. */
export function Picker({ model, target, onPick, taken, id, label, invalid, describedBy }: PickerProps) {
  const [text, setText] = useState('');
  const [open, setOpen] = useState(false);
  const [active, setActive] = useState(0);
  const list = useId();
  const { found, rest, stale, note } = useFound(model, target, open, text, taken);
  const pick = (row: Row | undefined) => {
    if (!row) return;
    onPick({ id: row.id, label: nameOf(model, target, row), extras: {} });
    setText('');
    setOpen(false);
  };
  const write = (next: string) => {
    setText(next);
    setActive(0);
    setOpen(true);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      setOpen(true);
      setActive((at) => Math.min(Math.max(0, at + (open ? step : 0)), Math.max(0, found.length - 1)));
    } else if (event.key === 'Enter' && open) {
      if (!stale) pick(found[active]);
    } else if (event.key === 'Escape' && open) setOpen(false);
    else return;
    event.preventDefault();
  };
  return (
    <span className="picker" onBlur={(e) => !e.currentTarget.contains(e.relatedTarget) && setOpen(false)}>
      <input
        role="combobox"
        id={id}
        aria-label={label}
        aria-expanded={open}
        aria-controls={list}
        aria-autocomplete="list"
        aria-activedescendant={open && found[active] ? `${list}-${active}` : undefined}
        aria-invalid={invalid || undefined}
        aria-describedby={describedBy}
        autoComplete="off"
        placeholder={`Find ${target} by text or id`}
        value={text}
        onChange={(e) => write(e.target.value)}
        onClick={() => setOpen(true)}
        onKeyDown={onKeyDown}
      />
      <ul role="listbox" id={list} hidden={!open} aria-busy={stale} aria-label={`${target} records`}>
        {found.map((row, i) => (
          <li key={row.id} id={`${list}-${i}`} role="option" aria-selected={i === active} onMouseDown={(e) => e.preventDefault()} onClick={() => pick(row)}>
            <bdi>{nameOf(model, target, row)}</bdi> <bdi className="quiet code">{row.id}</bdi>
          </li>
        ))}
        {found.length === 0 && <Note>{note}</Note>}
        {rest > 0 && <Note>{count(rest)} more: write more of the text.</Note>}
      </ul>
    </span>
  );
}

/** The records that hold a text, but for those that are taken; `stale` as long as they may be those of a text before. */
function useFound(model: Model, target: string, open: boolean, text: string, taken: string[]) {
  const entity = model.entity(target);
  const asked = useSettled(text);
  const answer = useAnswer(open && entity ? searchOperation(model, entity, asked) : undefined);
  const page = entity && pageIn(answer.data?.data, entity, undefined).page;
  return {
    found: (page?.edges ?? []).flatMap(({ node }) => (node && !taken.includes(node.id) ? [node] : [])),
    rest: page ? page.totalCount - page.edges.length : 0,
    stale: open && (text !== asked || answer.isFetching),
    note: answer.isError ? answer.error.message : answer.isFetching ? 'Searching…' : 'Nothing found.',
  };
}

function Note({ children }: { children: ReactNode }) {
  return (
    <li role="option" aria-selected={false} aria-disabled="true" className="quiet">
      {children}
    </li>
  );
}

/** A text once nobody has written on for a moment. */
function useSettled(text: string): string {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), 150);
    return () => clearTimeout(timer);
  }, [text]);
  return settled;
}
