import type { Operation } from '../../shared/request';
import type { TablePlace } from './address';
import { tableOf } from './address';
import type { Connection, Row } from './operations';
import type { Entity, Model } from './types';

/** How many steps from the record itself a delete is followed over. */
export const mostSteps = 4;

/** How many records are named by their ids where no filter means them. */
const mostLed = 50;

/** Who is affected when a record of an entity is deleted, and how: what the server says with the page. */
export interface Referrer {
  of?: string;
  edge?: string;
  back?: string;
  action: 'noAction' | 'restrict' | 'cascade' | 'setNull' | 'setDefault' | 'unlink' | 'needed';
}

export type Referrers = Record<string, Referrer[]>;

type Filter = Record<string, unknown>;

/** What becomes of some records: they stand in the way, or may; they go; they lose a link, or an association. */
export type Fate = 'keeps' | 'mayKeep' | 'goes' | 'cleared' | 'reset' | 'unlinked';

/** One sentence of what a delete does. */
export interface Consequence {
  fate: Fate;
  /** The entity of the records, and the edge that is meant; undefined where the API does not show them. */
  of?: string;
  edge?: string;
  /** How many they are; undefined where that cannot be asked. */
  total: number | undefined;
  /** Where they are to be seen. */
  place?: TablePlace;
}

/** All that is known of a delete before it is done. */
export interface Outlook {
  consequences: Consequence[];
  /** Some go at the last step, and more may go along with these. */
  further: boolean;
}

/** Asks the API, and returns the data of its answer. */
export type Asks = (operation: Operation) => Promise<Record<string, unknown>>;

/** Reads what the server says with the page; undefined where it says nothing. */
export function readReferrers(text: string | null | undefined): Referrers | undefined {
  return text ? (JSON.parse(text) as Referrers) : undefined;
}

/** Finds out what deleting a record would do. */
export async function foresee(model: Model, referrers: Referrers, entity: Entity, id: string, ask: Asks): Promise<Outlook> {
  const deletion = new Deletion(model, referrers, ask);
  return deletion.of(entity, id);
}

/** A filter on the records of an entity to be counted, and what is said of them. */
interface Asked extends Omit<Consequence, 'total' | 'place'> {
  of: string;
  where: Filter;
}

const any = (filters: Filter[]): Filter => (filters.length === 1 ? filters[0]! : { or: filters });
const but = (filter: Filter, not: Filter[]): Filter => (not.length === 0 ? filter : { and: [filter], not: any(not) });

class Deletion {
  /** What goes: filters by entity. */
  private readonly gone = new Map<string, Filter[]>();
  private readonly unknown: Consequence[] = [];

  constructor(
    private readonly model: Model,
    private readonly referrers: Referrers,
    private readonly ask: Asks,
  ) {}

  async of(entity: Entity, id: string): Promise<Outlook> {
    let step: { of: string; where: Filter }[] = [{ of: entity.name, where: { id } }];
    this.gone.set(entity.name, [{ id }]);
    for (let n = 0; n < mostSteps && step.length > 0; n++) {
      const sure: typeof step = [];
      for (const { of, where } of step) {
        for (const r of this.follow(of, 'cascade')) {
          const found = await this.filter(r, of, where);
          if (found) sure.push({ of: r.of!, where: found });
        }
      }
      const totals = await this.count(sure);
      step = sure.filter((_, i) => totals[i]! > 0);
      for (const { of, where } of step) this.gone.set(of, [...(this.gone.get(of) ?? []), where]);
    }
    const asked = [...this.goes(entity.name, id), ...(await this.others(entity.name))];
    const totals = await this.count(asked);
    const counted = asked.map(({ of, where, fate, edge }, i) => ({ fate, of, ...(edge ? { edge } : {}), total: totals[i]!, place: { ...tableOf(of), where } }));
    const further = step.some(({ of }) => this.follow(of, 'cascade').length > 0);
    return { consequences: [...counted.filter((c) => c.total > 0), ...this.unknown], further };
  }

  private follow(of: string, ...actions: Referrer['action'][]): Referrer[] {
    return (this.referrers[of] ?? []).filter((r) => actions.includes(r.action));
  }

