package app

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"strings"

	"yiwang/internal/core/org"
)

// firstStart makes the code that the first administrator is made with, or reads the
// one that was made at an earlier start, and takes it away once somebody has an
// account. Who can read it can read the keys beside it too. "" where none is needed.
func (a *App) firstStart(ctx context.Context) (code string, err error) {
	path := a.dir.file(keysDir, setupFile)
	needed, err := a.Staff.NeedsSetup(ctx)
	if err != nil {
		return "", err
	}
	if !needed {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return "", err
		}
		return "", nil
	}
	raw, err := os.ReadFile(path)
	code = strings.TrimSpace(string(raw))
	if errors.Is(err, fs.ErrNotExist) || err == nil && code == "" {
		code = org.SetupCode()
		err = os.WriteFile(path, []byte(code+"\n"), 0o600)
	}
	if err == nil {
		a.Staff.AllowSetup(code)
	}
	return code, err
}

// secure reports whether people reach the site by HTTPS only, so that cookies never
// travel otherwise.
func (a *App) secure() bool { return strings.HasPrefix(a.URL, "https://") }
