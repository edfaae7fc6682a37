package cases

import (
	"math"
	"reflect"
	"testing"

	"yiwang/internal/core/clock"
)

// What is folded when an action is written is what is read back from its bytes.
func TestReread(t *testing.T) {
	start := clock.Op{Verb: clock.Start, Code: "sign", Round: 1, At: 7, Terms: &clock.Terms{Of: "unit", Limit: clock.Limit{N: 10, Unit: clock.Minute}, WarnAt: []int{50}}, Plan: &clock.Plan{DueAt: 9}}
	for _, h := range []Header{
		{V: 1, Case: "a", N: 1, Kind: "file", At: 3, By: "public", Set: map[string]any{}, Input: map[string]any{}, Clocks: []clock.Op{}, Links: []LinkRef{}, Files: []FileRef{}, Proof: []string{}},
		{V: 1, Case: "a", N: 2, Kind: "x", Clocks: []clock.Op{start}, Links: []LinkRef{{Kind: Repeats, Case: "b", Reason: "同一件事"}}, Proof: []string{"p"},
			Set: map[string]any{
				"a": 1, "b": int64(math.MaxInt64), "c": 1.5, "d": "文", "e": true, "f": nil, "g": []string{"x", ""}, "h": []any{1, "y"},
				"i": map[string]any{"n": int8(3), "m": []int{}}, "j": uint64(math.MaxUint64), "k": "a\xffb", "l": []byte("raw"), "m": float32(.1), "n": clock.Limit{N: 4, Unit: clock.Day}, "<&>\u2028": "<&>\u2028",
			}},
	} {
		raw, err := h.bytes()
		if err != nil {
			t.Fatal(err)
		}
		read, err := parseHeader(raw)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := h.reread(); err != nil || !reflect.DeepEqual(got, read) {
			t.Errorf("got  %+v, %v\nread %+v", got, err, read)
		}
	}
}
