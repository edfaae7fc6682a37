package repeat

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"testing"
)

// What is kept in a file finds the same in the next run, and goes on to learn there.
// A file of another moment, or one that was not kept at the end, is of no use.
func TestKeep(t *testing.T) {
	file := filepath.Join(t.TempDir(), "repeats")
	x := Create(file)
	if x.room == nil {
		t.Skip("the machine maps no files")
	}
	plain, entry := million(0)
	var asked []Entry
	r := rand.New(rand.NewPCG(3, 4))
	const first = chunkSize + 100
	for n := range first {
		e := entry()
		plain.Add(e)
		x.Add(e)
		if n%50 == 0 {
			asked = append(asked, alike(r, e, entry()))
		}
	}
	gone := entry()
	x.Add(gone)
	x.Forget(gone.ID)
	same := func(x *Index, when string) {
		t.Helper()
		found := 0
		for _, e := range asked {
			want := plain.Find(e)
			found += len(want)
			if got := x.Find(e); !reflect.DeepEqual(got, want) {
				t.Fatalf("%s: found %v, want %v", when, got, want)
			}
		}
		if found == 0 {
			t.Errorf("%s: nothing is found at all", when)
		}
	}
	same(x, "in a file")
	x.Rest()
	same(x, "after a rest")
	if _, ok := Open(file, "moment"); ok {
		t.Error("what was not kept is opened")
	}
	if err := x.Keep(file, "moment"); err != nil {
		t.Fatal(err)
	}
	same(x, "when it was kept")
	for range chunkSize { // at the very end, they are not for the next run
		e := entry()
		x.Add(e)
	}

	next, ok := Open(file, "moment")
	if !ok {
		t.Fatal("what was kept is not opened")
	}
	if next.Len() != first || next.Has(gone.ID) {
		t.Errorf("%d are remembered", next.Len())
	}
	same(next, "in the next run")
	for range chunkSize {
		e := entry()
		plain.Add(e)
		next.Add(e)
	}
	same(next, "as more came")
	if err := next.Keep(file, "later"); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if next, ok = Open(file, "later"); !ok {
		t.Fatal("what was kept again is not opened")
	}
	same(next, "in the third run")
	for _, wrong := range [][]byte{raw, raw[:len(raw)-1], raw[:len(raw)/2], raw[:3], {}} {
		if err := os.WriteFile(file, wrong, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, ok := Open(file, "moment"); ok {
			t.Errorf("%d of %d bytes of another moment are opened", len(wrong), len(raw))
		}
		if _, err := os.Stat(file); !os.IsNotExist(err) {
			t.Errorf("what is of no use stays: %v", err)
		}
	}
}
