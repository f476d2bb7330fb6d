// Uses the server at the URL given with urql and graphcache, which knows the
// schema by its introspection.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Client, fetchExchange, gql } from '@urql/core';
import { cacheExchange } from '@urql/exchange-graphcache';
import { relayPagination } from '@urql/exchange-graphcache/extras';
import { minifyIntrospectionQuery } from '@urql/introspection';
import { getIntrospectionQuery } from 'graphql';

const url = `${process.argv[2]}/graphql`;

const plain = new Client({ url, exchanges: [fetchExchange] });
const introspection = await plain.query(getIntrospectionQuery({ descriptions: false }), {}).toPromise();
assert.equal(introspection.error, undefined);
const schema = minifyIntrospectionQuery(introspection.data);

const PAGE = gql`
  query Page($first: Int!, $after: Cursor, $where: PostWhereInput) {
    posts(first: $first, after: $after, where: $where, orderBy: [{ field: CREATED_AT }]) {
      totalCount
      pageInfo {
        hasNextPage
        hasPreviousPage
        startCursor
        endCursor
      }
      edges {
        cursor
        node {
          id
          title
          rating
          author {
            id
            username
          }
        }
      }
    }
  }
`;

const CREATE = gql`
  mutation Create($input: CreatePostInput!) {
    createPost(input: $input) {
      id
      title
      rating
      author {
        id
        username
      }
    }
  }
`;

const UPDATE = gql`
  mutation Update($id: ID!, $input: UpdatePostInput!) {
    updatePost(id: $id, input: $input) {
      id
      title
    }
  }
`;

const REMOVE = gql`
  mutation Remove($id: ID!) {
    deletePost(id: $id)
  }
`;

const firstThree = { first: 3 };

// created shows a new post on the first page; the cache knows no other way that
// a list could come to have it.
function created(result, _args, cache) {
  cache.updateQuery({ query: PAGE, variables: firstThree }, (data) => {
    if (!data) {
      return data;
    }
    const edge = { __typename: 'PostEdge', cursor: '', node: result.createPost };
    return { ...data, posts: { ...data.posts, totalCount: data.posts.totalCount + 1, edges: [edge, ...data.posts.edges] } };
  });
}

// newClient is a client with how often it asked the server, and what its cache
// complained of.
function newClient() {
  const asked = [];
  const warned = [];
  const cache = cacheExchange({
    schema,
    keys: Object.fromEntries(['PostAggregate', 'PostGroupKey', 'PostAvg'].map((type) => [type, () => null])),
    resolvers: { Query: { posts: relayPagination() } },
    updates: { Mutation: { createPost: created, deletePost: (_result, { id }, store) => store.invalidate({ __typename: 'Post', id }) } },
    logger: (severity, message) => severity !== 'debug' && warned.push(`${severity}: ${message}`),
  });
  const counted = (target, options) => {
    asked.push(options.method);
    return fetch(target, options);
  };
  return { client: new Client({ url, fetch: counted, exchanges: [cache, fetchExchange] }), asked, warned };
}

async function answer(source) {
  const { data, error } = await source.toPromise();
  assert.equal(error, undefined);
  return data;
}

test('paging shows each record once', async () => {
  const { client, warned } = newClient();
  const where = { or: [{ ratingNotNil: true }, { ratingIsNil: true }] };
  let data = await answer(client.query(PAGE, { first: 8, where }));
  let count = 1;
  for (; data.posts.pageInfo.hasNextPage && count < 20; count++) {
    data = await answer(client.query(PAGE, { first: 8, after: data.posts.pageInfo.endCursor, where }));
  }
  assert.ok(count > 6);
  const ids = data.posts.edges.map((edge) => edge.node.id);
  assert.equal(ids.length, data.posts.totalCount);
  assert.equal(new Set(ids).size, ids.length);
  const all = await answer(plain.query(PAGE, { first: 1000, where }));
  assert.deepEqual(ids, all.posts.edges.map((edge) => edge.node.id));
  assert.deepEqual(warned, []);
});

test('writes change the list and the records on it', async () => {
  const { client, asked, warned } = newClient();
  let shown;
  const { unsubscribe } = client.query(PAGE, firstThree).subscribe(({ data }) => (shown = data));
  const before = await answer(client.query(PAGE, firstThree));
  const [{ node }] = before.posts.edges;
  const input = { slug: 'by-urql', title: 'Made by urql', body: '', author: { id: node.author.id } };
  const { createPost } = await answer(client.mutation(CREATE, { input }));
  assert.deepEqual(shown.posts.edges.map((edge) => edge.node.id), [createPost.id, ...before.posts.edges.map((edge) => edge.node.id)]);
  assert.equal(shown.posts.totalCount, before.posts.totalCount + 1);

  const requests = asked.length;
  await answer(client.mutation(UPDATE, { id: node.id, input: { title: 'Changed by urql' } }));
  assert.equal(shown.posts.edges[1].node.title, 'Changed by urql');
  assert.equal(asked.length, requests + 1);

  await answer(client.mutation(REMOVE, { id: createPost.id }));
  const after = await answer(client.query(PAGE, firstThree, { requestPolicy: 'network-only' }));
  unsubscribe();
  assert.equal(after.posts.totalCount, before.posts.totalCount);
  assert.ok(after.posts.edges.every((edge) => edge.node.id !== createPost.id));
  assert.deepEqual(warned, []);
});

test('the cache knows which types an interface has, and what has no key', async () => {
  const { client, asked, warned } = newClient();
  const { posts } = await answer(client.query(PAGE, { first: 1 }));
  const [{ node: post }] = posts.edges;
  const one = gql`query One($id: ID!) { node(id: $id) { id ... on Node { id } ... on Post { title author { id } } ... on User { username } } }`;
  const { node } = await answer(client.query(one, { id: post.id }));
  assert.deepEqual(node, { id: post.id, title: post.title, author: { id: post.author.id } });
  const figures = gql`{ postsAggregate(groupBy: [STATUS]) { key { status } count avg { rating } } }`;
  const { postsAggregate } = await answer(client.query(figures, {}));
  const requests = asked.length;
  assert.deepEqual((await answer(client.query(figures, {}))).postsAggregate, postsAggregate);
  assert.equal(asked.length, requests);
  assert.deepEqual(warned, []);
});

test('errors say their code and field', async () => {
  const { client } = newClient();
  const { error } = await client.mutation(UPDATE, { id: 'nothing', input: { title: 'x' } }).toPromise();
  const [{ path, extensions }] = error.graphQLErrors;
  assert.deepEqual([path, extensions.code, extensions.field], [['updatePost'], 'NOT_FOUND', 'id']);
});
