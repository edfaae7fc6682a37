package gold

import (
	"reflect"
	"strings"
	"testing"
)

// No phrase and no word that figures are given on may be learnt from.
func TestKeptWordsAreNotTold(t *testing.T) {
	if len(problems) < 30 {
		t.Fatalf("%d problems", len(problems))
	}
	told := map[string]bool{}
	for _, p := range problems {
		for _, l := range lines(p.Told) {
			told[l] = true
		}
	}
	for _, p := range problems {
		for _, l := range lines(p.Kept) {
			if told[l] {
				t.Errorf("%s: %q stands in both banks", p.Code, l)
			}
		}
		if len(lines(p.Told)) < 8 || len(lines(p.Kept)) < 4 {
			t.Errorf("%s has too few ways to be told", p.Code)
		}
	}
	a, b := reflect.ValueOf(*banks[Told]), reflect.ValueOf(*banks[Kept])
	for i := range a.NumField() {
		name, ends := a.Type().Field(i).Name, map[string]bool{"Roadend": true, "Estateend": true, "Schoolend": true, "Parkend": true}
		if ends[name] {
			continue // what roads are called is the same everywhere
		}
		for _, w := range strings.FieldsFunc(b.Field(i).String(), func(r rune) bool { return r == ' ' || r == '\n' }) {
			for _, o := range strings.FieldsFunc(a.Field(i).String(), func(r rune) bool { return r == ' ' || r == '\n' }) {
				if w == o && w != "{where}" {
					t.Errorf("%s: %q stands in both banks", name, w)
				}
			}
		}
	}
}

// A stream is the same every time, in order, and tells of events by several people.
func TestStream(t *testing.T) {
	o := Options{Seed: 3, Share: Both, Events: 60}
	a := Stream(o)
	if !reflect.DeepEqual(a, Stream(o)) {
		t.Error("two streams of one seed differ")
	}
	voices, returns := map[int]int{}, 0
	for i, it := range a {
		if i > 0 && it.At < a[i-1].At {
			t.Fatal("not in the order of time")
		}
		if it.Close {
			continue
		}
		voices[it.Event]++
		if it.Round > 0 {
			returns++
		}
		if it.Text == "" || strings.Contains(it.Text, "{") {
			t.Errorf("bad text %q", it.Text)
		}
	}
	many := 0
	for _, n := range voices {
		if n > 1 {
			many++
		}
	}
	if len(voices) != 60 || many < 25 || returns == 0 {
		t.Errorf("%d events, %d told by several, %d messages of returns", len(voices), many, returns)
	}
}
