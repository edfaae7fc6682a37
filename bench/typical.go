package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"

	"github.com/google/pprof/profile"
)

// typical has the program profile itself while it does what it does all day (cases filed,
// whole lives, lists and pages of staff, pages of citizens), and writes the profile: beside
// the command's source, go build compiles what is used most with more care.
func (p *plan) typical(ctx context.Context, out string) (err error) {
	dir, err := os.MkdirTemp("", "yiwang-bench-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	h, err := start(ctx, p.bin, place{data: filepath.Join(dir, "typical")})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.stop()) }()
	people, err := h.hire()
	if err == nil {
		err = h.settle(ctx)
	}
	if err != nil {
		return err
	}
	var all []*profile.Profile
	for _, do := range []deed{
		sending(h.client, h.appeal("typical")),
		h.life(people, "typical-life"),
		sending(h.client, h.get(people.centre, always("/api/cases?lane=dispatch&sort=due&limit=50"))),
		sending(manyAddresses(), h.get("", always("/"))),
	} {
		one, _, err := h.profiled(ctx, 8, p.span, do)
		if err != nil {
			return err
		}
		all = append(all, one)
	}
	merged, err := profile.Merge(all)
	if err != nil {
		return err
	}
	f, err := os.Create(out)
	if err != nil {
		return err
	}
	return errors.Join(merged.Write(f), f.Close())
}
