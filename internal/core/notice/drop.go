package notice

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/oklog/ulid/v2"

	"yiwang/internal/base/errs"
)

// Drop is a Carrier that leaves letters in a directory, for a gateway that picks them up:
// those of a batch in one file, a line each, since to make a file for a letter costs more
// than all else that is done for it. A file is there whole or not at all, and the later one has the later name.
type Drop struct {
	Writer
	Dir string
}

// Writer turns a letter into what a gateway delivers.
type Writer struct {
	Render func(context.Context, Letter) (title, text string, err error)
	To     func(context.Context, Letter) (string, error) // telephone number or account; NotFound where there is none
	Now    func() time.Time
}

// write returns a letter as JSON.
func (w *Writer) write(ctx context.Context, l Letter) ([]byte, error) {
	to, err := w.To(ctx, l)
	if err != nil {
		return nil, err
	}
	title, text, err := w.Render(ctx, l)
	if err != nil {
		return nil, err
	}
	return json.Marshal(map[string]any{
		"id": l.ID, "to": to, "case": l.CaseID, "audience": l.Audience, "channel": l.Channel, "title": title, "text": text,
		"at": w.Now().UTC().Format(time.RFC3339),
	})
}

// Carry leaves one letter. The receipt is the name of its file.
func (d *Drop) Carry(ctx context.Context, l Letter) (string, error) {
	r := d.Bundle(ctx, []Letter{l})[0]
	return r.ID, r.Err
}

// Bundle leaves several letters.
func (d *Drop) Bundle(ctx context.Context, letters []Letter) []Receipt {
	name := ulid.Make().String() + ".jsonl"
	out := make([]Receipt, len(letters))
	var docs []byte
	for i, l := range letters {
		doc, err := d.write(ctx, l)
		if err != nil {
			out[i].Err = err
			continue
		}
		out[i].ID = name
		docs = append(append(docs, doc...), '\n')
	}
	if len(docs) == 0 {
		return out
	}
	if err := d.put(filepath.Join(d.Dir, name), docs); err != nil {
		for i := range out {
			if out[i].Err == nil {
				out[i] = Receipt{Err: errs.E(errs.Unavailable, "errs.unavailable", nil).Because(err)}
			}
		}
	}
	return out
}

func (d *Drop) put(name string, docs []byte) error {
	err := os.WriteFile(name+".new", docs, 0o600)
	if errors.Is(err, fs.ErrNotExist) {
		if err = os.MkdirAll(d.Dir, 0o700); err == nil {
			err = os.WriteFile(name+".new", docs, 0o600)
		}
	}
	if err == nil {
		err = os.Rename(name+".new", name)
	}
	if err != nil {
		_ = os.Remove(name + ".new") // the next try has another name, and addresses would stay in this one
	}
	return err
}
