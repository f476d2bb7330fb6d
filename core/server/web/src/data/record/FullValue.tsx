import { useMemo } from 'react';

import { decode, save } from '../model/export';
import { fieldsOperation, recordIn } from '../model/operations';
import type { Entity, Field } from '../model/types';
import { bytesIn, sizeText, visible } from '../model/values';
import { useAnswer } from '../parts/ask';
import { Value } from '../parts/Value';

interface FullValueProps {
  entity: Entity;
  field: Field;
  id: string;
  value: unknown;
}

/** A value in full: a text with its lines, JSON with its shape, bytes as a file. */
export function FullValue(props: FullValueProps) {
  const { field, value } = props;
  if (field.type.kind === 'bytes') return <Bytes {...props} />;
  if (value === null || value === undefined) return <span className="null">null</span>;
  if (field.type.kind === 'json') return <pre className="block code">{JSON.stringify(value, null, 2)}</pre>;
  if (field.type.list && Array.isArray(value) && value.length > 0) {
    return (
      <ul className="values">
        {value.map((item, i) => (
          <li key={i}>
            <Value type={{ ...field.type, list: false }} value={item} />
          </li>
        ))}
      </ul>
    );
  }
  if (field.type.kind === 'text' && typeof value === 'string' && (value.includes('\n') || value.length > 120)) {
    return (
      <div className="block text" dir="auto">
        {visible(value)}
      </div>
    );
  }
  return (
    <>
      <Value type={field.type} value={value} />
      {field.type.kind === 'time' && !field.type.list && <span className="quiet"> UTC</span>}
    </>
  );
}

/** Bytes come by a request of their own, so that many of them keep nothing else away. */
function Bytes({ entity, field, id }: FullValueProps) {
  const operation = useMemo(() => fieldsOperation(entity, id, [field.name]), [entity, id, field]);
  const answer = useAnswer(operation);
  const value = recordIn(answer.data?.data, entity)?.[field.name];
  if (answer.isError) return <span className="fault">{answer.error.message}</span>;
  if (answer.isPending) return <span className="null">reading…</span>;
  if (typeof value !== 'string') return <Value type={field.type} value={value} />;
  const download = () => save(new Blob([decode(value)], { type: 'application/octet-stream' }), `${id}-${field.name}.bin`.replace(/[^\w.-]+/g, '-'));
  return (
    <span className="pair">
      {sizeText(bytesIn(value))}
      <button type="button" onClick={download} aria-label={`Download ${field.name}`}>
        Download
      </button>
    </span>
  );
}
