package answer

import (
	_ "embed"
	"math"
	"strconv"
	"strings"
)

//go:embed testdata/labels.tsv
var labelTable string

//go:embed testdata/second.tsv
var secondTable string

// Label is what a person who read a pair says of the reply. Weight is how many
// replies of the collection the pair stands for.
type Label struct {
	ID                           string
	Report                       bool // kept for the report; never looked at while tuning
	Weight                       float64
	Empty                        bool
	Answers                      Degree // Full also where the reader said only that it answers
	Brief                        bool   // only whether it is empty and whether it answers was read
	Deed, Basis, WayOn, Personal bool
}

// Labels returns our labels of public replies, by the id of the pair.
func Labels() map[string]Label {
	out := map[string]Label{}
	for line := range strings.Lines(labelTable) {
		f := strings.Split(strings.TrimSpace(line), "\t")
		if len(f) != 10 || f[0] == "id" {
			continue
		}
		weight, err := strconv.ParseFloat(f[3], 64)
		if err != nil {
			panic("labels.tsv: " + line)
		}
		yes := func(i int) bool { return f[i] == "yes" }
		l := Label{
			ID: f[0], Report: f[1] == "report", Weight: weight, Empty: yes(4), Answers: Degree(f[5]),
			Brief: f[6] == "-", Deed: yes(6), Basis: yes(7), WayOn: yes(8), Personal: yes(9),
		}
		if l.Brief && yes(5) {
			l.Answers = Full
		}
		out[f[0]] = l
	}
	return out
}

// Readers scores a second reader of labelled pairs, who did not know the labels,
// against the first: how far people agree bounds what a program can reach.
func Readers() *Scores {
	s := NewScores()
	for line := range strings.Lines(secondTable) {
		f := strings.Split(strings.TrimSpace(line), "\t")
		if len(f) != 3 || f[0] == "id" {
			continue
		}
		s.Count(saidBy(f[2]), Label{Weight: 1, Brief: true, Empty: f[1] == "empty", Answers: saidBy(f[1]).Answers})
	}
	return s
}

func saidBy(word string) Reading {
	r := Reading{Empty: word == "empty", Answers: No}
	if word == "answers" {
		r.Answers = Full
	}
	return r
}

// Score counts how well one thing is found.
type Score struct {
	Name                       string
	Hit, False, Missed         int
	weighHit, weighF, weighMis float64
}

// Count notes one pair.
func (s *Score) Count(found, is bool, weight float64) {
	switch {
	case found && is:
		s.Hit, s.weighHit = s.Hit+1, s.weighHit+weight
	case found:
		s.False, s.weighF = s.False+1, s.weighF+weight
	case is:
		s.Missed, s.weighMis = s.Missed+1, s.weighMis+weight
	}
}

// Precision returns the share of what was found that is right, with its 95 %
// interval (Wilson), and the same for the whole collection, estimated by weights.
func (s *Score) Precision() (share, low, high, whole float64) {
	low, high = interval(s.Hit, s.Hit+s.False)
	return part(float64(s.Hit), float64(s.False)), low, high, part(s.weighHit, s.weighF)
}

// Recall returns the share of what there is that was found; see Precision.
func (s *Score) Recall() (share, low, high, whole float64) {
	low, high = interval(s.Hit, s.Hit+s.Missed)
	return part(float64(s.Hit), float64(s.Missed)), low, high, part(s.weighHit, s.weighMis)
}

func part(a, b float64) float64 {
	if a+b == 0 {
		return 0
	}
	return a / (a + b)
}

func interval(hits, n int) (low, high float64) {
	if n == 0 {
		return 0, 1
	}
	const z = 1.959964
	p, m := float64(hits)/float64(n), float64(n)
	mid := (p + z*z/(2*m)) / (1 + z*z/m)
	half := z / (1 + z*z/m) * math.Sqrt(p*(1-p)/m+z*z/(4*m*m))
	return max(0, mid-half), min(1, mid+half)
}

// Scores of some of the labels.
type Scores struct {
	N    int
	List []*Score
}

// NewScores returns scores with nothing counted.
func NewScores() *Scores {
	s := &Scores{}
	for _, n := range []string{"empty", "unanswered", "unanswered, not empty", "partly", "who_what_when", "basis", "way_on", "personal"} {
		s.List = append(s.List, &Score{Name: n})
	}
	return s
}

// briefly is how many of the scores a brief label speaks of.
const briefly = 3

// Count notes the reading of one labelled pair.
func (s *Scores) Count(r Reading, l Label) {
	s.N++
	for i, x := range [][2]bool{
		{r.Empty, l.Empty},
		{r.Answers == No, l.Answers == No},
		{r.Answers == No && !r.Empty, l.Answers == No && !l.Empty},
		{r.Answers == Partly, l.Answers == Partly},
		{r.Deed, l.Deed},
		{r.Basis, l.Basis},
		{r.WayOn, l.WayOn},
		{r.Has(Personal), l.Personal},
	} {
		if i >= briefly && l.Brief {
			return
		}
		s.List[i].Count(x[0], x[1], l.Weight)
	}
}
