package app

import (
	"bytes"
	"context"
	"encoding/gob"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"yiwang/internal/base/errs"
	"yiwang/internal/core/cases"
	"yiwang/internal/work/dispatch"
	"yiwang/internal/work/intake"
	"yiwang/internal/work/repeat"
	"yiwang/internal/work/topic"
)

// What the machine has learnt and read is worked out again from the database after a
// start, or taken from files in the data directory, sealed, in which the last run kept
// it. A file that is missing, damaged or of another model costs time and nothing else.

const (
	// mostRecalled is how many of the latest decisions are learnt again, as many as an
	// explanation looks at; of older ones little was left, see dispatch.Learner.
	mostRecalled = dispatch.MaxHistory
	// longestKept is how long what was learnt is carried from one run to the next.
	longestKept = 30 * 24 * time.Hour
	// mostBehind is how many actions are looked through to bring it up to date.
	mostBehind = 200_000
	// keepEvery is how often it is kept while the house runs: kill -9 loses the rest.
	keepEvery = time.Hour

	learntFile  = "learnt"
	topicsFile  = "topics"
	repeatsFile = "repeats"
)

// learnt is what a seat has learnt.
type learnt struct {
	Until  int64  // corrections up to then are in the model
	Next   int64  // number of the first action that is not in it
	Last   string // the action before that one: another log has another there
	Afresh int64  // when it was last learnt from the database
	Seat   []byte // dispatch.Learnt
	Habits []intake.Habit
}

// mark names the moment of the log up to which it was learnt.
func (k *learnt) mark() string { return fmt.Sprint(k.Next, " ", k.Last) }

// recall brings back what the machine has learnt here and the cases that a message may
// speak of again. What happens meanwhile is learnt afterwards, from the log.
func (a *App) recall(ctx context.Context) error {
	mark, kept := a.recallKept(ctx)
	if !kept {
		if err := a.learnAfresh(ctx); err != nil {
			return err
		}
	}
	if !a.recallLater { // a command that looks at a house is soon gone
		return a.Desk.Remember(ctx, repeat.New(), false)
	}
	file := a.dir.file(keptDir, repeatsFile)
	if kept {
		// What the last run kept of cases is of the same moment as what it had learnt, and
		// the log tells both what happened since.
		if before, ok := repeat.Open(file, mark); ok {
			return a.Desk.Remember(ctx, before, true)
		}
	}
	if err := os.MkdirAll(a.dir.file(keptDir), 0o700); err != nil {
		return err
	}
	return a.Desk.Remember(ctx, repeat.Create(file), false)
}

// recallKept takes over what the last run kept and reports whether there was anything
// of use, and of which moment of the log.
func (a *App) recallKept(ctx context.Context) (mark string, ok bool) {
	var k learnt
	if !a.kept(ctx, learntFile, &k) || k.Until != a.learntUntil || a.Cases.Size()-k.Next > mostBehind ||
		a.DB.Now()-k.Afresh > longestKept.Milliseconds() {
		return "", false
	}
	if last, err := a.actionBefore(ctx, k.Next); err != nil || last != k.Last {
		return "", false
	}
	s := a.Judge.seat.Load()
	l, h, known := dispatch.Relearn(s.Model(), k.Seat)
	if !known {
		return "", false
	}
	a.Judge.habits.Set(k.Habits)
	a.Judge.learning.Lock()
	defer a.Judge.learning.Unlock()
	if !a.Judge.seat.CompareAndSwap(s, &seat{l, h, s.rest}) {
		return k.mark(), true // another model has taken the seat meanwhile, and learnt for itself
	}
	a.Judge.next, a.Judge.afresh = k.Next, k.Afresh
	return k.mark(), true
}

// actionBefore names the action before a number, "" where there is none.
func (a *App) actionBefore(ctx context.Context, next int64) (string, error) {
	if next == 0 {
		return "", nil
	}
	one, err := a.Cases.Since(ctx, next-1, 1)
	if err != nil || len(one) == 0 || one[0].Seq != next-1 {
		return "", err
	}
	return fmt.Sprint(one[0].Header.Case, " ", one[0].Header.N), nil
}

