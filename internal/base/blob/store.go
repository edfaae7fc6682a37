package blob

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/gm"
)

// Ref names a blob and says what it is.
type Ref struct {
	// Digest is the address: the SHA-256 of the content in hexadecimal. For a
	// sealed blob it is that digest keyed with its key, so that the name alone
	// does not tell who has a known file, and one file sealed for two cases is
	// two blobs.
	Digest string
	Size   int64 // of the content, in bytes
	Type   string
}

// Limits says what a Put accepts.
type Limits struct {
	MaxBytes int64    // of the content
	Types    []string // of those the store knows; none for all of them
}

// Store is a directory of blobs. Make one with New.
type Store struct {
	dir    string
	making sync.Mutex // held until a new directory is durable
}

const unfinished = "tmp"

// New opens the store in a directory and makes the directory if need be. The
// directory lies on one file system, whose rename is atomic.
func New(dir string) (_ *Store, err error) {
	defer errs.Wrap(&err, "blob.New(%s)", dir)
	if err := os.MkdirAll(filepath.Join(dir, unfinished), 0o700); err != nil {
		return nil, err
	}
	return &Store{dir: dir}, nil
}

// Put stores what r gives, to its end. It fails with TooLarge as soon as the
// limit is passed, with Invalid if the content is empty or of a type that is
// not allowed, and leaves nothing behind. The zero key stores the content as it
// is; any other seals it. Putting the same content again is harmless.
func (s *Store) Put(ctx context.Context, r io.Reader, limits Limits, key gm.Key) (_ Ref, err error) {
	defer errs.Wrap(&err, "blob.Put")
	f, err := os.CreateTemp(filepath.Join(s.dir, unfinished), "put-*")
	if err != nil {
		return Ref{}, err
	}
	ref, err := write(ctx, f, r, limits, key)
	if err = errors.Join(err, f.Close()); err == nil {
		err = s.place(f.Name(), ref.Digest)
	}
	if err != nil {
		return Ref{}, errors.Join(err, os.Remove(f.Name()))
	}
	return ref, nil
}

// write fills the unfinished file and makes its content durable.
func write(ctx context.Context, f *os.File, r io.Reader, limits Limits, key gm.Key) (Ref, error) {
	out := io.WriteCloser(plainWriter{f})
	if !key.IsZero() {
		var err error
		if out, err = newSealWriter(f, key); err != nil {
			return Ref{}, err
		}
	}
	sum, look := sha256.New(), &inspector{allowed: limits.Types}
	size, err := io.Copy(io.MultiWriter(look, sum, out), io.LimitReader(reader{ctx, r}, limits.MaxBytes+1))
	if err != nil {
		return Ref{}, err
	}
	if size > limits.MaxBytes {
		return Ref{}, errs.E(errs.TooLarge, "blob.too_large", errs.Args{"limit_kb": limits.MaxBytes >> 10})
	}
	kind, err := look.finish()
	if err != nil {
		return Ref{}, err
	}
	if err := errors.Join(out.Close(), f.Sync()); err != nil {
		return Ref{}, err
	}
	return Ref{Digest: address(sum, key), Size: size, Type: kind}, nil
}

func address(sum hash.Hash, key gm.Key) string {
	digest := sum.Sum(nil)
	if !key.IsZero() {
		keyed := key.MAC("blob", digest)
		digest = keyed[:]
	}
	return hex.EncodeToString(digest)
}

// place gives a finished file its name. It replaces an earlier copy, which is
// the same content or a damaged one.
func (s *Store) place(from, digest string) error {
	to, err := s.path(digest)
	if err != nil {
		return err
	}
	near := filepath.Dir(to)
	if err := s.makeDirs(filepath.Dir(near), near); err != nil {
		return err
	}
	if err := os.Rename(from, to); err != nil {
		return err
	}
	return syncDir(near)
}

// makeDirs makes directories whose names are durable; most are there already.
func (s *Store) makeDirs(dirs ...string) error {
	s.making.Lock()
	defer s.making.Unlock()
	for _, dir := range dirs {
		err := os.Mkdir(dir, 0o700)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err = errors.Join(err, syncDir(filepath.Dir(dir))); err != nil {
			return err
		}
	}
	return nil
}

