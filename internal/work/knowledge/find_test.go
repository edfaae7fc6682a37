package knowledge

import (
	"flag"
	"io/fs"
	"math"
	"os"
	"strings"
	"testing"

	packs "yiwang/city"
	"yiwang/internal/base/decl"
	"yiwang/internal/core/city"
)

var fit = flag.Bool("fit", false, "search the thresholds of a sure answer on the odd lines")

type asked struct{ code, question string }

// half returns the questions of the odd or of the even lines.
func half(t *testing.T, odd bool) (out []asked) {
	t.Helper()
	b, err := os.ReadFile("testdata/asked.tsv")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for line := range strings.Lines(string(b)) {
		code, question, ok := strings.Cut(strings.TrimSpace(line), "\t")
		if !ok || strings.HasPrefix(line, "#") {
			continue
		}
		if n++; (n%2 == 1) == odd {
			out = append(out, asked{code, question})
		}
	}
	return out
}

func demoIndex(t *testing.T) *Index {
	t.Helper()
	pack, err := fs.Sub(packs.Demo(), "demo")
	if err != nil {
		t.Fatal(err)
	}
	c, err := city.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	entries, findings := Read(pack, c)
	if decl.Faulty(findings) {
		t.Fatal(findings)
	}
	return NewIndex(entries, WordsOf(c), nil)
}

// tally is how well questions were answered.
type tally struct {
	known, first, three     int // questions with an entry; it came first; among three
	given, right            int // answers given as sure; rightly so
	unknown, unknownRefused int
}

func measure(x *Index, qs []asked, enough, lead float64) (m tally) {
	for _, q := range qs {
		hits := x.Find(q.question, 3).Hits
		top := len(hits) > 0 && hits[0].Entry.Code == q.code
		if s := sure(hits, enough, lead); s {
			m.given++
			if top {
				m.right++
			}
		} else if q.code == "-" {
			m.unknownRefused++
		}
		if q.code == "-" {
			m.unknown++
			continue
		}
		m.known++
		for i, h := range hits {
			if h.Entry.Code == q.code {
				m.three++
				if i == 0 {
					m.first++
				}
			}
		}
	}
	return m
}

// wilson is the 95% interval of a share.
func wilson(k, n int) (lo, hi float64) {
	p, z, m := float64(k)/float64(n), 1.96, float64(n)
	mid, half := (p+z*z/(2*m))/(1+z*z/m), z/(1+z*z/m)*math.Sqrt(p*(1-p)/m+z*z/(4*m*m))
	return mid - half, mid + half
}

func share(t *testing.T, name string, k, n int) float64 {
	t.Helper()
	lo, hi := wilson(k, n)
	t.Logf("%-28s %3d of %3d  %.3f (%.3f–%.3f)", name, k, n, float64(k)/float64(n), lo, hi)
	return float64(k) / float64(n)
}

// Questions nobody tuned on find their answer, and what is given as sure is right.
func TestQuestionsAsPeopleAskThem(t *testing.T) {
	x := demoIndex(t)
	m := measure(x, half(t, false), enough, lead)
	first := share(t, "hit@1, held out", m.first, m.known)
	three := share(t, "hit@3, held out", m.three, m.known)
	right := share(t, "right where sure", m.right, m.given)
	share(t, "known ones answered as sure", m.given-(m.unknown-m.unknownRefused), m.known)
	refused := share(t, "unknown ones not answered", m.unknownRefused, m.unknown)
	if first < 0.75 || three < 0.85 || right < 0.85 || refused < 0.6 {
		t.Error("the answers have become worse")
	}
}

// The thresholds come from the odd lines: the most answers given of which none is
// wrong there.
func TestThresholds(t *testing.T) {
	x, odd := demoIndex(t), half(t, true)
	m := measure(x, odd, enough, lead)
	share(t, "hit@1, odd lines", m.first, m.known)
	share(t, "hit@3, odd lines", m.three, m.known)
	if right := share(t, "right where sure", m.right, m.given); right < 1 {
		t.Error("the thresholds no longer keep what they promise on their own half")
	}
	if !*fit {
		return
	}
	best := tally{}
	for e := 2.0; e < 12; e += 0.5 {
		for l := 0.0; l < 0.4; l += 0.02 {
			if m := measure(x, odd, e, l); m.right > best.right && m.right == m.given {
				best = m
				t.Logf("enough %.1f lead %.2f: %+v", e, l, m)
			}
		}
	}
	for _, q := range odd {
		if h := x.Find(q.question, 3).Hits; q.code != "-" && (len(h) == 0 || h[0].Entry.Code != q.code) {
			got := ""
			for _, one := range h {
				got += " " + one.Entry.Code
			}
			t.Logf("missed %s %s:%s", q.code, q.question, got)
		}
	}
}
