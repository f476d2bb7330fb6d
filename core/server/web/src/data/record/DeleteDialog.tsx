import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';

import { tableOf } from '../model/address';
import { foresee, readReferrers } from '../model/deletion';
import { deleteOperation, type Row } from '../model/operations';
import type { Entity, Model } from '../model/types';
import { ask } from '../parts/ask';
import { go } from '../parts/place';
import { Trouble } from '../parts/Trouble';
import { nameOf } from '../parts/Value';
import { Consequences } from './Consequences';

/** What the server says with the page; a page of vite's own server has none. */
const referrers = readReferrers(document.getElementById('referrers')?.textContent);

/** Asks before a record is deleted, and says what that would do. */
export function DeleteDialog({ model, entity, record, onClose }: { model: Model; entity: Entity; record: Row; onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [trouble, setTrouble] = useState<unknown>();
  const [sends, setSends] = useState(false);
  const client = useQueryClient();
  useEffect(() => {
    if (!dialog.current?.open) dialog.current?.showModal();
  }, []);
  const outlook = useQuery({
    queryKey: ['ask', 'foresee', entity.name, record.id],
    queryFn: ({ signal }) => foresee(model, referrers!, entity, record.id, async (operation) => (await ask(operation, { signal })).data ?? {}),
    enabled: referrers !== undefined,
    staleTime: 0,
  });
  const remove = async () => {
    setSends(true);
    setTrouble(undefined);
    try {
      await ask(deleteOperation(entity.delete!, record.id), { writes: true });
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
      {referrers === undefined && <p>What goes with it, and what keeps it, is for the schema to say: the server did not tell this page.</p>}
      {outlook.isFetching && <p role="status">Looking at what goes with it…</p>}
      {outlook.isError && <Trouble error={outlook.error} again={() => void outlook.refetch()} />}
      {outlook.data && !outlook.isFetching && <Consequences model={model} outlook={outlook.data} />}
      {trouble !== undefined && <Trouble error={trouble} />}
      <div className="actions">
        <button type="button" className="danger" disabled={sends || outlook.isFetching} onClick={() => void remove()}>
          Delete
        </button>
        <button type="button" onClick={onClose} autoFocus>
          Keep it
        </button>
      </div>
    </dialog>
  );
}
