package app

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"

	"yiwang/internal/work/intake"
)

// ImportFile takes in a file of messages and keeps the rows that are refused
// beside it, through the server where one runs on the data directory.
func ImportFile(ctx context.Context, cfg Config, name string, imp intake.Import, progress func(done, total int64)) (t intake.Tally, err error) {
	in, err := os.Open(name)
	if err != nil {
		return t, err
	}
	defer in.Close() // only read
	info, err := in.Stat()
	if err != nil {
		return t, err
	}
	rejects := &rejectsFile{name: name + rejectsSuffix, spare: filepath.Join(cfg.Data, filepath.Base(name)+rejectsSuffix)}
	defer func() { err = errors.Join(err, rejects.close()) }()
	imp.Reject = rejects.add
	source := &countingReader{r: in}
	imp.Progress = func(intake.Tally) {
		if progress != nil {
			progress(source.n, info.Size())
		}
	}
	a, err := Open(ctx, cfg)
	switch {
	case errors.Is(err, errOwned):
		t, err = remoteImport(ctx, cfg.Data, source, imp)
	case err == nil:
		t, err = a.importHere(ctx, source, imp)
		err = errors.Join(err, a.Close())
	}
	if progress != nil && err == nil {
		progress(info.Size(), info.Size())
	}
	t.Rejects = rejects.written()
	return t, errors.Join(err, rejects.err)
}

// importHere imports into the directory this process owns, and signs the log as
// it is afterwards.
func (a *App) importHere(ctx context.Context, in io.Reader, imp intake.Import) (intake.Tally, error) {
	t, err := a.Desk.Run(ctx, in, imp)
	if err != nil {
		return t, err
	}
	if _, err := a.Cases.Sequence(ctx, a.Holder()); err != nil {
		return t, err
	}
	return t, a.checkpoint(ctx)
}

const rejectsSuffix = ".rejects.jsonl"

// rejectsFile is made at the first reject. Rows are flushed as they come, so
// that a run that was killed has kept them.
type rejectsFile struct {
	name  string // beside the input
	spare string // in the data directory, where the input's directory takes no files
	f     *os.File
	w     *bufio.Writer
	err   error
}

func (r *rejectsFile) add(x intake.Reject) {
	if r.err != nil {
		return
	}
	if r.f == nil {
		var err error
		if r.f, err = os.Create(r.name); err != nil {
			r.name = r.spare
			if r.f, r.err = os.Create(r.name); r.err != nil {
				return
			}
		}
		r.w = bufio.NewWriter(r.f)
	}
	if r.err = json.NewEncoder(r.w).Encode(x); r.err == nil {
		r.err = r.w.Flush()
	}
}

func (r *rejectsFile) written() string {
	if r.f == nil {
		return ""
	}
	if abs, err := filepath.Abs(r.name); err == nil {
		return abs
	}
	return r.name
}

func (r *rejectsFile) close() error {
	if r.f == nil {
		return nil
	}
	return r.f.Close()
}

type countingReader struct {
	r io.Reader
	n int64
}

func (c *countingReader) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}
