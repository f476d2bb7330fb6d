import { useQueryClient } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { Controller, type FieldValues, useForm, type UseFormReturn } from 'react-hook-form';

import { tableOf } from '../model/address';
import { type Entries, entriesOf, type Entry, inputOf, sortErrors } from '../model/form';
import { createOperation, fieldsOperation, labelled, recordIn, type Row, updateOperation } from '../model/operations';
import type { Entity, InputField, Model, Write } from '../model/types';
import { ask, Refusal, useAnswer } from '../parts/ask';
import { go, Link } from '../parts/place';
import { useUnsaved } from '../parts/unsaved';
import { Partly, Trouble } from '../parts/Trouble';
import { nameOf } from '../parts/Value';
import { FormField } from './FormField';

/** Makes a record, or changes the one of this id. */
export function FormPage({ model, entity, id }: { model: Model; entity: Entity; id?: string }) {
  const write = id ? entity.update : entity.create;
  const operation = useMemo(() => (id && write ? fieldsOperation(entity, id, selected(model, entity, write)) : undefined), [model, entity, id, write]);
  const answer = useAnswer(operation, true);
  const record = recordIn(answer.data?.data, entity);
  return (
    <div className="page">
      <h1>
        {id ? 'Change ' : 'New '}
        <Link to={tableOf(entity.name)}>{entity.name}</Link> {id && <Link to={{ page: 'record', of: entity.name, id }}>{record ? <bdi>{nameOf(model, entity.name, record)}</bdi> : id}</Link>}
      </h1>
      {!write && <p>The API has no mutation for this.</p>}
      {answer.isError && <Trouble error={answer.error} again={() => void answer.refetch()} />}
      {id && answer.isPending && write && <p className="waiting">Reading…</p>}
      {record === null && <p>There is no {entity.name} of this id.</p>}
      <Partly errors={answer.data?.errors} />
      {write && (!id || (record && !answer.isPlaceholderData)) && <Form model={model} entity={entity} write={write} record={record ?? undefined} />}
    </div>
  );
}

/** What a form has to know of its record: the values that it writes, and the first of what to-many edges lead to. */
function selected(model: Model, entity: Entity, write: Write): string[] {
  const shown = write.fields.filter((f) => entity.fields.some((o) => o.name === f.name && o.type.kind !== 'bytes'));
  const edges = write.fields.map((f) => f.edge).filter((e) => e !== undefined);
  return [
    labelled(model, entity.name),
    ...shown.filter((f) => f.name !== entity.label).map((f) => f.name),
    ...edges.map((e) => (e.many ? `${e.name}(first: 20) { totalCount edges { node { ${labelled(model, e.target)} } } }` : `${e.name} { ${labelled(model, e.target)} }`)),
  ];
}

interface Sending {
  entity: Entity;
  write: Write;
  record: Row | undefined;
  before: Entries;
  form: UseFormReturn;
  /** Told once all of it is saved. */
  saved: () => void;
}

/** Sends what a form says, and shows the record, or what is wrong with it. */
function useSending({ entity, write, record, before, form, saved }: Sending) {
  const [trouble, setTrouble] = useState<unknown>();
  const [note, setNote] = useState('');
  const client = useQueryClient();
  const send = async (entries: FieldValues) => {
    setTrouble(undefined);
    setNote('');
    const { input, faults } = inputOf(write.fields, entries as Entries, before);
    if (Object.keys(faults).length > 0) return report(form, write.fields, Object.fromEntries(Object.entries(faults).map(([k, v]) => [k, [v]])));
    if (record && Object.keys(input).length === 0) return setNote('Nothing has changed.');
    try {
      const answer = await ask(record ? updateOperation(write, record.id, input) : createOperation(write, input), { writes: true });
      saved();
      client.removeQueries({ queryKey: ['ask'] });
      go({ page: 'record', of: entity.name, id: (answer.data?.[write.field] as Row).id }, { replace: true });
    } catch (error) {
      if (!(error instanceof Refusal)) return setTrouble(error);
      const { at, top } = sortErrors(write.fields, error.errors);
      report(form, write.fields, at);
      if (top.length > 0) setTrouble(new Refusal(error.errors.filter((e) => top.includes(e.message))));
    }
  };
  return { send, trouble, note };
}

function Form({ model, entity, write, record }: { model: Model; entity: Entity; write: Write; record: Row | undefined }) {
  const [before] = useState<Entries>(() => entriesOf(write.fields, record, (target, row) => nameOf(model, target, row)));
  const form = useForm({ defaultValues: before as FieldValues });
  const saved = useUnsaved(() => {
    const { input, faults } = inputOf(write.fields, form.getValues() as Entries, before);
    return Object.keys(input).length > 0 || Object.keys(faults).length > 0;
  });
  const { send, trouble, note } = useSending({ entity, write, record, before, form, saved });
  const { errors, isSubmitting } = form.formState;
  return (
    <form className="form" onSubmit={(e) => void form.handleSubmit(send)(e)} noValidate autoComplete="off">
      {trouble !== undefined && <Trouble error={trouble} />}
      {write.fields.map((field) => (
        <Controller
          key={field.name}
          control={form.control}
          name={field.name}
          render={({ field: { value, onChange } }) => (
            <FormField
              model={model}
              of={entity.name}
              field={field}
              entry={(value as Entry | undefined) ?? before[field.name]!}
              onEntry={onChange}
              record={record}
              faults={faultsIn(errors[field.name])}
            />
          )}
        />
      ))}
      <div className="actions sticky">
        <button type="submit" className="primary" disabled={isSubmitting}>
          {record ? 'Save' : 'Create'}
        </button>
        <Link className="button" to={record ? { page: 'record', of: entity.name, id: record.id } : tableOf(entity.name)}>
          Cancel
        </Link>
        <span role="status">{isSubmitting ? 'Sending…' : note || saying(Object.keys(errors).length)}</span>
      </div>
    </form>
  );
}

const saying = (faults: number) => (faults === 0 ? '' : faults === 1 ? 'One field has to be changed.' : `${faults} fields have to be changed.`);

/** The messages that `report` has put to a field. */
function faultsIn(error: unknown): string[] {
  const message = (error as { message?: string } | undefined)?.message;
  return message ? message.split('\n') : [];
}

/** Puts errors to their fields, all at once, and the focus to the first. */
function report(form: UseFormReturn, fields: InputField[], at: Record<string, string[]>): void {
  for (const [name, messages] of Object.entries(at)) form.setError(name, { type: 'api', message: messages.join('\n') });
  const first = fields.find((f) => at[f.name]);
  if (first) document.getElementById(`field-${first.name}`)?.focus();
}
