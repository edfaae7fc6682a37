package repeat

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/gob"
	"errors"
	"io"
	"os"
	"unsafe"

	"yiwang/internal/base/mapped"
)

// An index of a large city lies in a file: most of what it remembers is looked at by
// few messages, and the machine may use its memory for something else. What is asked
// all the time (where chains begin, how many bear a mark) stays in memory.

// layout tells files of this program from those of another one.
const layout = 1

const chunkBytes = int(unsafe.Sizeof([chunkSize]stored{}))

// tail tells of a file what stands at its end: behind the entries lie where chains begin
// and what was seen, then this, and how many bytes it has.
type tail struct {
	Layout, Bytes   int
	Mark            string
	Chunks, N, Dead int
	From            int64 // where what is behind the entries begins
	Heads           int
	Areas           map[string]uint16
}

// inUse ends the name of the file of an index that is in use: it is no good to the next
// run until Keep has written its end.
const inUse = ".new"

// Create returns an empty index whose entries lie in a file, or in memory where the
// machine cannot do that.
func Create(name string) *Index {
	x := New()
	if room, err := mapped.Create(name + inUse); err == nil {
		x.room = room
	}
	return x
}

// Open returns the index that an earlier run has kept in a file under the same mark.
// The file is its from now on. False where there is none of use.
func Open(name, mark string) (_ *Index, ok bool) {
	room, err := mapped.Open(name)
	if err != nil {
		return nil, false
	}
	x := New()
	if err := x.read(room, mark); err != nil || os.Rename(name, name+inUse) != nil {
		_ = os.Remove(name) // no use to anybody
		return nil, false
	}
	return x, true
}

var errOther = errors.New("repeat: the file is another run's or another program's")

func (x *Index) read(room *mapped.File, mark string) error {
	f, err := room.Tail()
	if err != nil {
		return err
	}
	end, err := f.Seek(-4, io.SeekEnd)
	if err != nil {
		return err
	}
	var long uint32
	if err := binary.Read(f, binary.LittleEndian, &long); err != nil {
		return err
	}
	var t tail
	if err := gob.NewDecoder(bufio.NewReader(io.NewSectionReader(f, end-int64(long), int64(long)))).Decode(&t); err != nil {
		return err
	}
	if t.Layout != layout || t.Bytes != chunkBytes || t.Mark != mark || t.N < 1 || (t.N-1)/chunkSize > t.Chunks {
		return errOther
	}
	if t.Heads < 1 || t.Heads&(t.Heads-1) != 0 || t.From+4*int64(2*t.Heads+seenSize) > end {
		return errOther
	}
	if _, err := f.Seek(t.From, io.SeekStart); err != nil {
		return err
	}
	x.heads, x.ids, x.seen = make([]uint32, t.Heads), make([]uint32, t.Heads), make([]uint32, seenSize)
	for _, table := range [][]uint32{x.heads, x.ids, x.seen} {
		if _, err := io.ReadFull(f, bytesOf(table)); err != nil {
			return err
		}
	}
	for range t.Chunks {
		b, err := room.Piece(chunkBytes)
		if err != nil {
			return err
		}
		x.chunks = append(x.chunks, chunkOf(b))
	}
	x.room, x.n, x.dead = room, t.N, t.Dead
	if t.Areas != nil {
		x.areas = t.Areas
	}
	return room.Cut()
}

// Keep leaves the index in the file for a run that asks for the same mark. What is met
// afterwards is not in it.
func (x *Index) Keep(name, mark string) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.room == nil || x.full {
		return nil
	}
	x.full = true // another chunk would lie where the tail is
	f, err := x.room.Tail()
	if err != nil {
		return err
	}
	from, err := f.Seek(0, io.SeekCurrent)
	if err != nil {
		return err
	}
	for _, table := range [][]uint32{x.heads, x.ids, x.seen} {
		if _, err := f.Write(bytesOf(table)); err != nil {
			return err
		}
	}
	var end bytes.Buffer
	if err := gob.NewEncoder(&end).Encode(tail{layout, chunkBytes, mark, len(x.chunks), x.n, x.dead, from, len(x.heads), x.areas}); err != nil {
		return err
	}
	end.Write(binary.LittleEndian.AppendUint32(nil, uint32(end.Len())))
	if _, err := f.Write(end.Bytes()); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	return os.Rename(name+inUse, name)
}

// Rest gives the memory of the entries back to the machine until they are looked at.
func (x *Index) Rest() {
	x.mu.RLock()
	room := x.room
	x.mu.RUnlock()
	if room != nil {
		room.Rest()
	}
}

// chunk returns room for more entries.
func (x *Index) chunk() *[chunkSize]stored {
	if x.room != nil && !x.full {
		if b, err := x.room.Piece(chunkBytes); err == nil {
			return chunkOf(b)
		}
		x.full = true // what lies in memory cannot be kept
	}
	return new([chunkSize]stored)
}

// chunkOf takes memory that is aligned to pages as entries, which hold no pointers.
func chunkOf(b []byte) *[chunkSize]stored {
	return (*[chunkSize]stored)(unsafe.Pointer(&b[:chunkBytes][0]))
}

// bytesOf takes numbers as the machine writes them.
func bytesOf(table []uint32) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(table))), 4*len(table))
}
