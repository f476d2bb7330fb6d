package graph

import (
	"context"
	"strings"
	"time"

	"coppice/ent"
	"coppice/ent/post"
)

// PublishPost is the resolver of Mutation.publishPost.
func (r *mutationResolver) PublishPost(ctx context.Context, id string) (*ent.Post, error) {
	own, err := ent.ParsePostID(id)
	if err != nil {
		return nil, err
	}
	return ent.FromContext(ctx).Post.UpdateOneID(own).
		SetStatus(post.StatusPUBLISHED).SetPublishedAt(time.Now()).Save(ctx)
}

// Excerpt is the resolver of Post.excerpt. It is given the records of a
// whole list at once and returns as many values, in their order.
func (r *postResolver) Excerpt(_ context.Context, objs []*ent.Post, words *int) ([]string, error) {
	excerpts := make([]string, len(objs))
	for i, p := range objs {
		all := strings.Fields(p.Body)
		n := len(all)
		if words != nil {
			n = min(max(*words, 0), n)
		}
		excerpts[i] = strings.Join(all[:n], " ")
		if n < len(all) {
			excerpts[i] = strings.TrimSpace(excerpts[i] + " …")
		}
	}
	return excerpts, nil
}
