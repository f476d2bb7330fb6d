// Uses the operations against the server at the URL given, typed from the schema
// to the answer: by their texts, or, with the word hash, by nothing but hashes.
import assert from 'node:assert/strict';
import test from 'node:test';

import { read } from './gql';
import type { CreatePostInput, PostOrder, PostStatus, PostWhereInput, TypedDocumentString } from './gql/graphql';
import * as operations from './operations';

const [url, by] = process.argv.slice(2);

interface Answer<Result> {
  data?: Result | null;
  errors?: { message: string; extensions: { code: string; field?: string } }[];
}

async function send(body: object): Promise<Answer<unknown>> {
  const res = await fetch(`${url}/graphql`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  return (await res.json()) as Answer<unknown>;
}

async function ask<Result, Variables>(document: TypedDocumentString<Result, Variables>, variables: Variables): Promise<Result> {
  const hash = document.__meta__?.['hash'];
  assert.equal(typeof hash, 'string');
  const named = { extensions: { persistedQuery: { version: 1, sha256Hash: hash } } };
  const { data, errors } = (await send({ ...(by === 'hash' ? named : { query: document.toString() }), variables })) as Answer<Result>;
  assert.equal(errors, undefined);
  assert.ok(data);
  return data;
}

const cards = (result: Awaited<ReturnType<typeof onePage>>) => result.posts.edges.map((edge) => read(operations.postCard, edge.node));
const onePage = (first: number, after?: string | null, where?: PostWhereInput, orderBy?: PostOrder[]) => ask(operations.page, { first, after, where, orderBy });

test('pages, filters and orders', async () => {
  const where: PostWhereInput = { or: [{ ratingGTE: 2 }, { ratingIsNil: true }], hasAuthorWith: [{ roleIn: ['AUTHOR', 'ADMIN', 'READER'] }] };
  const ids: string[] = [];
  const ratings: number[] = [];
  let after: string | null | undefined = null;
  let total = -1;
  do {
    const result: Awaited<ReturnType<typeof onePage>> = await onePage(7, after, where, [{ field: 'RATING', direction: 'DESC', nulls: 'LAST' }]);
    for (const card of cards(result)) {
      assert.ok(card);
      ids.push(card.id);
      ratings.push(card.rating ?? -1);
      const author = read(operations.authorLine, card.author);
      assert.match(author.username, /^[a-z]/);
    }
    total = result.posts.totalCount;
    after = result.posts.pageInfo.hasNextPage ? result.posts.pageInfo.endCursor : null;
  } while (after && ids.length < 1000);
  assert.ok(total > 14);
  assert.equal(new Set(ids).size, total);
  assert.deepEqual(ratings, [...ratings].sort((a, b) => b - a));

  const people = await ask(operations.talked, { atLeast: 4.5 });
  assert.ok(people.users.totalCount > 0);
  assert.ok(people.users.edges.every((edge) => (edge.node?.posts.totalCount ?? 0) > 0));
});

test('aggregates', async () => {
  const { all, byStatus } = await ask(operations.figures, { where: null });
  const count: number | undefined = all[0]?.count;
  const mean: number | null | undefined = all[0]?.avg.viewCount;
  assert.equal(typeof mean, 'number');
  assert.equal(byStatus.reduce((sum, row) => sum + row.count, 0), count);
  for (const row of byStatus) {
    const status: PostStatus | null | undefined = row.key?.status;
    const views: string | null | undefined = row.sum.viewCount;
    assert.ok(status);
    assert.match(views ?? '0', /^\d+$/);
  }
});

test('writes with references', async () => {
  const slug = `typed-${by ?? 'text'}`;
  const input: CreatePostInput = {
    slug,
    title: 'Typed from end to end',
    body: 'One two three four five six seven.',
    author: { connectOrCreate: { username: 'typist', email: 'typist@example.com', name: 'A typist' } },
    tags: [{ connectOrCreate: { name: 'types' } }, { create: { name: `${slug}-tag` } }],
    comments: [{ create: { body: 'At last.', author: { username: 'typist' } } }],
  };
  const created = await ask(operations.create, { input });
  const card = read(operations.postCard, created.createPost);
  const status: PostStatus = card.status;
  assert.equal(status, 'DRAFT');
  assert.equal(created.createPost.tags.totalCount, 2);
  assert.equal(read(operations.authorLine, created.createPost.comments.edges[0]?.node?.author)?.username, 'typist');

  const updated = await ask(operations.update, { id: card.id, input: { rating: 4.5, removeTags: [{ name: 'types' }], addTags: [{ create: { name: `${slug}-more` } }] } });
  assert.equal(read(operations.postCard, updated.updatePost).rating, 4.5);
  assert.equal(updated.updatePost.tags.totalCount, 2);
  const upserted = await ask(operations.upsert, { by: 'SLUG', input: { slug, title: 'Typed again', body: input.body, author: { username: 'typist' } } });
  assert.equal(read(operations.postCard, upserted.upsertPost).id, card.id);
  const { publishPost } = await ask(operations.publish, { id: card.id });
  assert.equal(publishPost.status, 'PUBLISHED');
  assert.ok(publishPost.publishedAt);

  const { postBySlug } = await ask(operations.bySlug, { slug });
  assert.equal(read(operations.postCard, postBySlug)?.title, 'Typed again');
  assert.equal(postBySlug?.excerpt, 'One two three four five …');
  assert.deepEqual(postBySlug?.tags.edges.map((edge) => edge.node?.name), [`${slug}-more`, `${slug}-tag`]);
  const { node } = await ask(operations.anything, { id: card.id });
  assert.equal(node?.__typename === 'Post' ? node.title : '', 'Typed again');
  const { nodes } = await ask(operations.severalOf, { ids: [card.id] });
  assert.equal(nodes[0]?.id, card.id);
  const { createTags } = await ask(operations.createTags, { inputs: [{ name: `${slug}-one` }, { name: `${slug}-two` }] });
  assert.equal(createTags.length, 2);
  const removed = await ask(operations.remove, { id: card.id, where: { hasPostWith: [{ id: card.id }] } });
  assert.deepEqual(removed, { deleteComments: 1, deletePost: card.id });
});

async function unknown() {
  const code = async (body: object) => (await send(body)).errors?.map((error) => error.extensions.code);
  assert.deepEqual(await code({ query: '{ posts { totalCount } }' }), ['FORBIDDEN']);
  assert.deepEqual(await code({ extensions: { persistedQuery: { version: 1, sha256Hash: '0'.repeat(64) } } }), ['FORBIDDEN']);
  assert.deepEqual(await code({ operationName: 'Unknown' }), ['FORBIDDEN']);
  assert.equal(await code({ operationName: 'Figures' }), undefined);
}

if (by === 'hash') {
  test('what was not written beforehand', unknown);
}
