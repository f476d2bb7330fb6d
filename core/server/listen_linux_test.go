package server

import (
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"testing"
)

func TestATakenAddressSaysWhoseItIs(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	var stderr strings.Builder
	runBlog(t.Context(), []string{"--addr", taken.Addr().String(), "--db", "sqlite::memory:"}, environment(), io.Discard, &stderr)
	if want := fmt.Sprintf("(process %d)", os.Getpid()); !strings.Contains(stderr.String(), want) {
		t.Errorf("%s\nlacks %s", &stderr, want)
	}
}
