// Uses the server at the URL given with Relay's runtime and what its compiler made
// of the documents below: by their texts, or, with the word id, by nothing but
// the ids that the compiler gave them.
const assert = require('node:assert/strict');
const test = require('node:test');
const relay = require('relay-runtime');

const [url, by] = process.argv.slice(2);

// graphql is what babel-plugin-relay puts in the place of a document: what the
// compiler made of it.
const graphql = ([text]) => require(`./__generated__/${/(?:query|mutation|fragment)\s+(\w+)/.exec(text)[1]}.graphql`);

const listQuery = graphql`
  query PostsListQuery($count: Int!, $where: PostWhereInput) {
    ...Posts_list @arguments(count: $count, where: $where)
  }
`;

const list = graphql`
  fragment Posts_list on Query
  @argumentDefinitions(count: { type: "Int" }, cursor: { type: "Cursor" }, where: { type: "PostWhereInput" })
  @refetchable(queryName: "PostsListPageQuery") {
    posts(first: $count, after: $cursor, where: $where, orderBy: [{ field: RATING, direction: DESC }]) @connection(key: "Posts_posts") {
      __id
      totalCount
      edges {
        node {
          id
          title
          ...Posts_card
        }
      }
    }
  }
`;

const card = graphql`
  fragment Posts_card on Post @refetchable(queryName: "PostsCardQuery") {
    title
    viewCount
    author {
      username
    }
  }
`;

const authorQuery = graphql`
  query PostsAuthorQuery($username: String!) {
    userByUsername(username: $username) {
      ...Posts_author
    }
  }
`;

const author = graphql`
  fragment Posts_author on User
  @argumentDefinitions(count: { type: "Int", defaultValue: 2 }, cursor: { type: "Cursor" })
  @refetchable(queryName: "PostsAuthorPageQuery") {
    id
    posts(last: $count, before: $cursor) @connection(key: "Posts_author_posts") {
      totalCount
      edges {
        node {
          id
        }
      }
    }
  }
`;

const create = graphql`
  mutation PostsCreateMutation($input: CreatePostInput!, $connections: [ID!]!) {
    createPost(input: $input) @prependNode(connections: $connections, edgeTypeName: "PostEdge") {
      id
      title
      ...Posts_card
    }
  }
`;

const update = graphql`
  mutation PostsUpdateMutation($id: ID!, $input: UpdatePostInput!) {
    updatePost(id: $id, input: $input) {
      id
      ...Posts_card
    }
  }
`;

const remove = graphql`
  mutation PostsRemoveMutation($id: ID!) {
    deletePost(id: $id) @deleteRecord
  }
`;

