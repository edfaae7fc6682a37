package measure_test

import (
	"slices"
	"testing"

	"yiwang/internal/base/errs"
	"yiwang/internal/work/dispatch"
	"yiwang/internal/work/dispatch/measure"
)

// A city's own list takes the place of the province's: what the history calls by
// another code is read as its own matter, what it does not know is not learnt.
func TestOwnDutyList(t *testing.T) {
	file := write(t, "# 2026年版", "code,name,level1_name,keywords,replaces,unit", "L1,路灯和井盖,城市设施,路灯;井盖,A;B,chengguan", "C,噪声,环境,,,huanbao")
	words := func(es []dispatch.Entry) []dispatch.Entry {
		for i := range es {
			es[i].Words = append(es[i].Words, "words of "+es[i].Code)
		}
		return es
	}
	d, err := measure.ReadDuty(file, words)
	if err != nil {
		t.Fatal(err)
	}
	if got := d.Entries[0].Words; len(d.Entries) != 2 || !slices.Equal(got, []string{"路灯", "井盖", "words of L1", "words of A", "words of B"}) {
		t.Errorf("entries %+v", d.Entries)
	}
	cases := read(t, `{"id":"1","text":"一","matter":"B","also":["A","C"]}`, `{"id":"2","text":"二","matter":"X","also":["C"]}`, `{"id":"3","text":"三","matter":"C"}`)
	d.Apply(cases)
	if cases[0].Matter != "L1" || !slices.Equal(cases[0].Also, []string{"C"}) || cases[1].Matter != "" || cases[2].Matter != "C" {
		t.Errorf("cases under the list: %+v", cases)
	}
	for why, lines := range map[string][]string{"no code": {"name", "路灯"}, "empty name": {"code,name", "A,"}, "ragged": {"code,name", "A"}} {
		if _, err := measure.ReadDuty(write(t, lines...), words); !errs.Is(err, errs.Invalid) {
			t.Errorf("%s: got %v, want it refused", why, err)
		}
	}
}
