package main

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"
)

// work is a request that both servers answer.
type work struct {
	name  string
	about string
	query string
	reach float64 // the ratio that is aimed at
	// variables are those of the i-th request, or nil where it takes none.
	variables func(i int) map[string]any
	writes    bool // each request is another
	makes     bool // a record, with a slug of its own
	guarded   bool // where interceptors listen
	postgres  bool // on PostgreSQL only
	clients   int  // that ask at once
}

// variety is how many different requests of a work are sent in turn.
const variety = 512

// works are the rows of the table: those of old with eight clients, the others
// with one, too, to show what does not grow with the cores.
func works() []work {
	list := pages()
	for _, w := range dear() {
		for _, w.clients = range []int{1, connections} {
			list = append(list, w)
		}
	}
	return list
}

// String names a work and how many ask for it.
func (w work) String() string {
	if w.clients == connections {
		return w.name
	}
	return fmt.Sprintf("%s at %d", w.name, w.clients)
}

// pages are the works that an index serves.
func pages() []work {
	list := []work{
		{name: "q1", about: "page of 20 with a to-one edge, `pageInfo` selected", query: queryPage, reach: 0.95},
		{name: "q2", about: "three levels with `first` per parent, many-to-many, `totalCount`", query: queryLevels, reach: 0.95},
		{name: "q3", about: "one record by unique key, with a variable", query: queryOne, reach: 0.95,
			variables: func(i int) map[string]any { return map[string]any{"u": username(1 + i*7%users)} }},
		{name: "q4", about: "page filtered over an edge, ordered by an indexed time, `totalCount`", query: queryFiltered, reach: 0.95,
			variables: func(i int) map[string]any { return map[string]any{"u": username(1 + i*7%users)} }},
		{name: "w1", about: "create one record", query: mutationCreate, reach: 0.9, writes: true, makes: true,
			variables: func(i int) map[string]any {
				return map[string]any{"slug": "made-" + strconv.Itoa(i), "u": username(1 + i*7%users)}
			}},
	}
	again := list[len(list)-1]
	again.name, again.about, again.query, again.postgres = "w2", "the same, by hand in a transaction with the same isolation: a look-up and an INSERT", mutationIsolated, true
	list = append(list, again)
	for i := range list {
		list[i].clients = connections
	}
	return list
}

// dear are the works that read or write many rows, and the page where
// interceptors listen.
func dear() []work {
	return []work{
		{name: "g1", about: "10,000 posts grouped by what has no index", query: queryGroups, reach: 0.95},
		{name: "o1", about: "page of 20 in an order that has no index", query: queryOrdered, reach: 0.95},
		{name: "f1", about: "page of 20 by a part of a text, `totalCount`", query: queryText, reach: 0.95,
			variables: func(i int) map[string]any {
				return map[string]any{"t": vocabulary[i%len(vocabulary)] + " " + vocabulary[i/len(vocabulary)%len(vocabulary)]}
			}},
		{name: "u1", about: "update 1,000 records", query: mutationUpdate, reach: 0.9, writes: true,
			variables: func(i int) map[string]any {
				from := start.Add(time.Duration(1+i%9) * 1000 * time.Minute)
				return map[string]any{"from": from, "until": from.Add(1000 * time.Minute), "rating": float64(i%50) / 10}
			}},
		{name: "i1", about: "q1 with an interceptor on both entities", query: queryGuarded, reach: 0.95, guarded: true},
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
	mutationCreate = `mutation` + creation
	creation       = `($slug: String!, $u: String!) { createPost(input: {slug: $slug, title: "A post", body: "Of few words.",
  author: {username: $u}}) { id slug createdAt author { id username } } }`
	mutationIsolated = `mutation Isolated` + creation

	queryGuarded = `query Guarded ` + queryPage
	queryGroups  = `{ postsAggregate(groupBy: [STATUS]) { key { status } count } }`
	queryOrdered = `{ posts(first: 20, orderBy: [{field: VIEW_COUNT, direction: DESC}]) { edges { node { id title viewCount } } } }`
	queryText    = `query($t: String!) { posts(first: 20, where: {titleContains: $t}) { totalCount edges { node { id title createdAt } } } }`

	mutationUpdate = `mutation($from: Time!, $until: Time!, $rating: Float!) {
  updatePosts(where: {createdAtGTE: $from, createdAtLT: $until}, input: {rating: $rating}) }`
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
