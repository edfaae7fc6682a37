package answer

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "fit the weights again and write weights.tsv")

// public returns the labelled pairs of one half, or skips where the collection is
// not here.
func public(t testing.TB, report bool) (pairs []Pair, labels []Label) {
	t.Helper()
	f, err := os.Open("../../../../shared/data/teddy/replies.jsonl")
	if err != nil {
		t.Skip("../shared/data is not here: the test that needs it is skipped")
	}
	defer f.Close()
	all := Labels()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var x struct{ ID, Title, Text, Reply string }
		if err := json.Unmarshal(lines.Bytes(), &x); err != nil {
			t.Fatal(err)
		}
		if l, ok := all[x.ID]; ok && l.Report == report {
			pairs, labels = append(pairs, Pair{x.Title, x.Text, x.Reply}), append(labels, l)
		}
	}
	return pairs, labels
}

// The weights in the program are those that the labels for tuning give.
func TestFit(t *testing.T) {
	pairs, labels := public(t, false)
	var x, answered []map[string]float64
	var not, full []bool
	for i, p := range pairs {
		tk := take(p)
		if tk.empty() {
			continue
		}
		x, not = append(x, tk.features()), append(not, labels[i].Answers == No)
		if labels[i].Answers != No && !labels[i].Brief {
			answered, full = append(answered, tk.features()), append(full, labels[i].Answers == Full)
		}
	}
	w := tables{fit(x, not), fit(answered, full)}
	var b strings.Builder
	b.WriteString("feature\tnot\tfull\n")
	for i, n := range w.not {
		fmt.Fprintf(&b, "%s\t%.4f\t%.4f\n", n.name, n.w, w.full[i].w)
	}
	if *update {
		if err := os.WriteFile("weights.tsv", []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if b.String() != weightTable {
		t.Errorf("weights.tsv is not what the labels give; go test -run Fit -update writes\n%s", b.String())
	}
}

// On the pairs that tuning never saw, the check is no worse than docs/reading.md
// says.
func TestReport(t *testing.T) {
	if os.Getenv("YIWANG_REPORT") == "" {
		t.Skip("set YIWANG_REPORT to look at the pairs that are kept for the report")
	}
	pairs, labels := public(t, true)
	s := NewScores()
	for i, p := range pairs {
		s.Count(Read(p), labels[i])
	}
	for _, x := range s.List[:briefly] {
		p, _, _, _ := x.Precision()
		r, _, _, _ := x.Recall()
		floor := map[string]float64{"empty": 0.2, "unanswered": 0.35, "unanswered, not empty": 0.4}[x.Name]
		if p < 0.85 || r < floor {
			t.Errorf("%s: %d right, %d false, %d missed of %d pairs", x.Name, x.Hit, x.False, x.Missed, s.N)
		}
	}
}

func BenchmarkRead(b *testing.B) {
	pairs, _ := public(b, false)
	for i := 0; b.Loop(); i++ {
		Read(pairs[i%len(pairs)])
	}
}
