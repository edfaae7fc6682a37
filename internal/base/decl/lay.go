package decl

import (
	"io/fs"
	"path"
	"strings"
	"time"
)

// Lay returns a directory in which one file reads otherwise: fsys with doc in the
// place of name, or, where fsys is nil, that file alone.
func Lay(fsys fs.FS, name, doc string) fs.FS { return laid{fsys, name, doc} }

type laid struct {
	fs.FS
	name, doc string
}

// Open opens the file that was laid over, or one below.
func (l laid) Open(name string) (fs.File, error) {
	switch {
	case name == l.name:
		return &page{strings.NewReader(l.doc), l}, nil
	case l.FS == nil:
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return l.FS.Open(name)
}

// page is a file that was never on a disk.
type page struct {
	*strings.Reader
	laid
}

// Stat describes the file by itself.
func (t *page) Stat() (fs.FileInfo, error) { return t, nil }

// Close has nothing to let go of.
func (t *page) Close() error       { return nil }
func (t *page) Name() string       { return path.Base(t.name) }
func (t *page) Size() int64        { return int64(len(t.doc)) }
func (t *page) Mode() fs.FileMode  { return 0o444 }
func (t *page) ModTime() time.Time { return time.Time{} }
func (t *page) IsDir() bool        { return false }
func (t *page) Sys() any           { return nil }
