package blob

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"io"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/gm"
)

// A sealed blob is the magic, a random number, and chunks, each sealed by
// itself and bound to the number, to its place, and to whether it is the last:
// chunks cannot be changed, reordered, left out or taken from another blob.
const (
	magic       = "ywblob1\n"
	numberSize  = 16
	chunkSize   = 64 << 10
	sealedChunk = chunkSize + gm.SealOverhead
)

// about is what chunk index is bound to.
func about(number []byte, index uint64, last bool) []byte {
	b := binary.BigEndian.AppendUint64(bytes.Clone(number), index)
	if last {
		return append(b, 1)
	}
	return append(b, 0)
}

type sealWriter struct {
	to     io.Writer
	key    gm.Key
	number []byte
	index  uint64
	chunk  []byte
}

func newSealWriter(to io.Writer, key gm.Key) (*sealWriter, error) {
	number := make([]byte, numberSize)
	if _, err := rand.Read(number); err != nil {
		return nil, err
	}
	if _, err := to.Write(append([]byte(magic), number...)); err != nil {
		return nil, err
	}
	return &sealWriter{to: to, key: key, number: number, chunk: make([]byte, 0, chunkSize)}, nil
}

func (w *sealWriter) Write(p []byte) (int, error) {
	written := 0
	for len(p) > 0 {
		if len(w.chunk) == chunkSize { // there is more, so this is not the last
			if err := w.flush(false); err != nil {
				return written, err
			}
		}
		n := min(len(p), chunkSize-len(w.chunk))
		w.chunk = append(w.chunk, p[:n]...)
		p, written = p[n:], written+n
	}
	return written, nil
}

// Close seals the last chunk.
func (w *sealWriter) Close() error { return w.flush(true) }

func (w *sealWriter) flush(last bool) error {
	sealed, err := w.key.Seal(w.chunk, about(w.number, w.index, last))
	if err != nil {
		return err
	}
	w.index, w.chunk = w.index+1, w.chunk[:0]
	_, err = w.to.Write(sealed)
	return err
}

type sealReader struct {
	from   *bufio.Reader
	key    gm.Key
	number []byte
	index  uint64
	sealed []byte
	plain  []byte // opened, not yet read
	err    error  // met at the end of plain
}

func newSealReader(from io.Reader, key gm.Key) (*sealReader, error) {
	head := make([]byte, len(magic)+numberSize)
	if _, err := io.ReadFull(from, head); err != nil {
		return nil, damaged(err)
	}
	if string(head[:len(magic)]) != magic {
		return nil, damaged(nil)
	}
	return &sealReader{
		from: bufio.NewReaderSize(from, sealedChunk), key: key,
		number: head[len(magic):], sealed: make([]byte, sealedChunk),
	}, nil
}

func (r *sealReader) Read(p []byte) (int, error) {
	for len(r.plain) == 0 && r.err == nil {
		r.plain, r.err = r.next()
	}
	if len(r.plain) == 0 {
		return 0, r.err
	}
	n := copy(p, r.plain)
	r.plain = r.plain[n:]
	return n, nil
}

// next opens one chunk; with the last it returns io.EOF.
func (r *sealReader) next() ([]byte, error) {
	n, err := io.ReadFull(r.from, r.sealed)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, damaged(err) // a file without its last chunk ends here too
	}
	_, more := r.from.Peek(1)
	if more != nil && !errors.Is(more, io.EOF) {
		return nil, more
	}
	last := more != nil
	plain, err := r.key.Open(r.sealed[:n], about(r.number, r.index, last))
	if err != nil {
		return nil, damaged(err)
	}
	r.index++
	if last {
		return plain, io.EOF
	}
	return plain, nil
}

func damaged(err error) error { return errs.E(errs.Internal, "blob.damaged", nil).Because(err) }
