package cases_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/sqldb"
	"yiwang/internal/core/cases"
	"yiwang/internal/core/cases/casestest"
	"yiwang/internal/core/org"

	"github.com/oklog/ulid/v2"
)

// Batches in a line come to the same as batches that each wait for the one before, whatever
// they have to do with each other: ties, the same words, the same ids again.
func TestLine(t *testing.T) {
	casestest.Run(t, func(t *testing.T, h *casestest.House) {
		for seed := range uint64(8) {
			waited := filedInBatches(t, h, seed, "waited", func(fs []cases.Filing) func() ([]cases.Filed, []error, error) {
				filed, wrong, err := h.Store.FileAll(t.Context(), fs)
				return func() ([]cases.Filed, []error, error) { return filed, wrong, err }
			})
			line := h.Store.Line()
			lined := filedInBatches(t, h, seed, "lined", func(fs []cases.Filing) func() ([]cases.Filed, []error, error) {
				return line.FileAll(t.Context(), fs)
			})
			if !slices.Equal(waited, lined) {
				for i := range waited {
					if waited[i] == lined[i] {
						continue
					}
					t.Errorf("%d.%d: %s, and in a line %s", seed, i, waited[i], lined[i])
				}
				return
			}
		}
	})
}

// filedInBatches files batches by chance, as a seed draws them, and says of each filing what
// became of it.
func filedInBatches(t *testing.T, h *casestest.House, seed uint64, run string, file func([]cases.Filing) func() ([]cases.Filed, []error, error)) (said []string) {
	const batches, each = 8, 6
	draw := rand.New(rand.NewPCG(seed, 0))
	var all []cases.Filing
	var waits []func() ([]cases.Filed, []error, error)
	for range batches {
		for range each {
			n := len(all)
			id := ulid.Make().String()
			f := cases.Filing{ID: id, Family: "appeal", Channel: "hotline", ExternalID: fmt.Sprint(run, seed, ".", n), Content: "c", Actor: org.Machine("test"),
				Fields:   map[string]any{"title": "路灯不亮", "text": "福强路的路灯不亮。"},
				Likeness: &cases.Likeness{Words: fmt.Sprint(run, seed, "-", draw.IntN(30)), Sketch: []byte{1}}}
			switch earlier := max(0, n-1-draw.IntN(2*each)); {
			case n == 0:
			case draw.IntN(4) == 0:
				f.Ties = []cases.Tie{{Action: "link_repeat", Case: all[earlier].ID}}
			case draw.IntN(6) == 0:
				f.ExternalID, f.Content = all[earlier].ExternalID, []string{all[earlier].Content, "other"}[draw.IntN(2)]
			case draw.IntN(10) == 0:
				delete(f.Fields, "text") // unfit
			}
			all = append(all, f)
		}
		waits = append(waits, file(all[len(all)-each:]))
	}
	var filed []cases.Filed
	for _, wait := range waits {
		some, wrong, err := wait()
		if err != nil {
			t.Fatal(err)
		}
		filed = append(filed, some...)
		for _, err := range wrong {
			said = append(said, errs.KindOf(err).String())
		}
	}
	place := func(id string) string {
		at := slices.IndexFunc(all, func(f cases.Filing) bool { return f.ID == id })
		if at < 0 {
			return "nobody"
		}
		return fmt.Sprint(at)
	}
	for i, f := range filed {
		if f.ID == "" {
			continue
		}
		said[i] = "filed"
		if f.Already {
			said[i] = "was there"
		}
		said[i] += " as " + place(f.ID)
		for _, other := range repeats(t.Context(), t, h, f.ID) {
			said[i] += ", repeats " + place(other)
		}
	}
	return said
}

// A message that says what one in the batch before said finds it, though that one is not
// written yet, and was itself tied to another.
func TestLineMeets(t *testing.T) {
	casestest.Run(t, func(t *testing.T, h *casestest.House) {
		said := func(words string, ties ...cases.Tie) cases.Filing {
			id := ulid.Make().String()
			return cases.Filing{ID: id, Family: "appeal", Channel: "hotline", ExternalID: id, Content: id, Actor: org.Machine("test"), Ties: ties,
				Fields:   map[string]any{"title": "路灯不亮", "text": "福强路的路灯不亮。"},
				Likeness: &cases.Likeness{Words: words, Sketch: []byte{1}}}
		}
		known := said("words")
		repeat := said("other words", cases.Tie{Action: "link_repeat", Case: known.ID})
		again := said("other words")
		line := h.Store.Line()
		first := line.FileAll(t.Context(), []cases.Filing{known})
		if _, _, err := first(); err != nil {
			t.Fatal(err)
		}

		held, release, free := make(chan struct{}), make(chan struct{}), make(chan error, 1)
		go func() {
			free <- h.DB.Write(t.Context(), func(tx *sqldb.Tx) error {
				hold := "delete from likeness where case_id = ''"
				if tx.Engine() == sqldb.Postgres {
					hold = "lock table cases in exclusive mode"
				}
				_, err := tx.Exec(t.Context(), hold)
				close(held)
				<-release
				return err
			})
		}()
		<-held
		second := line.FileAll(t.Context(), []cases.Filing{said("others")})
		waits := make(chan func() ([]cases.Filed, []error, error), 1)
		go func() {
			third := line.FileAll(t.Context(), []cases.Filing{repeat})
			waits <- third
			waits <- line.FileAll(t.Context(), []cases.Filing{again})
		}()
		time.Sleep(20 * time.Millisecond) // what does not wait has been built
		close(release)
		for _, wait := range []func() ([]cases.Filed, []error, error){second, <-waits, <-waits} {
			if _, wrong, err := wait(); err != nil || wrong[0] != nil {
				t.Fatal(err, wrong)
			}
		}
		if err := <-free; err != nil {
			t.Fatal(err)
		}
		if got := repeats(t.Context(), t, h, repeat.ID); !slices.Equal(got, []string{known.ID}) {
			t.Errorf("the repeat is tied to %v", got)
		}
		if got := repeats(t.Context(), t, h, again.ID); !slices.Equal(got, []string{repeat.ID}) {
			t.Errorf("what was said again is tied to %v, not to who said it first", got)
		}
	})
}

// What stands behind a batch that failed as a whole is not filed.
func TestLineFails(t *testing.T) {
	casestest.Run(t, func(t *testing.T, h *casestest.House) {
		filing := func(id string) []cases.Filing {
			return []cases.Filing{{ID: ulid.Make().String(), Family: "appeal", Channel: "hotline", ExternalID: id, Content: id, Actor: org.Machine("test"),
				Fields: map[string]any{"title": "路灯不亮", "text": "福强路的路灯不亮。"}}}
		}
		gone, leave := context.WithCancel(t.Context())
		line := h.Store.Line()
		first := line.FileAll(t.Context(), filing("first"))
		if _, _, err := first(); err != nil {
			t.Fatal(err)
		}
		leave()
		failed := line.FileAll(gone, filing("failed"))
		behind := line.FileAll(t.Context(), filing("behind"))
		for _, wait := range []func() ([]cases.Filed, []error, error){failed, behind} {
			if _, _, err := wait(); !errors.Is(err, context.Canceled) {
				t.Errorf("filed behind a batch that failed: %v", err)
			}
		}
		for id, want := range map[string]bool{"first": true, "failed": false, "behind": false} {
			filed, err := h.Store.File(t.Context(), filing(id)[0])
			if err != nil || filed.Already != want {
				t.Errorf("%s: was there %v, %v", id, filed.Already, err)
			}
		}
	})
}