async function send(body) {
  const res = await fetch(`${url}/graphql`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  return res.json();
}

function newEnvironment() {
  const network = relay.Network.create((request, variables) => send({ ...(by === 'id' ? { doc_id: request.id } : { query: request.text }), variables }));
  return new relay.Environment({ network, store: new relay.Store(new relay.RecordSource()) });
}

// ask loads a query, and keeps what it is about from being collected.
async function ask(environment, query, variables) {
  environment.retain(relay.createOperationDescriptor(query, variables));
  return relay.fetchQuery(environment, query, variables).toPromise();
}

const readFragment = (environment, fragment, key) => environment.lookup(relay.getSelector(fragment, key)).data;

const write = (environment, mutation, variables) =>
  new Promise((resolve, reject) => {
    relay.commitMutation(environment, { mutation, variables, onCompleted: (data, errors) => (errors ? reject(errors) : resolve(data)), onError: reject });
  });

// allPages pages through a fragment's connection as usePaginationFragment does, and
// returns what there is of it in the end.
async function allPages(environment, fragment, key, direction, count) {
  const { connectionPathInFragmentData, identifierField, paginationRequest, paginationMetadata } = relay.getPaginationMetadata(fragment, 'allPages()');
  const { owner, variables } = relay.getSelector(fragment, key);
  for (let page = 1; page < 50; page++) {
    const data = readFragment(environment, fragment, key);
    const { pageInfo } = relay.getValueAtPath(data, connectionPathInFragmentData);
    if (!(direction === 'forward' ? pageInfo.hasNextPage : pageInfo.hasPreviousPage)) {
      return { data, page };
    }
    const cursor = direction === 'forward' ? pageInfo.endCursor : pageInfo.startCursor;
    const next = relay.getPaginationVariables(direction, count, cursor, { ...owner.variables, ...variables }, {}, paginationMetadata);
    await ask(environment, paginationRequest, identifierField ? { ...next, id: data[identifierField] } : next);
  }
  return assert.fail('the pages do not end');
}

test('paging shows each record once, in order', async () => {
  const environment = newEnvironment();
  const where = { or: [{ ratingNotNil: true }, { ratingIsNil: true }] };
  const key = await ask(environment, listQuery, { count: 7, where });
  assert.equal(readFragment(environment, list, key).posts.edges.length, 7);
  const { data, page } = await allPages(environment, list, key, 'forward', 7);
  const ids = data.posts.edges.map((edge) => edge.node.id);
  assert.ok(page > 7);
  assert.equal(ids.length, data.posts.totalCount);
  assert.equal(new Set(ids).size, ids.length);
  const ratings = (await send({ ...(by === 'id' ? { doc_id: listQuery.params.id } : { query: listQuery.params.text }), variables: { count: 1000, where } })).data;
  assert.deepEqual(ids, ratings.posts.edges.map((edge) => edge.node.id));
});

test('a record is asked for again by its id', async () => {
  const environment = newEnvironment();
  const key = await ask(environment, listQuery, { count: 1 });
  const [{ node }] = readFragment(environment, list, key).posts.edges;
  assert.equal(readFragment(environment, card, node).title, node.title);
  await write(newEnvironment(), update, { id: node.id, input: { title: 'Changed elsewhere' } });
  const { refetchableRequest } = relay.getRefetchMetadata(card, 'test');
  assert.equal(readFragment(environment, card, node).title, node.title);
  await ask(environment, refetchableRequest, { id: node.id });
  assert.equal(readFragment(environment, card, node).title, 'Changed elsewhere');
});

// number is where a post stands in the order of ids, which are opaque to clients.
const number = (id) => Number(id.split(':')[1]);

test('a list of a record is paged through by its id, backwards', async () => {
  const environment = newEnvironment();
  const first = await ask(environment, listQuery, { count: 1 });
  const { username } = readFragment(environment, card, readFragment(environment, list, first).posts.edges[0].node).author;
  for (let n = 0; n < 4; n++) {
    await write(environment, create, { connections: [], input: { slug: `by-${by ?? 'text'}-${n}`, title: `Number ${n}`, body: '', author: { username } } });
  }
  const { userByUsername } = await ask(environment, authorQuery, { username });
  const { data, page } = await allPages(environment, author, userByUsername, 'backward', 2);
  const ids = data.posts.edges.map((edge) => edge.node.id);
  assert.ok(page > 2);
  assert.equal(ids.length, data.posts.totalCount);
  assert.deepEqual(ids, [...new Set(ids)].sort((a, b) => number(a) - number(b)));
});

test('writes reach the connection and every record on it', async () => {
  const environment = newEnvironment();
  const key = await ask(environment, listQuery, { count: 3 });
  const edges = () => readFragment(environment, list, key).posts.edges;
  const connections = [readFragment(environment, list, key).posts.__id];
  const { username } = readFragment(environment, card, edges()[0].node).author;
  const input = { slug: `made-${by ?? 'text'}`, title: 'Made here', body: 'New.', author: { username } };
  const { createPost } = await write(environment, create, { input, connections });
  assert.deepEqual([edges().length, edges()[0].node.id, edges()[0].node.title], [4, createPost.id, 'Made here']);

  await write(environment, update, { id: createPost.id, input: { title: 'Changed here', viewCount: 7 } });
  assert.equal(edges()[0].node.title, 'Changed here');
  assert.equal(readFragment(environment, card, edges()[0].node).viewCount, 7);

  await write(environment, remove, { id: createPost.id });
  assert.deepEqual(edges().filter((edge) => edge?.node?.id === createPost.id), []);
  assert.equal(edges().filter((edge) => edge?.node).length, 3);
  await assert.rejects(write(environment, remove, { id: createPost.id }));
});

async function unknown() {
  const code = async (body) => (await send(body)).errors?.map((error) => error.extensions.code);
  assert.deepEqual(await code({ query: '{ posts { totalCount } }' }), ['FORBIDDEN']);
  assert.deepEqual(await code({ doc_id: '0'.repeat(32) }), ['FORBIDDEN']);
}

if (by === 'id') {
  test('what was not compiled', unknown);
}
