import { type Consequence, type Fate, mostSteps, type Outlook } from '../model/deletion';
import type { Model } from '../model/types';
import { count, words } from '../model/values';
import { Link } from '../parts/place';

const titles: readonly (readonly [Fate, string])[] = [
  ['keeps', 'It cannot be deleted while these refer to it, or to what goes with it:'],
  ['mayKeep', 'These go along, and yet may keep it from being deleted, which the database decides:'],
  ['goes', 'These are deleted, too:'],
  ['cleared', 'These stay, and lose their link:'],
  ['reset', 'These stay, and their link gets its default:'],
  ['unlinked', 'These stay, and are no longer connected:'],
];

/** What a delete would do, what stands in its way first. */
export function Consequences({ model, outlook }: { model: Model; outlook: Outlook }) {
  const { consequences, further } = outlook;
  return (
    <div className="consequences">
      {consequences.length === 0 && <p>Nothing else goes with it, and nothing stands in the way.</p>}
      {titles.map(([fate, title]) => {
        const some = consequences.filter((c) => c.fate === fate);
        if (some.length === 0) return null;
        return (
          <section key={fate} data-fate={fate} className={fate === 'keeps' || fate === 'mayKeep' ? 'trouble' : undefined}>
            <h3>{title}</h3>
            <ul>
              {some.map((c, i) => (
                <li key={i} data-of={c.of} data-edge={c.edge} data-total={c.total}>
                  <Some model={model} consequence={c} />
                </li>
              ))}
            </ul>
          </section>
        );
      })}
      <p className="quiet">
        Followed over {mostSteps} steps{further ? '; what goes along with the last of these is not counted' : ''}. Of records that you may see, and as the database does it: hooks of the schema may do more.
      </p>
    </div>
  );
}

function Some({ model, consequence: { fate, of, edge, total, place } }: { model: Model; consequence: Consequence }) {
  const entity = of ? model.entity(of) : undefined;
  if (!entity) return <>records that the API does not show, if there are any</>;
  const name = total === 1 ? entity.name : words(entity.list.field);
  const by = edge && fate !== 'goes' && fate !== 'unlinked' ? ` (${edge.includes('.') ? edge : `${of}.${edge}`})` : '';
  if (total === undefined || !place) {
    return (
      <>
        {name}, if there are any{edge ? ` (${edge})` : ''}: the API cannot count these
      </>
    );
  }
  return (
    <>
      <Link to={place}>
        {count(total)} {name}
      </Link>
      {by}
    </>
  );
}
