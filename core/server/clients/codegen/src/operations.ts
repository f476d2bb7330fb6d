// A dozen operations, as a frontend declares them beside what uses them.
import { graphql } from './gql';

export const authorLine = graphql(`
  fragment AuthorLine on User {
    id
    username
    name
    role
  }
`);

export const postCard = graphql(`
  fragment PostCard on Post {
    id
    slug
    title
    status
    publishedAt
    rating
    author {
      ...AuthorLine
    }
  }
`);

export const page = graphql(`
  query Page($first: Int!, $after: Cursor, $where: PostWhereInput, $orderBy: [PostOrder!]) {
    posts(first: $first, after: $after, where: $where, orderBy: $orderBy) {
      totalCount
      pageInfo {
        hasNextPage
        endCursor
      }
      edges {
        cursor
        node {
          ...PostCard
        }
      }
    }
  }
`);

export const bySlug = graphql(`
  query BySlug($slug: String!) {
    postBySlug(slug: $slug) {
      ...PostCard
      body
      excerpt(words: 5)
      tags(orderBy: { field: NAME }) {
        edges {
          node {
            name
          }
        }
      }
    }
  }
`);

export const anything = graphql(`
  query Anything($id: ID!) {
    node(id: $id) {
      __typename
      id
      ... on Post {
        title
      }
      ... on User {
        username
      }
    }
  }
`);

export const severalOf = graphql(`
  query SeveralOf($ids: [ID!]!) {
    nodes(ids: $ids) {
      id
      ...PostCard
    }
  }
`);

export const talked = graphql(`
  query Talked($atLeast: Float!) {
    users(where: { hasPostsWith: [{ or: [{ ratingGTE: $atLeast }, { hasComments: true }] }] }, orderBy: [{ field: POSTS_COUNT, direction: DESC }, { field: USERNAME }]) {
      totalCount
      edges {
        node {
          ...AuthorLine
          posts(first: 2) {
            totalCount
          }
        }
      }
    }
  }
`);

export const figures = graphql(`
  query Figures($where: PostWhereInput) {
    all: postsAggregate(where: $where) {
      count
      avg {
        rating
        viewCount
      }
    }
    byStatus: postsAggregate(groupBy: [STATUS]) {
      key {
        status
      }
      count
      sum {
        viewCount
      }
      max {
        publishedAt
      }
    }
  }
`);

export const create = graphql(`
  mutation Create($input: CreatePostInput!) {
    createPost(input: $input) {
      ...PostCard
      tags {
        totalCount
      }
      comments {
        edges {
          node {
            body
            author {
              ...AuthorLine
            }
          }
        }
      }
    }
  }
`);

export const update = graphql(`
  mutation Update($id: ID!, $input: UpdatePostInput!) {
    updatePost(id: $id, input: $input) {
      ...PostCard
      tags {
        totalCount
      }
    }
  }
`);

export const upsert = graphql(`
  mutation Upsert($by: PostKey!, $input: CreatePostInput!) {
    upsertPost(by: $by, input: $input) {
      ...PostCard
    }
  }
`);

export const publish = graphql(`
  mutation Publish($id: ID!) {
    publishPost(id: $id) {
      status
      publishedAt
    }
  }
`);

export const createTags = graphql(`
  mutation CreateTags($inputs: [CreateTagInput!]!) {
    createTags(inputs: $inputs) {
      id
      name
    }
  }
`);

export const remove = graphql(`
  mutation Remove($id: ID!, $where: CommentWhereInput!) {
    deleteComments(where: $where)
    deletePost(id: $id)
  }
`);
