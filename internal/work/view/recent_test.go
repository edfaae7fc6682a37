package view

import (
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// Few cases are counted at each look. Very many are counted once a second, however many
// people look, and anew after counting failed.
func TestRecent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var r recent
		counted, n := 0, int64(veryMany-1)
		var failed error
		look := func() int64 {
			rows, err := r.count("open", func() ([]Count, error) {
				counted++
				return []Count{{N: n}}, failed
			})
			if err != nil {
				return -1
			}
			return rows[0].N
		}
		look()
		if n--; look() != n || counted != 2 {
			t.Errorf("few are remembered: counted %d times", counted)
		}
		n = veryMany
		look()
		n++
		counted = 0
		var all sync.WaitGroup
		for range 50 {
			all.Go(func() {
				if look() != veryMany {
					t.Error("another number at the same moment")
				}
			})
		}
		all.Wait()
		if counted != 0 {
			t.Errorf("counted %d times in one moment", counted)
		}
		time.Sleep(time.Second)
		if look() != n || look() != n || counted != 1 {
			t.Errorf("after a second counted %d times", counted)
		}
		time.Sleep(time.Second)
		failed = errors.New("away")
		if look() != -1 || look() != -1 {
			t.Error("an old count hides that it fails")
		}
		failed = nil
		if look() != n {
			t.Error("it is not counted again")
		}
	})
}
