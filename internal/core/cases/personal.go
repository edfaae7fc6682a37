package cases

import (
	"context"
	"slices"
	"time"

	"yiwang/internal/base/sqldb"
	"yiwang/internal/core/matter"
	"yiwang/internal/core/org"
)

// PersonalFiles returns by which actions of a case files came that are personal: those
// whose declaration asks for files and calls them so. What was filed asks by the fields
// of its matter, everything else by its input.
func (s *Store) PersonalFiles(ctx context.Context, c *Case) (map[int]bool, error) {
	type row struct {
		N    int    `db:"n"`
		Kind string `db:"kind"`
	}
	rows, err := sqldb.Select[row](ctx, s.DB.Read(), `select n, kind from action where case_id = ?`, c.ID)
	if err != nil {
		return nil, err
	}
	m := s.machines[c.Family]
	out := map[int]bool{}
	for _, r := range rows {
		if m != nil && m.asksPersonalFiles(r.Kind) {
			out[r.N] = true
		}
	}
	return out, nil
}

func (m *machine) asksPersonalFiles(kind string) bool {
	asks := func(fields []matter.Field) bool {
		return slices.ContainsFunc(fields, func(f matter.Field) bool { return f.Type == matter.Files && f.Personal })
	}
	if kind == "file" && asks(m.family.Fields) {
		return true
	}
	a := m.actions[kind]
	return a != nil && asks(a.decl.Input)
}

// OpenedBy reports whether somebody has opened the personal data of a case, for a
// purpose that stands in the log, within the time before now.
func (s *Store) OpenedBy(ctx context.Context, by org.Actor, id string, within time.Duration) (bool, error) {
	n, err := sqldb.Get[int](ctx, s.DB.Read(), `select count(*) from access_log where case_id = ? and actor = ? and at > ?`, id, by.Ref(), s.DB.Now()-within.Milliseconds())
	return n > 0, err
}
