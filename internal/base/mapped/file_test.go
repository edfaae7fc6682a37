package mapped_test

import (
	"bytes"
	"io"
	"path/filepath"
	"testing"

	"yiwang/internal/base/mapped"
)

// What is written is there after a rest and after the file was opened again, and
// behind the pieces stands what was put there.
func TestFile(t *testing.T) {
	name := filepath.Join(t.TempDir(), "file")
	m, err := mapped.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	sizes := []int{100, 1 << 20, 70_000}
	for i, n := range sizes {
		b, err := m.Piece(n)
		if err != nil {
			t.Fatal(err)
		}
		if len(b) != n || b[0] != 0 || b[n-1] != 0 {
			t.Errorf("piece %d: %d bytes, not empty", i, len(b))
		}
		b[0], b[n-1] = byte(i+1), byte(i+1)
		m.Rest()
		if b[0] != byte(i+1) || b[n-1] != byte(i+1) {
			t.Errorf("piece %d is lost after a rest", i)
		}
	}
	f, err := m.Tail()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString("the end"); err != nil {
		t.Fatal(err)
	}

	m, err = mapped.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	for i, n := range sizes {
		b, err := m.Piece(n)
		if err != nil {
			t.Fatal(err)
		}
		if b[0] != byte(i+1) || b[n-1] != byte(i+1) || bytes.Count(b, []byte{0}) != n-2 {
			t.Errorf("piece %d is another", i)
		}
	}
	if f, err = m.Tail(); err != nil {
		t.Fatal(err)
	}
	if tail, err := io.ReadAll(f); err != nil || string(tail) != "the end" {
		t.Errorf("behind the pieces stands %q, %v", tail, err)
	}
	if err := m.Cut(); err != nil {
		t.Fatal(err)
	}
	if b, err := m.Piece(100); err != nil || !bytes.Equal(b, make([]byte, 100)) {
		t.Errorf("a new piece begins with %q, %v", b, err)
	}
}