// learnAfresh learns from the stored corrections, of which the model knows those up to
// a time itself.
func (a *App) learnAfresh(ctx context.Context) error {
	s, opened := a.Judge.seat.Load(), a.opened
	err := a.Cases.Ruled(ctx, func(l cases.Lesson) {
		if l.At < opened {
			a.Judge.habit(l)
		}
	})
	if err != nil {
		return err
	}
	err = a.Cases.Lessons(ctx, mostRecalled, func(l cases.Lesson) error {
		if l.At < opened {
			s.learn(l, a.learntUntil)
		}
		return nil
	})
	a.Judge.afresh = opened
	return err
}

// keepLearnt keeps what the machine has learnt for the next run, and at the end of this
// one the index of repeats.
func (a *App) keepLearnt(ctx context.Context, end bool) error {
	a.Judge.learning.Lock()
	defer a.Judge.learning.Unlock()
	if a.Judge.erased {
		return nil
	}
	s := a.Judge.seat.Load()
	last, err := a.actionBefore(ctx, a.Judge.next)
	if err != nil {
		return err
	}
	k := learnt{Until: a.learntUntil, Next: a.Judge.next, Last: last, Afresh: a.Judge.afresh,
		Seat: dispatch.Learnt(s.Learner, s.history), Habits: a.Judge.habits.All()}
	if err := a.keep(ctx, learntFile, k); err != nil || !end {
		return err
	}
	return a.Repeats.Keep(a.dir.file(keptDir, repeatsFile), k.mark())
}

// heedErasure sees to it that nothing of a case outlives it: what was learnt from it is
// not kept, and the next run learns afresh; how the topics read it is forgotten.
func (a *App) heedErasure(h *cases.Header) error {
	if h.Kind != cases.EraseKind {
		return nil
	}
	a.Topics.Forget(h.Case)
	lost := []string{topicsFile} // which is written anew at the end
	if a.Judge.seat.Load().history.Has(h.Case) {
		a.Judge.erased = true
		lost = append(lost, learntFile)
	}
	var err error
	for _, name := range lost {
		if rerr := os.Remove(a.dir.file(keptDir, name)); !os.IsNotExist(rerr) {
			err = errors.Join(err, rerr)
		}
	}
	return err
}

// followTopics keeps the board of topics, and how its messages were read.
func (a *App) followTopics(ctx context.Context) error {
	var readings map[string]topic.Reading
	if a.kept(ctx, topicsFile, &readings) {
		a.Topics.Recall(readings)
	}
	err := a.Topics.Follow(ctx, a.pace.Part(ctx, awaitedParts))
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	if kerr := a.keep(last, topicsFile, a.Topics.Keep()); kerr != nil {
		a.Logger.ErrorContext(last, "what topics are made of could not be kept", "error", kerr)
	}
	return err
}

// keep writes something to a sealed file of the data directory, whole or not at all.
func (a *App) keep(ctx context.Context, name string, v any) (err error) {
	defer errs.Wrap(&err, "app.keep(%s)", name)
	key, err := openKey(ctx, a.DB, a.keys.master, keptSetting)
	if err != nil {
		return err
	}
	var plain bytes.Buffer
	if err := gob.NewEncoder(&plain).Encode(v); err != nil {
		return err
	}
	sealed, err := key.Seal(plain.Bytes(), []byte(name))
	if err != nil {
		return err
	}
	if err := os.MkdirAll(a.dir.file(keptDir), 0o700); err != nil {
		return err
	}
	file := a.dir.file(keptDir, name)
	if err := os.WriteFile(file+".new", sealed, 0o600); err != nil {
		return err
	}
	return os.Rename(file+".new", file)
}

// kept reads what keep wrote and reports whether it could.
func (a *App) kept(ctx context.Context, name string, into any) bool {
	sealed, err := os.ReadFile(a.dir.file(keptDir, filepath.Base(name)))
	if os.IsNotExist(err) {
		return false
	}
	if err == nil {
		var plain []byte
		key, kerr := openKey(ctx, a.DB, a.keys.master, keptSetting)
		if err = kerr; err == nil {
			plain, err = key.Open(sealed, []byte(name))
		}
		if err == nil {
			err = gob.NewDecoder(bytes.NewReader(plain)).Decode(into)
		}
	}
	if err != nil && ctx.Err() == nil {
		a.Logger.WarnContext(ctx, "what the last run kept cannot be read; it is worked out again", "file", name, "error", err)
	}
	return err == nil
}
