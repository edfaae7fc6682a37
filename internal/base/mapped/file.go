package mapped

import (
	"os"
	"runtime"
	"sync"
)

// File is memory that lies in a file. It is safe for concurrent use; what is in the
// memory is guarded by whoever uses it. The memory is let go of when nobody holds the
// File any more.
type File struct {
	f    *os.File
	mu   sync.Mutex
	size int64
	held *held
}

// held is what is mapped, apart so that it can be let go of after the File.
type held struct{ pieces [][]byte }

// Create makes a file, for its owner only, in the place of one that is there.
func Create(name string) (*File, error) {
	// One that somebody still has mapped must not become shorter.
	if err := os.Remove(name); err != nil && !os.IsNotExist(err) {
		return nil, err
	}
	return open(name, os.O_CREATE|os.O_EXCL)
}

// Open opens a file that Create has made in an earlier run.
func Open(name string) (*File, error) { return open(name, 0) }

func open(name string, flag int) (*File, error) {
	f, err := os.OpenFile(name, os.O_RDWR|flag, 0o600)
	if err != nil {
		return nil, err
	}
	m := &File{f: f, held: &held{}}
	runtime.AddCleanup(m, (*held).free, m.held)
	return m, nil
}

// page is what pieces begin at a multiple of: as much as on any machine.
const page = 64 << 10

// Piece returns the next piece of the file as memory: what was written there, or zeros
// where the file ends before. The room for it is there on the disk: writing to it does
// not fail later. Error: the machine cannot do that, or the disk is full.
func (m *File) Piece(bytes int) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	long := (int64(bytes) + page - 1) / page * page
	b, err := mapPiece(m.f, m.size, long)
	if err != nil {
		return nil, err
	}
	m.size += long
	m.held.pieces = append(m.held.pieces, b)
	return b[:bytes:bytes], nil
}

// Rest gives the memory back to the machine until it is looked at again.
func (m *File) Rest() {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, b := range m.held.pieces {
		rest(b)
	}
}

// Tail returns the file itself, standing behind the pieces, to read or write what
// follows them.
func (m *File) Tail() (*os.File, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	_, err := m.f.Seek(m.size, 0)
	return m.f, err
}

// Cut takes away what follows the pieces.
func (m *File) Cut() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.f.Truncate(m.size)
}
