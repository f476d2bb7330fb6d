// Uses the server at the URL given with Apollo Client.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import test from 'node:test';
import { ApolloClient, CombinedGraphQLErrors, HttpLink, InMemoryCache, gql } from '@apollo/client';
import { PersistedQueryLink } from '@apollo/client/link/persisted-queries';
import { relayStylePagination } from '@apollo/client/utilities';

const uri = `${process.argv[2]}/graphql`;

// newClient is a client with what it sent: method, and whether the document was
// in it.
function newClient(persisted) {
  const sent = [];
  const http = new HttpLink({
    uri,
    fetch: (target, options) => {
      const { method = 'GET', body } = options;
      const asked = method === 'GET' ? Object.fromEntries(new URL(target).searchParams) : JSON.parse(body);
      sent.push(`${method} ${asked.query ? 'document' : 'hash'}`);
      return fetch(target, options);
    },
  });
  const sha256 = (text) => createHash('sha256').update(text).digest('hex');
  const link = persisted ? new PersistedQueryLink({ sha256, ...persisted }).concat(http) : http;
  const cache = new InMemoryCache({ typePolicies: { Query: { fields: { posts: relayStylePagination(['where', 'orderBy']) } } } });
  return { client: new ApolloClient({ link, cache }), cache, sent };
}

const PAGE = gql`
  query Page($first: Int!, $after: Cursor, $where: PostWhereInput) {
    posts(first: $first, after: $after, where: $where, orderBy: [{ field: VIEW_COUNT, direction: DESC }]) {
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
          viewCount
          author {
            id
            username
          }
        }
      }
    }
  }
`;

const UPDATE = gql`
  mutation Update($id: ID!, $input: UpdatePostInput!) {
    updatePost(id: $id, input: $input) {
      id
      title
      author {
        id
        username
      }
    }
  }
`;

test('paging shows each record once, in order', async () => {
  const { client } = newClient();
  const query = { query: PAGE, variables: { first: 9, where: { viewCountGTE: 0 } } };
  const pages = client.watchQuery(query);
  const subscription = pages.subscribe({});
  let { data } = await pages.refetch();
  let count = 1;
  for (; data.posts.pageInfo.hasNextPage && count < 20; count++) {
    await pages.fetchMore({ variables: { after: data.posts.pageInfo.endCursor } });
    data = client.readQuery(query);
  }
  subscription.unsubscribe();
  assert.ok(count > 5);
  const ids = data.posts.edges.map((edge) => edge.node.id);
  assert.equal(ids.length, data.posts.totalCount);
  assert.equal(new Set(ids).size, ids.length);
  const views = data.posts.edges.map((edge) => edge.node.viewCount);
  assert.deepEqual(views, [...views].sort((a, b) => b - a));
});

test('an answer to a write changes the record wherever it is shown', async () => {
  const { client, cache, sent } = newClient();
  const { data } = await client.query({ query: PAGE, variables: { first: 5 } });
  const [{ node }, { node: other }] = data.posts.edges;
  assert.equal(cache.identify(node), `Post:${node.id}`);
  const seen = [];
  const watched = client.watchQuery({ query: PAGE, variables: { first: 5 } }).subscribe((result) => seen.push(result.data?.posts.edges[0].node.title));
  await client.mutate({ mutation: UPDATE, variables: { id: node.id, input: { title: 'Changed by Apollo', author: { id: other.author.id } } } });
  const again = await client.query({ query: PAGE, variables: { first: 5 } });
  watched.unsubscribe();
  assert.equal(again.data.posts.edges[0].node.title, 'Changed by Apollo');
  assert.equal(again.data.posts.edges[0].node.author.username, other.author.username);
  assert.equal(seen.at(-1), 'Changed by Apollo');
  assert.equal(sent.length, 2);
  assert.equal(cache.extract()[`Post:${node.id}`].title, 'Changed by Apollo');
});

test('errors say their code and field', async () => {
  const { client } = newClient();
  const { data } = await client.query({ query: PAGE, variables: { first: 1 } });
  const refused = await client.mutate({ mutation: UPDATE, variables: { id: data.posts.edges[0].node.id, input: { viewCount: -1 } } }).catch((error) => error);
  assert.ok(CombinedGraphQLErrors.is(refused), String(refused));
  const [{ path, extensions }] = refused.errors;
  assert.deepEqual([path, extensions.code, extensions.field], [['updatePost'], 'BAD_USER_INPUT', 'input.viewCount']);
  const wrong = await client.query({ query: gql`{ posts { nothing } }` }).catch((error) => error);
  assert.ok(CombinedGraphQLErrors.is(wrong), String(wrong));
  assert.equal(wrong.errors[0].extensions.code, 'GRAPHQL_VALIDATION_FAILED');
});

// Each kind has a document of its own, which the server has not met.
for (const { name, options, first, later } of [
  { name: 'POST', options: {}, first: ['POST hash', 'POST document'], later: 'POST hash' },
  { name: 'GET', options: { useGETForHashedQueries: true }, first: ['GET hash', 'POST document'], later: 'GET hash' },
]) {
  test(`a document is sent once, by ${name}`, async () => {
    const { client, sent } = newClient(options);
    const query = gql`query By${name}($first: Int!) { posts(first: $first) { edges { node { id } } } }`;
    const ask = async (c, n) => (await c.query({ query, variables: { first: n }, fetchPolicy: 'network-only' })).data.posts.edges.length;
    assert.equal(await ask(client, 1), 1);
    assert.deepEqual(sent, first);
    assert.equal(await ask(client, 2), 2);
    assert.equal(await ask(client, 3), 3);
    assert.deepEqual(sent, [...first, later, later]);

    const another = newClient(options);
    assert.equal(await ask(another.client, 4), 4);
    assert.deepEqual(another.sent, [later]);
    const mutation = gql`mutation Tag${name} { createTag(input: { name: "tag-${name.toLowerCase()}" }) { id } }`;
    assert.ok((await another.client.mutate({ mutation })).data.createTag.id);
    assert.deepEqual(another.sent.slice(1), ['POST hash', 'POST document']);
  });
}
