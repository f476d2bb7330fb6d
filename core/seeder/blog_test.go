package seeder

import (
	"coppice/core/internal/fixture/blog"
	"coppice/core/internal/fixture/blog/ent"
	"coppice/core/internal/fixture/blog/seed"
)

func blogApp() app {
	return App[*ent.Client]{Project: ent.Coppice(), Data: seed.Data(), Open: blog.Open}.untyped()
}
