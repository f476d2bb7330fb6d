package seed

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"os"

	"coppice/core/seed/internal/file"
)

// postponed keeps records that have to wait, in a temporary file.
type postponed struct {
	file  *os.File
	out   *bufio.Writer
	count int
}

// postponedRecord is the form of an item in the file.
type postponedRecord struct {
	File    int            `json:"f"`
	Line    int            `json:"l"`
	Numbers []int          `json:"n"`
	Counted bool           `json:"c,omitempty"`
	Input   map[string]any `json:"i"`
}

func newPostponed() (*postponed, error) {
	f, err := os.CreateTemp("", "coppice-seed-*")
	if err != nil {
		return nil, fmt.Errorf("seed: keep records that have to wait: %w", err)
	}
	// Where the system allows that, nothing is left of it when the process is
	// killed.
	_ = os.Remove(f.Name())
	return &postponed{file: f, out: bufio.NewWriter(f)}, nil
}

// remove removes the file.
func (s *postponed) remove() {
	_ = s.file.Close() // it was only for this run
	_ = os.Remove(s.file.Name())
}

// add appends those of the items that have to wait.
func (s *postponed) add(items []*item) error {
	if s == nil {
		return nil
	}
	enc := json.NewEncoder(s.out)
	for _, it := range items {
		if !it.postponed {
			continue
		}
		s.count++
		if err := enc.Encode(postponedRecord{it.File.Number, it.Line, it.numbers, it.counted, it.Input}); err != nil {
			return fmt.Errorf("seed: keep records that have to wait: %w", err)
		}
	}
	return nil
}

// items reads the file from its beginning.
func (s *postponed) items(files []*file.File) iter.Seq2[*item, error] {
	return func(yield func(*item, error) bool) {
		err := s.out.Flush()
		if err == nil {
			_, err = s.file.Seek(0, io.SeekStart)
		}
		dec := json.NewDecoder(bufio.NewReader(s.file))
		dec.UseNumber()
		for range s.count {
			var in postponedRecord
			if err == nil {
				err = dec.Decode(&in)
			}
			if err != nil {
				yield(nil, fmt.Errorf("seed: read the records that had to wait: %w", err))
				return
			}
			it := &item{Record: file.Record{File: files[in.File-1], Line: in.Line, Input: in.Input}, numbers: in.Numbers, counted: in.Counted}
			if !yield(it, nil) {
				return
			}
		}
	}
}
