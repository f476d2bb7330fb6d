import { readFileSync } from 'node:fs';

import { buildSchema } from 'graphql';
import { describe, expect, test } from 'vitest';

import { readModel } from '../src/data/model/schema';
import type { Entity, InputField, Model } from '../src/data/model/types';

const root = new URL('../../../../', import.meta.url);
const fixture = 'core/internal/fixture';
const read = (...files: string[]) => readModel(buildSchema(files.map((file) => readFileSync(new URL(file, root), 'utf8')).join('\n')));

const projects: Record<string, Model> = {
  example: read('graph/ent.graphql', 'graph/post.graphql'),
  blog: read(`${fixture}/blog/graph/ent.graphql`, `${fixture}/blog/graph/post.graphql`),
  rule: read(`${fixture}/rule/graph/ent.graphql`),
};

function input(entity: Entity | undefined, verb: 'create' | 'update', name: string): InputField {
  const found = entity?.[verb]?.fields.find((f) => f.name === name);
  if (!found) throw new Error(`no ${name} to ${verb}`);
  return found;
}

describe.each(Object.entries(projects))('%s', (_, model) => {
  test('each entity has all of its roots', () => {
    expect(model.entities.length).toBeGreaterThan(3);
    for (const e of model.entities) {
      expect([e.one, e.list.where, e.list.orderBy, e.aggregate, e.create, e.update, e.delete], e.name).not.toContain(undefined);
    }
  });

  test('each field and edge of a where input is told', () => {
    for (const e of model.entities) {
      const where = model.where(e.list.where)!;
      expect([where.not, where.and, where.or]).toEqual([true, true, true]);
      expect(where.fields.map((f) => f.name)).toEqual(e.fields.filter((f) => f.order || f.type.list).map((f) => f.name));
      expect(where.edges.map((f) => f.name)).toEqual(e.edges.map((f) => f.name));
      for (const edge of where.edges) {
        expect(edge.where).toBe(model.entity(e.edges.find((x) => x.name === edge.name)!.target)!.list.where);
      }
    }
  });

  test('each edge has its order', () => {
    for (const e of model.entities) {
      const values = e.orders.map((o) => o.value);
      for (const part of e.edges) expect(values, `${e.name}.${part.name}`).toContain(part.order);
    }
  });
});

test('fields have their kinds', () => {
  const post = projects['blog']!.entity('Post')!;
  const kind = (name: string) => post.fields.find((f) => f.name === name)?.type.kind;
  expect(['id', 'title', 'status', 'viewCount', 'rating', 'createdAt'].map(kind)).toEqual(['id', 'text', 'enum', 'int', 'float', 'time']);
  expect(post.fields.find((f) => f.name === 'body')?.long).toBe(true);
  expect(post.fields.find((f) => f.name === 'excerpt')).toMatchObject({ order: undefined });
  expect(post.label).toBe('slug');
  expect(projects['blog']!.entity('Comment')!.label).toBe('body');
  expect(projects['rule']!.entity('Friendship')!.label).toBe('id');
});

test('operators are those of the where input', () => {
  const model = projects['blog']!;
  const { fields } = model.where('PostWhereInput')!;
  const of = (name: string) => fields.find((f) => f.name === name)?.conditions.map((c) => c.operator);
  expect(of('status')).toEqual(['', 'NEQ', 'In', 'NotIn']);
  expect(of('rating')).toEqual(['', 'NEQ', 'In', 'NotIn', 'GT', 'GTE', 'LT', 'LTE', 'IsNil', 'NotNil']);
  expect(of('title')).toContain('ContainsFold');
});

test('writes tell what is required, what can be cleared and what adds to an edge', () => {
  const post = projects['blog']!.entity('Post');
  expect(input(post, 'create', 'title')).toMatchObject({ required: true, nullable: false });
  expect(input(post, 'create', 'author')).toMatchObject({ required: true, nullable: false });
  expect(input(post, 'update', 'author')).toMatchObject({ required: false, nullable: false });
  expect(input(post, 'update', 'rating')).toMatchObject({ required: false, nullable: true });
  expect(input(post, 'update', 'tags')).toMatchObject({ add: 'addTags', remove: 'removeTags' });
  expect(post?.update?.fields.map((f) => f.name)).not.toContain('addTags');
  expect(post?.update?.fields.map((f) => f.name)).not.toContain('createdAt');
  expect(projects['rule']!.entity('Volume')?.update?.fields.find((f) => f.name === 'shelf')).toMatchObject({ nullable: true });
});

test('a relation with values of its own is read and written with them', () => {
  const account = projects['rule']!.entity('Account')!;
  expect(account.edges.find((e) => e.name === 'peers')?.own.map((f) => f.name)).toEqual(['stars']);
  expect(input(account, 'create', 'peers').extras.map((f) => f.name)).toEqual(['stars']);
  expect(input(account, 'create', 'friends').extras).toEqual([]);
});

test('a mutation of somebody is none of the entity, and a view has only a query side', () => {
  const model = readModel(
    buildSchema(`
      type Query { person(id: ID!): Human  everybody(first: Int, after: String, where: Filter): HumanConnection!
        reports(first: Int): ReportConnection! }
      type Mutation { register(input: RegisterInput!): Human!  createHuman(input: CreateHumanInput!): Human! }
      type Human { id: ID!  checkedIn: Boolean!  checked: Int  tags: [String!]  best(of: Int!): String }
      type Report { id: ID!  total: BigInt }
      scalar BigInt
      type HumanConnection { edges: [HumanEdge!]!  pageInfo: Info!  totalCount: Int! }
      type ReportConnection { edges: [ReportEdge!]!  pageInfo: Info!  totalCount: Int! }
      type HumanEdge { node: Human }
      type ReportEdge { node: Report }
      type Info { hasNextPage: Boolean! }
      input Filter { checkedIn: Boolean  checkedInNEQ: Boolean  checked: Int  checkedNotIn: [Int!] }
      input RegisterInput { name: String! }
      input CreateHumanInput { checked: Int  tags: [String!]  appendTags: [String!] }`),
  );
  expect(model.entities.map((e) => e.name)).toEqual(['Human', 'Report']);
  const human = model.entity('Human')!;
  expect(human).toMatchObject({ one: 'person', list: { field: 'everybody', where: 'Filter' } });
  expect([human.update, human.delete]).toEqual([undefined, undefined]);
  expect(human.create?.field).toBe('createHuman');
  expect(human.create?.fields.map((f) => f.name)).toEqual(['checked', 'tags']);
  expect(human.fields.map((f) => f.name)).toEqual(['id', 'checkedIn', 'checked', 'tags']);
  expect(model.where('Filter')?.fields.map((f) => [f.name, ...f.conditions.map((c) => c.operator)])).toEqual([
    ['checkedIn', '', 'NEQ'],
    ['checked', '', 'NotIn'],
  ]);
  expect(model.entity('Report')).toMatchObject({ list: { field: 'reports', where: undefined } });
});
