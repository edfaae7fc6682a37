package dispatch

import (
	"errors"
	"os"
	"path/filepath"

	"yiwang/internal/base/errs"
)

// SaveFile writes a model beside its place and then puts it there, so that a reader
// never finds half a file. Error: Invalid where the place cannot be written.
func (m *Model) SaveFile(name string) (err error) {
	f, err := os.CreateTemp(filepath.Dir(name), ".model-*")
	if err != nil {
		return errs.E(errs.Invalid, "dispatch.cannot_write", errs.Args{"file": filepath.Base(name)}).Because(err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	if err := errors.Join(m.Save(f), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), name)
}
