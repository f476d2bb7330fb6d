package database
import ("testing";"fmt";"time";"coppice/ent")
func BenchmarkBulk(b *testing.B) {
	client := open(b)
	ctx := b.Context()
	n := 0
	start := time.Now()
	for b.Loop() {
		tx, err := client.Tx(ctx)
		if err != nil { b.Fatal(err) }
		for range 10 {
			users := make([]*ent.UserCreate, 1000)
			for i := range users {
				n++
				users[i] = tx.User.Create().SetUsername(fmt.Sprintf("user_%d", n)).SetEmail(fmt.Sprintf("u%d@example.org", n)).SetName("Ada")
			}
			if err := tx.User.CreateBulk(users...).Exec(ctx); err != nil { b.Fatal(err) }
		}
		if err := tx.Commit(); err != nil { b.Fatal(err) }
	}
	b.ReportMetric(float64(n)/time.Since(start).Seconds(), "rows/s")
}
