package measure

import (
	"context"
	"slices"

	"yiwang/internal/base/errs"
	"yiwang/internal/work/dispatch"
)

// Replay goes through decided cases in their order as a city would have met them,
// and starts from nothing but the duty list. What the machine is unsure of goes to
// the desk, which decides rightly and at once; what it sent wrongly comes back
// after Delay further messages and is then corrected; what it sent rightly nobody
// ever tells it. Each Night messages a model is trained on what is known by then
// and serves from then on if it stands its trial.
type Replay struct {
	Duty    []dispatch.Entry
	Cases   []Case
	Delay   int // messages until a wrong one is back
	Night   int // messages from one training to the next; 0: none is trained
	Every   int // messages that are summed up together
	Options dispatch.Options
}

// Course is how a replay went.
type Course struct {
	All     Stretch   `json:"all"`
	Along   []Stretch `json:"along"`
	Nights  []Night   `json:"nights"`
	Lessons int       `json:"lessons"` // corrections learnt
}

// Stretch sums up a piece of a replay.
type Stretch struct {
	From     int        `json:"from"` // first message, counted from 0
	To       int        `json:"to"`   // after the last
	Sent     int        `json:"sent"` // by machine
	Right    int        `json:"sent_right"`
	Top1     float64    `json:"accuracy"` // share of right first answers, sent or not
	Share    float64    `json:"auto_share"`
	Accuracy float64    `json:"auto_precision"`
	Interval [2]float64 `json:"auto_precision_interval"` // 95 %, Wilson
	first    int
}

// Night is one training with its trial.
type Night struct {
	After   int            `json:"after"`   // messages seen
	Decided int            `json:"decided"` // cases it was trained on
	Trial   dispatch.Trial `json:"trial"`
}

// trialPart is the share of the latest decided cases that a trial is held on.
const trialPart = 0.25

// told is a case in a replay with what became known of it.
type told struct {
	c     *Case
	said  dispatch.Said
	label string // "" until somebody told, or it stood long enough
	back  int    // message at which a wrong one is back, 0 if it never is
}

// Run plays it.
func (r Replay) Run(ctx context.Context) (_ Course, err error) {
	defer errs.Wrap(&err, "Replay(%d)", len(r.Cases))
	m, _, err := dispatch.Train(ctx, dispatch.Corpus{Duty: r.Duty}, r.options())
	if err != nil {
		return Course{}, err
	}
	l := dispatch.NewLearner(m)
	var out Course
	var seen []told
	for i := range r.Cases {
		if err := ctx.Err(); err != nil {
			return out, err
		}
		r.settle(l, seen, i)
		seen = append(seen, r.meet(l, &r.Cases[i], i))
		if r.Night > 0 && (i+1)%r.Night == 0 && i+1 < len(r.Cases) {
			if l, err = r.night(ctx, l, seen, &out); err != nil {
				return out, err
			}
		}
	}
	out.Lessons = l.Count()
	out.All = stretch(seen, 0, len(seen))
	for from := 0; from < len(seen); from += r.Every {
		out.Along = append(out.Along, stretch(seen, from, min(from+r.Every, len(seen))))
	}
	return out, nil
}

func (r Replay) options() dispatch.Options {
	o := r.Options
	o.Tasks = []dispatch.Task{dispatch.Matter}
	return o
}

// meet reads one message; where the machine is unsure the desk decides.
func (r Replay) meet(l *dispatch.Learner, c *Case, at int) told {
	t := told{c: c, said: l.Said(l.Read(c.Message))}
	switch {
	case !t.said.Sure:
		t.label = c.Matter
		l.Correct(c.Message, c.Matter)
	case !slices.Contains(c.right(dispatch.Matter), t.said.Matter):
		t.back = at + r.Delay
	}
	return t
}

// settle takes in what became known by now: wrong ones are back, right ones have
// stood.
func (r Replay) settle(l *dispatch.Learner, seen []told, now int) {
	if at := now - r.Delay; at >= 0 {
		switch t := &seen[at]; {
		case t.back > 0:
			t.label = t.c.Matter
			l.Correct(t.c.Message, t.label)
		case t.label == "":
			t.label = t.said.Matter
		}
	}
}

// night trains on what is known, lets the new model run over the latest of it in
// the shadow, and returns the learner that serves from now on.
func (r Replay) night(ctx context.Context, l *dispatch.Learner, seen []told, out *Course) (*dispatch.Learner, error) {
	var known []told
	for _, t := range seen {
		if t.label != "" {
			known = append(known, t)
		}
	}
	cut := len(known) - max(dispatch.TrialCases, int(trialPart*float64(len(known))))
	if cut < 50 {
		return l, nil
	}
	corpus := dispatch.Corpus{Duty: r.Duty}
	for _, t := range known[:cut] {
		d := dispatch.Decided{ID: t.c.ID, Message: t.c.Message, Matter: t.label}
		corpus.Decided = append(corpus.Decided, d)
	}
	m, _, err := dispatch.Train(ctx, corpus, r.options())
	if err != nil {
		return nil, err
	}
	shadow := dispatch.NewLearner(m)
	var ds []dispatch.Decision
	for _, t := range known[cut:] {
		d := dispatch.Decision{Right: []string{t.label}, Serving: t.said, Shadow: shadow.Said(shadow.Read(t.c.Message))}
		ds = append(ds, d)
		if !d.Shadow.Sure || d.Shadow.Matter != t.label {
			shadow.Correct(t.c.Message, t.label)
		}
	}
	n := Night{After: len(seen), Decided: cut, Trial: dispatch.Compare(ds, 0.95, 0)}
	out.Nights = append(out.Nights, n)
	if n.Trial.Verdict == dispatch.Promote {
		return shadow, nil
	}
	return l, nil
}

func stretch(seen []told, from, to int) Stretch {
	s := Stretch{From: from, To: to}
	for _, t := range seen[from:to] {
		hit := slices.Contains(t.c.right(dispatch.Matter), t.said.Matter)
		s.first += one(hit)
		if t.said.Sure {
			s.Sent++
			s.Right += one(hit)
		}
	}
	n := float64(max(1, to-from))
	s.Top1, s.Share = float64(s.first)/n, float64(s.Sent)/n
	s.Accuracy, s.Interval = float64(s.Right)/float64(max(1, s.Sent)), wilson(s.Right, s.Sent)
	return s
}
