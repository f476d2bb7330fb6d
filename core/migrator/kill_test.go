package migrator_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"testing"
	"time"
)

// kills is how many processes are killed.
func kills() int {
	if testing.Short() && os.Getenv("COPPICE_SCALE") == "" {
		return 5
	}
	return 40
}

// killed is how many of them find the same database.
const killed = 5

// Whenever processes that apply files are killed, the next one goes on: each file, and
// each statement of one without a transaction, is done once.
func TestKilled(t *testing.T) {
	t.Parallel()
	const rows = 4000
	files := newDesk(t)
	files.grow(rows)
	start := time.Now()
	c, out := files.command("up")
	if err := c.Run(); err != nil {
		t.Fatalf("%v %s", err, out)
	}
	whole := time.Since(start)
	files.grown(rows)
	random := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 1))
	for i := range (kills() + killed - 1) / killed {
		after := make([]time.Duration, killed)
		for k := range after {
			after[k] = time.Duration(random.Int64N(int64(whole)))
		}
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			d := files.again(t)
			var told []string
			for _, wait := range after {
				c, out := d.command("up")
				if err := c.Start(); err != nil {
					t.Fatal(err)
				}
				ended := time.AfterFunc(wait, func() { _ = c.Process.Kill() })
				_ = c.Wait() // it was killed, or had been done before
				ended.Stop()
				told = append(told, out.String())
				if code := c.ProcessState.ExitCode(); code > 0 {
					t.Errorf("it fails after it was killed: %d %s", code, out)
				}
			}
			if out, code := d.run("up"); code != 0 {
				t.Fatalf("after %v: %d %s\n%q", after, code, out, told)
			}
			d.grown(rows)
		})
	}
}
