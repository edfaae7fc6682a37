package dispatch

import "testing"

// decisions makes n decided cases; was and is say how many the serving model and
// its shadow have right, sent how many each is sure of, the right ones first.
func decisions(n, was, is, sentWas, sentIs int) []Decision {
	out := make([]Decision, n)
	say := func(i, right, sent int) Said {
		s := Said{Matter: "wrong", Sure: i < sent}
		if i < right {
			s.Matter = "right"
		}
		return s
	}
	for i := range out {
		out[i] = Decision{[]string{"right"}, say(i, was, sentWas), say(i, is, sentIs)}
	}
	return out
}

func TestCompare(t *testing.T) {
	for _, c := range []struct {
		why  string
		ds   []Decision
		want Verdict
	}{
		{"too few cases", decisions(TrialCases-1, 50, 190, 0, 100), TooFew},
		{"more right, none sent wrongly", decisions(300, 150, 200, 60, 60), Promote},
		{"as many right, more sent", decisions(300, 200, 200, 60, 90), Promote},
		{"more right, but careless with what it sends", decisions(300, 150, 200, 60, 280), Careless},
		{"fewer right", decisions(300, 200, 150, 60, 90), Worse},
		{"a little more right: may be chance", decisions(300, 200, 202, 60, 60), NoBetter},
	} {
		if got := Compare(c.ds, 0.95, 0); got.Verdict != c.want {
			t.Errorf("%s: %+v, want %s", c.why, got, c.want)
		}
	}
	again := decisions(300, 150, 162, 60, 60)
	if got := [2]Verdict{Compare(again, 0.95, 0).Verdict, Compare(again, 0.95, 9).Verdict}; got != [2]Verdict{Promote, NoBetter} {
		t.Errorf("at the first and at the tenth look: %v, want it to take more to convince at the tenth", got)
	}
	if p := signTest(8, 2); p < 0.0546 || p > 0.0547 {
		t.Errorf("sign test of 8 against 2 gives %v, want 56/1024", p)
	}
}
