package intake

import (
	"context"
	"crypto/rand"
	"io"
	"path"
	"strings"
	"time"
	"unicode/utf8"

	"yiwang/internal/base/blob"
	"yiwang/internal/base/errs"
	"yiwang/internal/base/gm"
	"yiwang/internal/core/cases"
)

// Attachments keeps uploaded files, inspected by their content and sealed. A file
// is kept before the case it belongs to exists; one that no case took is swept
// away later.
type Attachments struct {
	Blobs *blob.Store
	Key   gm.Key // seals them
}

// maxFile bounds an uploaded file in bytes: a photograph of a telephone, a scan.
const maxFile = 20 << 20

// maxFileName bounds the name that is kept, in characters.
const maxFileName = 120

// Keep inspects and stores a file. Errors: Invalid where its content is of a type
// that is not taken, TooLarge.
func (a *Attachments) Keep(ctx context.Context, name string, r io.Reader) (f cases.File, err error) {
	defer errs.Wrap(&err, "intake.Keep")
	ref, err := a.Blobs.Put(ctx, r, blob.Limits{MaxBytes: maxFile}, a.Key)
	if err != nil {
		return f, err
	}
	// The id is the address and a random part: the same picture twice is two files.
	return cases.File{ID: ref.Digest + "." + rand.Text()[:10], Name: fileName(name), Type: ref.Type, Size: ref.Size, Digest: ref.Digest}, nil
}

// Open returns the content of a kept file. The caller has checked that the person
// may see the case it belongs to. Error: NotFound.
func (a *Attachments) Open(ctx context.Context, id string) (io.ReadCloser, error) {
	digest, _, ok := strings.Cut(id, ".")
	if !ok {
		return nil, errs.E(errs.NotFound, "intake.no_file", nil)
	}
	return a.Blobs.Open(ctx, digest, a.Key)
}

// unclaimed is how long a file may wait for a case to take it: a day longer than
// a citizen's draft lives.
const unclaimed = 8 * 24 * time.Hour

// Sweep deletes files that no case has taken, as attached tells, and what a crash
// left unfinished.
func (a *Attachments) Sweep(ctx context.Context, now time.Time, attached func(context.Context, string) (bool, error)) (err error) {
	defer errs.Wrap(&err, "intake.Sweep")
	if _, err := a.Blobs.Sweep(ctx, now.Add(-time.Hour)); err != nil {
		return err
	}
	var stale []string
	err = a.Blobs.Walk(ctx, func(digest string, put time.Time) error {
		if now.Sub(put) < unclaimed {
			return nil
		}
		taken, err := attached(ctx, digest)
		if err == nil && !taken {
			stale = append(stale, digest)
		}
		return err
	})
	for _, digest := range stale {
		if err == nil {
			err = a.Blobs.Remove(ctx, digest)
		}
	}
	return err
}

// Digest returns the address in a file's id, "" if it is none.
func Digest(id string) string {
	digest, _, ok := strings.Cut(id, ".")
	if !ok {
		return ""
	}
	return digest
}

// fileName keeps the last part of a name, without what a header or a file system
// could take for more than a name.
func fileName(name string) string {
	name = path.Base(strings.ReplaceAll(name, `\`, "/"))
	name = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == utf8.RuneError || strings.ContainsRune(`<>:"|?*/`, r) {
			return -1
		}
		return r
	}, name)
	if name == "" || name == "." {
		name = "file"
	}
	if r := []rune(name); len(r) > maxFileName {
		name = string(r[len(r)-maxFileName:])
	}
	return name
}