// path returns where a blob lies: two levels of 256 directories keep each small
// at a hundred million blobs. It fails with NotFound for what is no digest, so
// that no name can lead out of the store.
func (s *Store) path(digest string) (string, error) {
	if raw, err := hex.DecodeString(digest); err != nil || len(raw) != sha256.Size || strings.ToLower(digest) != digest {
		return "", errs.E(errs.NotFound, "blob.not_found", nil)
	}
	return filepath.Join(s.dir, digest[:2], digest[2:4], digest), nil
}

// Open reads a blob, with the key it was put with. It fails with NotFound if
// there is none. Reading fails at the end, or before it, if the content is not
// what was put or the key is another one: what was read until then must not be
// used.
func (s *Store) Open(ctx context.Context, digest string, key gm.Key) (_ io.ReadCloser, err error) {
	defer errs.Wrap(&err, "blob.Open(%s)", digest)
	path, err := s.path(digest)
	if err != nil {
		return nil, err
	}
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errs.E(errs.NotFound, "blob.not_found", nil).Because(err)
	}
	if err != nil {
		return nil, err
	}
	content := io.Reader(f)
	if !key.IsZero() {
		if content, err = newSealReader(f, key); err != nil {
			return nil, errors.Join(err, f.Close())
		}
	}
	return &checked{reader: reader{ctx, content}, file: f, sum: sha256.New(), key: key, want: digest}, nil
}

// Remove deletes a blob. One that is not there has been removed already.
func (s *Store) Remove(_ context.Context, digest string) (err error) {
	defer errs.Wrap(&err, "blob.Remove(%s)", digest)
	path, err := s.path(digest)
	if err != nil {
		return err
	}
	if err := os.Remove(path); errors.Is(err, fs.ErrNotExist) {
		return nil
	} else if err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

// Sweep deletes unfinished files begun before a time: what a crash in the
// middle of Put left behind. It returns how many there were.
func (s *Store) Sweep(ctx context.Context, before time.Time) (n int, err error) {
	defer errs.Wrap(&err, "blob.Sweep")
	dir := filepath.Join(s.dir, unfinished)
	entries, err := os.ReadDir(dir)
	if err != nil {
		return 0, err
	}
	for _, e := range entries {
		if err := ctx.Err(); err != nil {
			return n, err
		}
		info, err := e.Info()
		if errors.Is(err, fs.ErrNotExist) {
			continue // finished in the meantime
		}
		if err != nil {
			return n, err
		}
		if !info.ModTime().Before(before) {
			continue
		}
		if err := os.Remove(filepath.Join(dir, e.Name())); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

// Walk calls visit with the digest of every blob, in the order of digests, and
// the time it was put. It serves backup, verification, and finding blobs that
// no record names.
func (s *Store) Walk(ctx context.Context, visit func(digest string, put time.Time) error) (err error) {
	defer errs.Wrap(&err, "blob.Walk")
	return filepath.WalkDir(s.dir, func(path string, e fs.DirEntry, err error) error {
		if err = errors.Join(err, ctx.Err()); err != nil {
			return err
		}
		if e.IsDir() {
			if path == filepath.Join(s.dir, unfinished) {
				return fs.SkipDir
			}
			return nil
		}
		if want, err := s.path(e.Name()); err != nil || want != path {
			return nil // not ours
		}
		info, err := e.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil // removed in the meantime
		}
		if err != nil {
			return err
		}
		return visit(e.Name(), info.ModTime())
	})
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// reader stops when its context does.
type reader struct {
	ctx  context.Context
	from io.Reader
}

func (r reader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.from.Read(p)
}

type plainWriter struct{ io.Writer }

func (plainWriter) Close() error { return nil }

// checked compares the content with its address when it has been read.
type checked struct {
	reader
	file *os.File
	sum  hash.Hash
	key  gm.Key
	want string
}

func (c *checked) Read(p []byte) (int, error) {
	n, err := c.reader.Read(p)
	c.sum.Write(p[:n]) // a hash never fails to write
	if err == io.EOF && address(c.sum, c.key) != c.want {
		return n, errs.E(errs.Internal, "blob.damaged", nil)
	}
	return n, err
}

func (c *checked) Close() error { return c.file.Close() }
