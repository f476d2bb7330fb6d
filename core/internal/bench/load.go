package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/textproto"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// conn is a client's connection. It speaks just enough HTTP that the load
// takes little of the processors that the servers need.
type conn struct {
	net.Conn
	in   *bufio.Reader
	body []byte
}

func dial(addr string) (*conn, error) {
	c, err := net.Dial("tcp", addr)
	if err != nil {
		return nil, err
	}
	return &conn{Conn: c, in: bufio.NewReaderSize(c, 64<<10)}, nil
}

var (
	ok200   = []byte("HTTP/1.1 200")
	length  = []byte("Content-Length: ")
	success = []byte(`{"data":{`)
)

// ask sends a request and returns the body of its response, which the next one
// overwrites.
func (c *conn) ask(request []byte) ([]byte, error) {
	if _, err := c.Write(request); err != nil {
		return nil, err
	}
	size, status := -1, false
	for first := true; ; first = false {
		line, err := c.in.ReadSlice('\n')
		if err != nil {
			return nil, err
		}
		switch {
		case first:
			status = bytes.HasPrefix(line, ok200)
		case len(line) > len(length) && bytes.EqualFold(line[:len(length)], length):
			if size, err = strconv.Atoi(string(bytes.TrimSpace(line[len(length):]))); err != nil {
				return nil, err
			}
		}
		if len(line) <= 2 {
			break
		}
	}
	if size < 0 {
		return nil, errors.New("a response without a length")
	}
	c.body = slices.Grow(c.body[:0], size)[:size]
	for n := 0; n < size; {
		m, err := c.in.Read(c.body[n:])
		if err != nil {
			return nil, err
		}
		n += m
	}
	if !status || !bytes.HasPrefix(c.body, success) {
		return nil, fmt.Errorf("a response that is no answer: %s", c.body)
	}
	return c.body, nil
}

// turn is what a server did in one turn.
type sample struct {
	rate  float64 // requests a second
	times []time.Duration
}

// drive keeps a server busy for a time. Writes go on counting from where next
// stands, so that each makes a record of its own.
func drive(ctx context.Context, addr string, w work, length time.Duration, next *atomic.Int64) (sample, error) {
	var fixed [][]byte
	if !w.writes {
		for i := range variety {
			r, err := w.request(i)
			if err != nil {
				return sample{}, err
			}
			fixed = append(fixed, r)
		}
	}
	var wg sync.WaitGroup
	times, errs := make([][]time.Duration, w.clients), make([]error, w.clients)
	start := time.Now()
	for i := range w.clients {
		wg.Go(func() {
			times[i], errs[i] = client(ctx, addr, start.Add(length), func() ([]byte, error) {
				n := int(next.Add(1))
				if fixed != nil {
					return fixed[n%len(fixed)], nil
				}
				return w.request(n)
			})
		})
	}
	wg.Wait()
	took := time.Since(start)
	t := sample{times: slices.Concat(times...)}
	t.rate = float64(len(t.times)) / took.Seconds()
	return t, errors.Join(errs...)
}

// client asks one request after the other until a time.
func client(ctx context.Context, addr string, until time.Time, next func() ([]byte, error)) ([]time.Duration, error) {
	c, err := dial(addr)
	if err != nil {
		return nil, err
	}
	defer func() { _ = c.Close() }()
	var times []time.Duration
	for at := time.Now(); at.Before(until) && ctx.Err() == nil; {
		request, err := next()
		if err != nil {
			return times, err
		}
		if _, err := c.ask(request); err != nil {
			return times, err
		}
		now := time.Now()
		times = append(times, now.Sub(at))
		at = now
	}
	return times, ctx.Err()
}

// healthy asks for /healthz.
func healthy(addr string) error {
	c, err := dial(addr)
	if err != nil {
		return err
	}
	defer func() { _ = c.Close() }()
	if _, err := c.Write([]byte("GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")); err != nil {
		return err
	}
	line, err := textproto.NewReader(c.in).ReadLine()
	if err == nil && !strings.HasPrefix(line, string(ok200)) {
		err = errors.New(line)
	}
	return err
}