  /** Which records are meant by those that refer to the records of a filter; undefined where the API cannot ask for them. */
  private async filter({ of, edge, back, action }: Referrer, to: string, where: Filter): Promise<Filter | undefined> {
    const target = of ? this.model.entity(of) : undefined;
    const asked = this.model.where(target?.list.where);
    const asks = edge ? asked?.edges.find((e) => e.name === edge) : undefined;
    if (asks) return { [asks.with]: [where] };
    const oneOf = asked?.fields.find((f) => f.name === 'id')?.conditions.find((c) => c.operator === 'In')?.key;
    const ids = back && oneOf ? await this.led(to, back, where) : undefined;
    if (ids) return { [oneOf!]: ids };
    const fate = fates[action];
    const name = edge ?? (back && `${to}.${back}`);
    if (!this.unknown.some((u) => u.of === target?.name && u.edge === name && u.fate === fate)) {
      this.unknown.push({ fate, total: undefined, ...(target ? { of: target.name } : {}), ...(name ? { edge: name } : {}) });
    }
    return undefined;
  }

  /** What an edge leads to that is not named from the other side, by id; undefined where it is much. */
  private async led(from: string, name: string, where: Filter): Promise<string[] | undefined> {
    const { list, edges } = this.model.entity(from)!;
    const edge = edges.find((e) => e.name === name);
    if (!edge || !list.where) return undefined;
    const part = edge.many ? `${name}(first: ${mostLed}) { totalCount edges { node { id } } }` : `${name} { id }`;
    const query = `query Led($w: ${list.where}) {\n  l: ${list.field}(first: ${mostLed}, where: $w) { totalCount edges { node { ${part} } } }\n}`;
    const all = (await this.ask({ query, variables: { w: where } }))['l'] as Connection | null;
    const parts = all?.edges.map(({ node }) => node?.[name]) ?? [];
    const pages = edge.many ? (parts as (Connection | null)[]) : [];
    if (!all || all.totalCount > mostLed || pages.some((p) => !p || p.totalCount > mostLed)) return undefined;
    const rows = edge.many ? pages.flatMap((p) => p!.edges.map((e) => e.node)) : (parts as (Row | null)[]);
    return rows.flatMap((row) => (row ? [row.id] : []));
  }

  /** What goes besides the record itself. */
  private goes(root: string, id: string): Asked[] {
    return [...this.gone]
      .map(([of, all]) => ({ of, all: of === root ? all.slice(1) : all }))
      .filter(({ all }) => all.length > 0)
      .map(({ of, all }) => ({ of, fate: 'goes', where: of === root ? but(any(all), [{ id }]) : any(all) }));
  }

  /** What stays: in the way, or with one link less. */
  private async others(root: string): Promise<Asked[]> {
    const asked: Asked[] = [];
    for (const [of, all] of this.gone) {
      for (const r of this.follow(of, 'noAction', 'restrict', 'setNull', 'setDefault', 'unlink', 'needed')) {
        if (r.action === 'needed' && of !== root) continue; // of what is deleted by itself alone
        const where = await this.filter(r, of, any(r.action === 'needed' ? all.slice(0, 1) : all));
        if (!where) continue;
        const goes = this.gone.get(r.of!) ?? [];
        const edge = r.edge ?? (r.back && `${of}.${r.back}`);
        const named = edge ? { edge } : {};
        asked.push({ of: r.of!, fate: fates[r.action], where: but(where, goes), ...named });
        // What is deleted by the same statement keeps nothing, unless its schema says so.
        if (r.action === 'restrict' && goes.length > 0) asked.push({ of: r.of!, fate: 'mayKeep', where: { and: [where, any(goes)] }, ...named });
      }
    }
    return asked;
  }

  /** How many records there are of each filter. */
  private async count(asked: { of: string; where: Filter }[]): Promise<number[]> {
    const totals: number[] = [];
    for (let from = 0; from < asked.length; from += 20) {
      const some = asked.slice(from, from + 20);
      const lists = some.map(({ of }) => this.model.entity(of)!.list);
      const query = `query Referrers(${lists.map((l, i) => `$w${i}: ${l.where}`).join(', ')}) {\n${lists.map((l, i) => `  c${i}: ${l.field}(first: 0, where: $w${i}) { totalCount }`).join('\n')}\n}`;
      const data = await this.ask({ query, variables: Object.fromEntries(some.map(({ where }, i) => [`w${i}`, where])) });
      for (const [i, { of }] of some.entries()) {
        const page = data[`c${i}`] as { totalCount: number } | null;
        if (!page) throw new Error(`The API does not say how many ${of} there are.`);
        totals.push(page.totalCount);
      }
    }
    return totals;
  }
}

const fates: Record<Referrer['action'], Fate> = {
  noAction: 'keeps',
  restrict: 'keeps',
  needed: 'keeps',
  cascade: 'goes',
  setNull: 'cleared',
  setDefault: 'reset',
  unlink: 'unlinked',
};
