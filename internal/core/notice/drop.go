package notice

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"yiwang/internal/base/errs"
)

// Drop is a Carrier that leaves each letter as a file in a directory, for a
// gateway that picks them up. A file is there whole or not at all, under the
// name of its letter, so that a letter is there once however often it is carried.
type Drop struct {
	Writer
	Dir string

	one sync.Mutex // files of one directory are made one after the other anyway
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

// fileName makes the name of its file of the id of a letter.
var fileName = strings.NewReplacer("/", "_", ":", "_")

// Carry writes the letter's file.
func (d *Drop) Carry(ctx context.Context, l Letter) (string, error) {
	doc, err := d.write(ctx, l)
	if err != nil {
		return "", err
	}
	name := filepath.Join(d.Dir, fileName.Replace(l.ID)+".json")
	if err := d.put(name, append(doc, '\n')); err != nil {
		return "", errs.E(errs.Unavailable, "errs.unavailable", nil).Because(err)
	}
	return filepath.Base(name), nil
}

func (d *Drop) put(name string, doc []byte) error {
	d.one.Lock()
	defer d.one.Unlock()
	err := os.WriteFile(name+".new", doc, 0o600)
	if errors.Is(err, fs.ErrNotExist) {
		if err = os.MkdirAll(d.Dir, 0o700); err == nil {
			err = os.WriteFile(name+".new", doc, 0o600)
		}
	}
	if err != nil {
		return err
	}
	return os.Rename(name+".new", name)
}
