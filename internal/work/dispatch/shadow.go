package dispatch

import "context"

// Shadow lets two judges go through decided cases in the order in which they were
// decided, as if each came anew: both say what they think, then both are told. Neither
// may have learnt from any of the cases before.
func Shadow(ctx context.Context, serving, shadow *Learner, decided []Decided) ([]Decision, error) {
	var out []Decision
	for _, d := range decided {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		x := Decision{Right: append([]string{d.Matter}, d.Also...)}
		for _, side := range []struct {
			l    *Learner
			said *Said
		}{{serving, &x.Serving}, {shadow, &x.Shadow}} {
			*side.said = side.l.Said(side.l.Read(d.Message))
			if !side.said.Sure || side.said.Matter != d.Matter {
				side.l.Correct(d.Message, d.Matter) // what was sent rightly nobody corrects
			}
		}
		out = append(out, x)
	}
	return out, nil
}
