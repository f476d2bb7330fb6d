package main

import (
	"encoding/json"
	"fmt"
	"strconv"
)

// work is a request that both servers answer.
type work struct {
	name  string
	about string
	query string
	reach float64 // the ratio that is aimed at
	// variables are those of the i-th request, or nil where it takes none.
	variables func(i int) map[string]any
	writes    bool
}

// variety is how many different requests of a work are sent in turn.
const variety = 512

// works are the rows of the table.
func works() []work {
	return []work{
		{name: "q1", about: "page of 20 with a to-one edge, `pageInfo` selected", query: queryPage, reach: 0.75},
		{name: "q2", about: "three levels with `first` per parent, many-to-many, `totalCount`", query: queryLevels, reach: 0.75},
		{name: "q3", about: "one record by unique key, with a variable", query: queryOne, reach: 0.8,
			variables: func(i int) map[string]any { return map[string]any{"u": username(1 + i*7%users)} }},
		{name: "q4", about: "page filtered over an edge, ordered by an indexed time, `totalCount`", query: queryFiltered, reach: 0.75,
			variables: func(i int) map[string]any { return map[string]any{"u": username(1 + i*7%users)} }},
		{name: "w1", about: "create one record", query: mutationCreate, reach: 0.6, writes: true,
			variables: func(i int) map[string]any {
				return map[string]any{"slug": "made-" + strconv.Itoa(i), "u": username(1 + i*7%users)}
			}},
	}
}

const (
	queryPage = `{ posts(first: 20, orderBy: [{field: CREATED_AT, direction: DESC}]) {
  edges { node { id title createdAt author { id username } } } pageInfo { hasNextPage endCursor } } }`
	queryLevels = `{ users(first: 10) { edges { node { id username posts(first: 5) { totalCount edges { node { id title
  tags { edges { node { name } } }
  comments(first: 3) { edges { node { id body author { username } } } } } } } } } } }`
	queryOne      = `query($u: String!) { userByUsername(username: $u) { id username name email role createdAt } }`
	queryFiltered = `query($u: String!) { posts(first: 20, where: {hasAuthorWith: [{username: $u}]}, orderBy: [{field: CREATED_AT, direction: DESC}]) {
  totalCount edges { node { id title createdAt } } } }`
	mutationCreate = `mutation($slug: String!, $u: String!) { createPost(input: {slug: $slug, title: "A post", body: "Of few words.",
  author: {username: $u}}) { id slug createdAt author { id username } } }`
	queryAfter = `query($after: Cursor) { posts(first: 20, after: $after, orderBy: [{field: CREATED_AT, direction: DESC}]) {
  edges { node { id title createdAt author { id username } } } pageInfo { hasNextPage endCursor } } }`
)

// request is the i-th request of a work, as it goes over the wire.
func (w work) request(i int) ([]byte, error) {
	params := map[string]any{"query": w.query}
	if w.variables != nil {
		params["variables"] = w.variables(i)
	}
	body, err := json.Marshal(params)
	if err != nil {
		return nil, err
	}
	head := fmt.Sprintf("POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n", len(body))
	return append([]byte(head), body...), nil
}
