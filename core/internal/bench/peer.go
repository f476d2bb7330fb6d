package main

import (
	"bytes"
	"context"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// peerName is what Coppice is measured against, as the table has it.
const peerName = "PostGraphile 5"

// warming is how many turns a peer has before it is measured: it is compiled as it runs.
const warming = 6

// peerWorks are the works that a peer answers, in its own words: the same records and
// fields, by the names that it makes of the tables.
func peerWorks() map[string]string {
	return map[string]string{
		"q1": `{ allPosts(first: 20, orderBy: CREATED_AT_DESC) {
  edges { node { rowId title createdAt userByUserPosts { rowId username } } } pageInfo { hasNextPage endCursor } } }`,
		"q2": `{ allUsers(first: 10, orderBy: ROW_ID_ASC) { edges { node { rowId username postsByUserPosts(first: 5, orderBy: ROW_ID_ASC) { totalCount edges { node { rowId title
  postTagsByPostId { edges { node { tagByTagId { name } } } }
  commentsByPostComments(first: 3, orderBy: ROW_ID_ASC) { edges { node { rowId body userByUserComments { username } } } } } } } } } } }`,
	}
}

// againstPeer measures Coppice and a peer in turns, where a folder says where one is
// installed.
func (b *bench) againstPeer(ctx context.Context, r *report, database string) error {
	if b.peers == "" || !isPostgres(database) {
		return nil
	}
	peer, err := b.launch(ctx, filepath.Join(b.peers, "node_modules", "node", "bin", "node"), filepath.Join(b.peers, "postgraphile.mjs"), "-db", database)
	if err != nil {
		return err
	}
	defer peer.end()
	chosen := strings.Split(b.run, ",")
	for _, w := range pages() {
		query, ok := peerWorks()[w.name]
		if !ok || b.run != "" && !slices.Contains(chosen, w.name) {
			continue
		}
		theirs := w
		theirs.query = query
		if err := b.alike(w, theirs, peer); err != nil {
			return err
		}
		for range warming {
			if err := b.sample(ctx, theirs, peer, &side{}, false); err != nil {
				return err
			}
		}
		w.name, w.about, w.reach = w.name+" of a peer", w.name+" against "+peerName+", one process of Node", 2
		line, err := b.alternate(ctx, w, b.ours, theirs, peer)
		if err != nil {
			return err
		}
		r.scale = append(r.scale, line)
	}
	return nil
}

// texts are the titles and bodies in an answer.
var texts = regexp.MustCompile(`"(?:title|body)":"[^"]*"`)

// alike sees that both answer with the same records, whatever they call the rest.
func (b *bench) alike(w, theirs work, peer *process) error {
	request, err := w.request(0)
	if err != nil {
		return err
	}
	ours, err := answer(b.ours, request)
	if err != nil {
		return err
	}
	want := texts.FindAll(ours, -1)
	if request, err = theirs.request(0); err != nil {
		return err
	}
	other, err := answer(peer, request)
	if err != nil {
		return err
	}
	if got := texts.FindAll(other, -1); len(want) == 0 || !slices.EqualFunc(want, got, bytes.Equal) {
		return fmt.Errorf("%s is answered with other records:\n%s\n%s", w.name, ours, other)
	}
	return nil
}
