package server

import (
	"errors"
	"testing"
	"time"

	"coppice/core/engine"
	"coppice/core/internal/dialect"
	"coppice/core/internal/enginetest"
	"coppice/core/internal/fixture/blog"
	"coppice/core/internal/fixture/blog/ent"
	"coppice/core/internal/sdl"
)

// A plan of the next schema is made against what clients were told last.
func TestAServerKeepsTheAPIThatItServes(t *testing.T) {
	t.Parallel()
	url := enginetest.URL(t)
	_, stop := start(t, "--db", url)
	client, err := blog.Open(t.Context(), engine.Config{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	driver := ent.Coppice().Of(client).Driver()
	db, err := engine.DB(driver)
	if err != nil {
		t.Fatal(err)
	}
	last, err := sdl.Last(t.Context(), db, dialect.Of(driver.Dialect()))
	for began := time.Now(); errors.Is(err, sdl.ErrNone) && time.Since(began) < time.Minute; { // it does so beside serving
		last, err = sdl.Last(t.Context(), db, dialect.Of(driver.Dialect()))
	}
	want, joined := sdl.Join(blog.API(nil).Schema)
	if err != nil || joined != nil || last.Text != want {
		t.Errorf("%v, %v, %d bytes of %d", err, joined, len(last.Text), len(want))
	}
	if code := stop(); code != 0 {
		t.Errorf("exit %d", code)
	}
}
