package seeder

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"unsafe"

	"coppice/core/engine"
	"coppice/core/internal/fixture/blog"
)

// pseudo opens a pseudo terminal: the side of the person, and the program's.
func pseudo(t *testing.T) (person, program *os.File) {
	t.Helper()
	person, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	var number, unlock int32
	for request, arg := range map[uintptr]*int32{syscall.TIOCSPTLCK: &unlock, syscall.TIOCGPTN: &number} {
		if _, _, errno := syscall.Syscall(syscall.SYS_IOCTL, person.Fd(), request, uintptr(unsafe.Pointer(arg))); errno != 0 {
			t.Fatal(errno)
		}
	}
	program, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { person.Close(); program.Close() })
	return person, program
}

// until reads what a person sees up to some text.
func until(t *testing.T, r *bufio.Reader, text string) string {
	t.Helper()
	var seen strings.Builder
	for !strings.HasSuffix(seen.String(), text) {
		b, err := r.ReadByte()
		if err != nil {
			t.Fatalf("%v after %q", err, seen.String())
		}
		seen.WriteByte(b)
	}
	return seen.String()
}

func exitCode(t *testing.T, c *exec.Cmd) int {
	t.Helper()
	_ = c.Wait() // the code says it
	return c.ProcessState.ExitCode()
}

func TestAsked(t *testing.T) {
	t.Parallel()
	for answer, want := range map[string]int{"y\n": 0, "YES\n": 0, "n\n": 2, "\n": 2, "\x04": 2} {
		t.Run(fmt.Sprintf("%q", answer), func(t *testing.T) {
			t.Parallel()
			url := newURL(t)
			if got := try(t, nil, "--db", url); got.code != 0 {
				t.Fatalf("%+v", got)
			}
			person, program := pseudo(t)
			few := write(t, "tags.csv", "name\ngo\n")
			c := command(t, "--db", url, "--reset", few)
			c.Stdin, c.Stdout, c.Stderr = program, io.Discard, program
			if err := c.Start(); err != nil {
				t.Fatal(err)
			}
			seen := until(t, bufio.NewReader(person), "? [y/N] ")
			if !strings.Contains(seen, few+": 1 read") || !strings.Contains(seen, "Empty all tables of "+url) {
				t.Errorf("a person sees %q", seen)
			}
			if _, err := person.WriteString(answer); err != nil {
				t.Fatal(err)
			}
			if code := exitCode(t, c); code != want {
				t.Errorf("exit code %d, want %d", code, want)
			}
			db, err := blog.Open(t.Context(), engine.Config{URL: url})
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			if n := db.Tag.Query().CountX(t.Context()); (n == 1) != (want == 0) {
				t.Errorf("%d tags", n)
			}
		})
	}
}

// A signal ends the wait for an answer, and the wait for a lock.
func TestSignal(t *testing.T) {
	t.Parallel()
	for _, signal := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
		for _, asked := range []bool{true, false} {
			t.Run(fmt.Sprintf("%v asked %v", signal, asked), func(t *testing.T) {
				t.Parallel()
				url := newURL(t)
				db, err := blog.Open(t.Context(), engine.Config{URL: url})
				if err != nil {
					t.Fatal(err)
				}
				defer db.Close()
				tx, err := db.Tx(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				tx.User.Create().SetUsername("ada").SetEmail("ada@example.org").ExecX(t.Context()) // who is in the set, too
				person, program := pseudo(t)
				args := []string{"--db", url}
				if asked {
					args = append(args, "--reset")
				}
				c := command(t, args...)
				c.Stdin, c.Stderr = program, program
				if err := c.Start(); err != nil {
					t.Fatal(err)
				}
				screen := bufio.NewReader(person)
				until(t, screen, "users.yaml: 15 read")
				if asked {
					until(t, screen, "? [y/N] ")
				}
				if err := c.Process.Signal(signal); err != nil {
					t.Fatal(err)
				}
				until(t, screen, "seed: interrupted; nothing was written")
				if code := exitCode(t, c); code != 1 {
					t.Errorf("exit code %d", code)
				}
				if err := tx.Rollback(); err != nil {
					t.Fatal(err)
				}
				if n := db.User.Query().CountX(t.Context()); n > 0 {
					t.Errorf("%d users were written", n)
				}
			})
		}
	}
}
