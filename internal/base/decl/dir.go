package decl

import (
	"errors"
	"io/fs"
	"reflect"
	"slices"
	"unicode/utf8"

	"yiwang/internal/base/errs"
)

// maxFile is the size over which a declaration file is refused: nobody could
// read it, and a slip (a dump, a picture) must not fill the memory.
const maxFile = 16 << 20

// Dir is a directory of declarations being read. It gathers what is wrong
// instead of stopping at the first thing, so that one check tells everything.
// It is for one goroutine.
type Dir struct {
	fsys     fs.FS
	findings []Finding
	lost     bool
}

// Open returns the directory for reading.
func Open(fsys fs.FS) *Dir { return &Dir{fsys: fsys} }

// Report records something wrong at a place. Key is the catalogue key of the
// sentence; the same key with "_mend" is the key of the mend.
func (d *Dir) Report(at Pos, key string, args errs.Args) {
	d.add(Finding{Pos: at, Key: key, Args: args})
}

// Doubt records something that can run as it is but was probably not meant.
func (d *Dir) Doubt(at Pos, key string, args errs.Args) {
	d.add(Finding{Pos: at, Key: key, Args: args, Doubt: true})
}

// lose records that a file, or a part of one, could not be read as it was meant.
func (d *Dir) lose(at Pos, key string, args errs.Args) {
	d.lost = true
	d.Report(at, key, args)
}

// Lost reports whether a file, or a part of one, could not be read as it was
// meant, so that what refers to it cannot be judged.
func (d *Dir) Lost() bool { return d.lost }

func (d *Dir) add(f Finding) {
	f.Line = max(f.Line, 1) // what is wrong with a file as a whole is shown at its beginning
	d.findings = append(d.findings, f)
}

// Findings returns what was found so far, in the order of files and lines. What is wrong
// with something that several declarations share is said once.
func (d *Dir) Findings() []Finding {
	all := Sort(slices.Clone(d.findings))
	return slices.CompactFunc(all, func(a, b Finding) bool { return reflect.DeepEqual(a, b) })
}

// Has reports whether a file exists.
func (d *Dir) Has(name string) bool {
	_, err := fs.Stat(d.fsys, name)
	return err == nil
}

// Glob returns the names of the files that match a pattern, in order.
func (d *Dir) Glob(pattern string) []string {
	names, err := fs.Glob(d.fsys, pattern)
	if err != nil {
		d.Report(Pos{File: pattern}, "decl.unreadable", errs.Args{"why": err.Error()})
	}
	return names
}

// Read returns the bytes of a file, without a byte order mark. What cannot be
// read, is too large or is not UTF-8 is reported, and ok is false.
func (d *Dir) Read(name string) (b []byte, ok bool) {
	info, err := fs.Stat(d.fsys, name)
	if errors.Is(err, fs.ErrNotExist) {
		d.lose(Pos{File: name}, "decl.missing_file", errs.Args{"file": name})
		return nil, false
	}
	if err == nil && info.Size() > maxFile {
		d.lose(Pos{File: name}, "decl.too_large", errs.Args{"mb": maxFile >> 20})
		return nil, false
	}
	if err == nil {
		b, err = fs.ReadFile(d.fsys, name)
	}
	if err != nil {
		d.lose(Pos{File: name}, "decl.unreadable", errs.Args{"why": err.Error()})
		return nil, false
	}
	if line := badUTF8(b); line > 0 {
		d.lose(Pos{name, line}, "decl.not_utf8", nil)
		return nil, false
	}
	if len(b) >= 3 && b[0] == 0xEF && b[1] == 0xBB && b[2] == 0xBF {
		b = b[3:]
	}
	return b, true
}

// badUTF8 returns the first line that is not UTF-8 or holds a NUL, 0 if all is well.
func badUTF8(b []byte) int {
	line := 1
	for i := 0; i < len(b); {
		if c := b[i]; c < utf8.RuneSelf {
			if c == 0 {
				return line
			}
			if c == '\n' {
				line++
			}
			i++
			continue
		}
		r, n := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && n == 1 {
			return line
		}
		i += n
	}
	return 0
}
