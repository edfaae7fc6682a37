package dispatch

import "math"

// Said is what a judge said about one case before it was decided.
type Said struct {
	Matter string  `json:"matter"`
	P      float64 `json:"p"`
	Sure   bool    `json:"sure"` // it sent it, or would have
}

// Decision is a decided case on which two judges had spoken.
type Decision struct {
	Right   []string // matters that are right
	Serving Said
	Shadow  Said
}

// Verdict says what becomes of a model that ran in the shadow of another.
type Verdict string

// The verdicts.
const (
	TooFew   Verdict = "few"      // not enough decided cases yet
	Promote  Verdict = "promote"  // it is better
	Careless Verdict = "careless" // what it would send is less often right
	Worse    Verdict = "worse"    // its first answers are less often right
	NoBetter Verdict = "no_better"
)

// Trial compares a model with the one it shadows on the same decided cases.
type Trial struct {
	N       int     `json:"n"`
	Serving Score   `json:"serving"`
	Shadow  Score   `json:"shadow"`
	Gained  int     `json:"gained"` // right in the shadow alone
	Lost    int     `json:"lost"`   // right in the serving one alone
	P       float64 `json:"p"`      // chance of so many gains, or more, if both were equally good
	PShare  float64 `json:"p_share"`
	Verdict Verdict `json:"verdict"`
}

// Score is how one judge did.
type Score struct {
	Right     int `json:"right"` // first answers that were right
	Sent      int `json:"sent"`  // cases it was sure of
	SentRight int `json:"sent_right"`
}

// Precision is the share of right ones among the cases sent, 1 where none was.
func (s Score) Precision() float64 {
	if s.Sent == 0 {
		return 1
	}
	return float64(s.SentRight) / float64(s.Sent)
}

const (
	// TrialCases is how many decided cases a comparison needs.
	TrialCases = 200
	trialLevel = 0.05
)

// Compare judges a model against the one it shadows. It is promoted where, on at
// least TrialCases decided cases, what it would send is right in the wanted share
// or no less often than now, and either its first answers are right more often or,
// with first answers that are not fewer, it sends more: each by the exact
// sign test on the cases where the two differ, at one in twenty. A model that was
// tried before is tried at half of that for each time: who looks often enough finds
// something by chance.
func Compare(ds []Decision, wanted float64, before int) Trial {
	level := trialLevel / math.Exp2(float64(before))
	t := Trial{N: len(ds)}
	more, less := 0, 0
	for _, d := range ds {
		was, is := t.Serving.add(d.Serving, d.Right), t.Shadow.add(d.Shadow, d.Right)
		switch {
		case is && !was:
			t.Gained++
		case was && !is:
			t.Lost++
		}
		switch {
		case d.Shadow.Sure && !d.Serving.Sure:
			more++
		case d.Serving.Sure && !d.Shadow.Sure:
			less++
		}
	}
	t.P, t.PShare = signTest(t.Gained, t.Lost), signTest(more, less)
	switch {
	case t.N < TrialCases:
		t.Verdict = TooFew
	case t.Shadow.Precision() < min(wanted, t.Serving.Precision()):
		t.Verdict = Careless
	case signTest(t.Lost, t.Gained) < level:
		t.Verdict = Worse
	case t.P < level || t.PShare < level && t.Gained >= t.Lost:
		t.Verdict = Promote
	default:
		t.Verdict = NoBetter
	}
	return t
}

func (s *Score) add(said Said, right []string) bool {
	hit := false
	for _, r := range right {
		hit = hit || r == said.Matter
	}
	if hit {
		s.Right++
	}
	if said.Sure {
		s.Sent++
		if hit {
			s.SentRight++
		}
	}
	return hit
}

// signTest returns the chance of at least so many wins against losses if each
// were as likely.
func signTest(wins, losses int) float64 {
	n, sum := wins+losses, 0.0
	for k := wins; k <= n; k++ {
		sum += math.Exp(logChoose(n, k) - float64(n)*math.Ln2)
	}
	return min(1, sum)
}

func logChoose(n, k int) float64 {
	a, _ := math.Lgamma(float64(n + 1))
	b, _ := math.Lgamma(float64(k + 1))
	c, _ := math.Lgamma(float64(n - k + 1))
	return a - b - c
}

// Said returns what a reading said of the matter.
func (l *Learner) Said(r Reading) Said {
	if len(r.Matters) == 0 {
		return Said{}
	}
	return Said{r.Matters[0].Label, r.Matters[0].P, l.Sure(r)}
}
