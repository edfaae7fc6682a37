package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// newerSchema is what a later release of the program might bring.
const newerSchema = `-- +goose Up
alter table judged add column trial {{bigint}} not null default 0;
create table trial (id {{text}} not null primary key){{clustered}};
-- +goose Down
`

// newer builds the program as a later release would be: with one migration more.
func (t *town) newer() (string, error) {
	root, err := os.Getwd()
	if err != nil {
		return "", err
	}
	sql, overlay, bin := t.file("newer.sql"), t.file("overlay.json"), t.file("yiwang-newer")
	if err := os.WriteFile(sql, []byte(newerSchema), 0o600); err != nil {
		return "", err
	}
	raw, err := json.Marshal(map[string]any{"Replace": map[string]string{
		filepath.Join(root, "internal/core/schema/migrations/90000_trial.sql"): sql,
	}})
	if err != nil {
		return "", err
	}
	if err := os.WriteFile(overlay, raw, 0o600); err != nil {
		return "", err
	}
	out, err := exec.CommandContext(t.ctx, "go", "build", "-trimpath", "-overlay", overlay, "-o", bin, "./cmd/yiwang").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("building a newer program: %w: %s", err, out)
	}
	return bin, nil
}

// otherPrograms replaces the program by a newer one, house by house under load, as an
// upgrade does, then tries the older one on what the newer has written: it refuses
// and changes nothing, and the newer goes on.
func otherPrograms(t *town, _ int) (int, error) {
	newer, err := t.newer()
	if err != nil {
		return 0, err
	}
	t.work()
	for slot, h := range t.houses {
		if err := h.stop(); err != nil {
			return slot, fmt.Errorf("the older program did not end well: %w", err)
		}
		t.open()
		if err := t.upWith(newer); err != nil {
			return slot, err
		}
		// Where there are two, the older one still runs, on the newer schema.
		if err := t.ledger.waitWrites(t.ctx, 50); err != nil {
			return slot, err
		}
	}
	t.killAll()
	t.open()
	_, err = launch(t.ctx, t.bin, t.args(0))
	if err == nil || !strings.Contains(err.Error(), "newer version") {
		return len(t.houses), errors.Join(errors.New("an older program was not refused in words"), err)
	}
	t.bin = newer
	if err := t.up(); err != nil {
		return len(t.houses), err
	}
	return len(t.houses) + 2, t.ledger.waitWrites(t.ctx, 50)
}
