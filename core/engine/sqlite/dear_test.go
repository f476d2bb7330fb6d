package sqlite

import (
	"context"
	"database/sql"
	"testing"
	"testing/synctest"

	"coppice/core/internal/fixture/blog/ent"
	"coppice/core/internal/statement"
)

// hold begins n snapshots, each of which has a reading connection.
func hold(t *testing.T, client *ent.Client, n int) (release func()) {
	t.Helper()
	var held []*ent.Tx
	for range n {
		tx, err := client.BeginTx(context.Background(), &sql.TxOptions{ReadOnly: true})
		if err != nil {
			t.Fatal(err)
		}
		held = append(held, tx)
	}
	return func() {
		for _, tx := range held {
			if err := tx.Rollback(); err != nil {
				t.Error(err)
			}
		}
	}
}

// Whoever would wait for nobody but those who take long gets a connection. In
// the bubble, a wait that only they could end is a deadlock.
func TestWhatIsCheapWaitsForNothingThatTakesLong(t *testing.T) {
	t.Parallel()
	url := fileURL(t)
	synctest.Test(t, func(t *testing.T) {
		client, err := openBlog(context.Background(), Config{URL: url})
		if err != nil {
			t.Fatal(err)
		}
		defer shut(t, client)
		readers := handleOf(client).engine.readers
		release := hold(t, client, cap(readers.slots))
		defer release()
		for range 3 {
			if n := client.User.Query().CountX(context.Background()); n != 0 {
				t.Error(n)
			}
		}
		if n := len(readers.idle); n != 1 {
			t.Errorf("%d connections were opened for three that came one after the other", n)
		}
	})
}

// While slots become free, those who wait stand in line.
func TestCheapReadsStandInLineForEachOther(t *testing.T) {
	t.Parallel()
	url := fileURL(t)
	synctest.Test(t, func(t *testing.T) {
		client, err := openBlog(context.Background(), Config{URL: url})
		if err != nil {
			t.Fatal(err)
		}
		defer shut(t, client)
		readers := handleOf(client).engine.readers
		release := hold(t, client, cap(readers.slots))
		done := make(chan int)
		go func() { done <- client.User.Query().CountX(context.Background()) }()
		synctest.Wait()
		release()
		<-done
		if n := len(readers.idle); n != cap(readers.slots) {
			t.Errorf("%d connections are open for %d slots", n, cap(readers.slots))
		}
	})
}

// Who asks whether the database answers waits for no request, whatever they do.
func TestAProbeHasAConnectionToItself(t *testing.T) {
	t.Parallel()
	url := fileURL(t)
	synctest.Test(t, func(t *testing.T) {
		client, err := openBlog(context.Background(), Config{URL: url})
		if err != nil {
			t.Fatal(err)
		}
		defer shut(t, client)
		e := handleOf(client).engine
		e.readers.spare = nil
		release := hold(t, client, cap(e.readers.slots))
		defer release()
		if n := one[int](t, probing{client}, "SELECT 1"); n != 1 {
			t.Error(n)
		}
	})
}

type probing struct{ *ent.Client }

func (p probing) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return p.Client.QueryContext(statement.Probe(ctx), query, args...)
}

// Of the statements that take long, only so many run at once as there are
// processors; others pass them.
func TestDearReadsTakeTurns(t *testing.T) {
	t.Parallel()
	const dear, cheap = "SELECT id FROM users WHERE bio LIKE '%x%'", "SELECT 1 UNION SELECT 2"
	url := fileURL(t)
	synctest.Test(t, func(t *testing.T) {
		client, err := openBlog(context.Background(), Config{URL: url})
		if err != nil {
			t.Fatal(err)
		}
		defer shut(t, client)
		d := handleOf(client).engine.dear
		d.note(dear, 2*long)
		if d.is(dear) {
			t.Error("one time is enough")
		}
		d.note(dear, 2*long)
		if !d.is(dear) || d.is(cheap) {
			t.Error("what took long is not known")
		}
		for range cap(d.turns) {
			d.turns <- struct{}{}
		}
		done := make(chan error)
		go func() {
			rows, err := client.QueryContext(context.Background(), "SELECT id FROM users WHERE bio LIKE '%x%'")
			if err == nil {
				err = rows.Close()
			}
			done <- err
		}()
		synctest.Wait()
		select {
		case <-done:
			t.Error("it did not wait for its turn")
		default:
		}
		if got := all[int](t, client, cheap); len(got) != 2 {
			t.Error(got)
		}
		<-d.turns
		if err := <-done; err == nil { // there is no such column
			t.Error("no error")
		}
		if len(d.turns) != cap(d.turns)-1 {
			t.Errorf("%d turns are held", len(d.turns))
		}
		for len(d.turns) > 0 {
			<-d.turns
		}
		d.note(dear, long/2)
		if d.is(dear) || d.known.Load() != 0 {
			t.Error("it is dear for good")
		}
	})
}

// A statement within the rows of another of its transaction has its turn.
func TestATransactionTakesOneTurn(t *testing.T) {
	t.Parallel()
	const dear = "SELECT 1 UNION SELECT 2"
	client := open(t)
	d := handleOf(client).engine.dear
	d.note(dear, 2*long)
	d.note(dear, 2*long)
	for range cap(d.turns) - 1 {
		d.turns <- struct{}{}
	}
	tx, err := client.BeginTx(t.Context(), &sql.TxOptions{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	outer, err := tx.QueryContext(t.Context(), dear)
	if err != nil || !outer.Next() {
		t.Fatal(err)
	}
	inner, err := tx.QueryContext(t.Context(), dear)
	if err != nil {
		t.Fatal(err)
	}
	shut(t, inner)
	shut(t, outer)
	if err := tx.Rollback(); err != nil {
		t.Error(err)
	}
	if len(d.turns) != cap(d.turns)-1 {
		t.Errorf("%d turns are held", len(d.turns))
	}
}
