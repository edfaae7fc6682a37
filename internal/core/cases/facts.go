package cases

import (
	"encoding/binary"

	"yiwang/internal/core/org"
	"yiwang/internal/core/rule"
)

// facts returns what the expressions of declarations speak about.
func (s *Store) facts(c *Case, by org.Actor, input map[string]any) rule.Vars {
	counts := map[string]any{}
	for name, n := range c.counts() {
		counts[name] = n
	}
	u, _ := s.Units().Unit(c.Unit) // one that is unknown has nothing
	v := rule.Vars{
		Case: map[string]any{
			"id": c.ID, "number": c.Number, "family": c.Family, "matter": c.Matter, "state": c.State,
			"nature": c.Nature, "urgency": c.Urgency, "channel": c.Channel, "unit": c.Unit, "holder": c.Holder,
			"area": c.Area, "grid": c.Grid, "result": c.Result, "rating": int64(c.Rating), "late": c.Late > 0,
			"draw": s.draw(c.ID), "title": c.Title, "counts": counts, "data": c.data(),
		},
		Input: input,
		Actor: map[string]any{"id": by.ID, "kind": string(by.Kind), "unit": by.Unit, "roles": by.Roles},
		Unit:  map[string]any{"code": u.Code, "kind": string(u.Kind), "approval": u.Approval, "night": u.Night, "area": u.Area},
	}
	if f := s.City.Catalog.Family(c.Family); f != nil {
		v.Case["matter_title"] = f.Title
	}
	if m := s.City.Catalog.Find(c.Family, c.Matter); m != nil {
		v.Matter = map[string]any{"code": m.Code, "fast": m.Fast, "night": m.Night, "by": string(m.Duty.By)}
	} else {
		v.Matter = map[string]any{"code": c.Matter, "fast": false, "night": false, "by": ""}
	}
	return v
}

// draw returns the lot of a case, 0 to 99, by which declarations take a share of
// cases. It is the same whenever it is asked, and nobody outside can foretell it.
func (s *Store) draw(id string) int64 {
	sum := s.MAC.MAC("draw", []byte(id))
	return int64(binary.BigEndian.Uint32(sum[:4]) % 100)
}
