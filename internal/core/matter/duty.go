package matter

import (
	"yiwang/internal/base/errs"
	"yiwang/internal/core/org"
	"yiwang/internal/core/place"
)

// Answer says which unit answers for a matter at a place, and why.
type Answer struct {
	Unit     string    // unit code, "" where nobody could be found
	Clause   string    // the clause of the duty list it rests on
	How      string    // catalogue key of the reason
	Args     errs.Args // placeholders of the reason
	Backstop bool      // the rule could not place it; the backstop unit takes it
}

// Responsible resolves a duty clause for a place (an area or grid code, "" where
// unknown): by function, the unit named, or the one that has the function for the
// whole district; by place, the street or community office of the place; by both,
// the nearest unit at or above that level which has the function. What this does
// not resolve goes to the backstop unit.
func Responsible(dir *org.Directory, places *place.Map, m *Matter, area string) Answer {
	d := m.Duty
	answer := func(u org.Unit, how string, args errs.Args) Answer {
		if args == nil {
			args = errs.Args{}
		}
		args["unit"] = u.Name
		return Answer{Unit: u.Code, Clause: d.Basis, How: how, Args: args}
	}
	if d.By == ByFunction {
		if u, ok := dir.Unit(d.Unit); ok && u.Active {
			return answer(u, "duty.function", nil)
		}
		if u, ok := dir.Responsible(d.Function, nil); ok {
			return answer(u, "duty.function", nil)
		}
		return d.fallback(dir, "duty.backstop_nobody", nil)
	}
	at, ok := places.Up(area, d.level())
	if !ok {
		return d.fallback(dir, "duty.backstop_place", nil)
	}
	args := errs.Args{"area": at.Name}
	if d.By == ByPlace {
		for _, u := range dir.Of(at.Code, officeOf(at.Level)) {
			return answer(u, "duty.place", args)
		}
	} else if u, ok := dir.Responsible(d.Function, places.Chain(at.Code)); ok {
		return answer(u, "duty.both", args)
	}
	return d.fallback(dir, "duty.backstop_nobody", args)
}

// level is the level of place that carries the duty; streets do where none is named.
func (d Duty) level() place.Level {
	if d.Level == "" {
		return place.Street
	}
	return place.Level(d.Level)
}

// officeOf is the kind of unit that stands for a whole area.
func officeOf(l place.Level) org.UnitKind {
	if l == place.Community {
		return org.Community
	}
	return org.Street
}

func (d Duty) fallback(dir *org.Directory, how string, args errs.Args) Answer {
	if u, ok := dir.Unit(d.Backstop); ok && u.Active {
		if args == nil {
			args = errs.Args{}
		}
		args["unit"] = u.Name
		return Answer{Unit: u.Code, Clause: d.Basis, How: how, Args: args, Backstop: true}
	}
	return Answer{Clause: d.Basis, How: "duty.nobody", Backstop: true}
}
