import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';

import { tableOf } from '../model/address';
import { type Connection, deleteOperation, type Row } from '../model/operations';
import type { Entity, Model } from '../model/types';
import { count, words } from '../model/values';
import { ask } from '../parts/ask';
import { go, Link } from '../parts/place';
import { Trouble } from '../parts/Trouble';
import { nameOf } from '../parts/Value';

/** Asks before a record is deleted, and says what it leads to. */
export function DeleteDialog({ model, entity, record, onClose }: { model: Model; entity: Entity; record: Row; onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [trouble, setTrouble] = useState<unknown>();
  const [sends, setSends] = useState(false);
  const client = useQueryClient();
  useEffect(() => {
    if (!dialog.current?.open) dialog.current?.showModal();
  }, []);
  const linked = entity.edges.filter((e) => e.many).map((edge) => ({ edge, total: (record[edge.name] as Connection | null)?.totalCount ?? 0 }));
  const some = linked.filter((l) => l.total > 0);
  const remove = async () => {
    setSends(true);
    setTrouble(undefined);
    try {
      await ask(deleteOperation(entity.delete!, record.id));
      client.removeQueries({ queryKey: ['ask'] });
      go(tableOf(entity.name), { replace: true });
    } catch (error) {
      setTrouble(error);
      setSends(false);
    }
  };
  return (
    <dialog ref={dialog} onClose={onClose} aria-labelledby="delete-title">
      <h2 id="delete-title">
        Delete {entity.name} <bdi>{nameOf(model, entity.name, record)}</bdi>?
      </h2>
      {some.length === 0 ? (
        <p>It leads to no other records by its to-many edges.</p>
      ) : (
        <>
          <p>It is linked with these. What becomes of them is for the schema to say: they lose the link, or go too, or keep it from being deleted.</p>
          <ul>
            {some.map(({ edge, total }) => (
              <li key={edge.name}>
                <Link to={tableOf(entity.name, { id: record.id, name: edge.name })}>
                  {count(total)} {words(edge.name)}
                </Link>
              </li>
            ))}
          </ul>
        </>
      )}
      {trouble !== undefined && <Trouble error={trouble} />}
      <div className="actions">
        <button type="button" className="danger" disabled={sends} onClick={() => void remove()}>
          Delete
        </button>
        <button type="button" onClick={onClose} autoFocus>
          Keep it
        </button>
      </div>
    </dialog>
  );
}
