package measure

import (
	"cmp"
	"math"
	"slices"

	"yiwang/internal/work/dispatch"
)

// Answer is what was said about one test message, and what would have been right.
type Answer struct {
	Ranked []dispatch.Scored // the likeliest first
	Right  []string          // the first is the label, the others would do too
	Auto   bool              // it would have been sent unseen
}

func (a Answer) hit(n int) bool {
	for _, s := range a.Ranked[:min(n, len(a.Ranked))] {
		if slices.Contains(a.Right, s.Label) {
			return true
		}
	}
	return false
}

func (a Answer) confidence() float64 {
	if len(a.Ranked) == 0 {
		return 0
	}
	return a.Ranked[0].P
}

// Figures are the results of a test, all as shares of one.
type Figures struct {
	N                 int                   `json:"n"`
	Accuracy          float64               `json:"accuracy"`
	MacroF1           float64               `json:"macro_f1"`
	Top3              float64               `json:"top3"`
	Top10             float64               `json:"top10"`
	Level2            *float64              `json:"level2_accuracy,omitempty"`
	PrecisionAt91     float64               `json:"precision_at_91_coverage"`
	CoverageAt95      float64               `json:"coverage_at_95_precision"`
	CoverageAt97      float64               `json:"coverage_at_97_precision"`
	AutoShare         float64               `json:"auto_share"`
	AutoPrecision     float64               `json:"auto_precision"`
	MessagesPerSecond float64               `json:"messages_per_second"`
	TrainSeconds      float64               `json:"train_seconds"`
	TrainCPUSeconds   float64               `json:"train_cpu_seconds"` // of all processors together
	CalibrationError  float64               `json:"calibration_error"` // expected, over ten bins of equal size
	UnlabelledTexts   int                   `json:"unlabelled_texts"`
	Refused           int                   `json:"refused"`             // test messages left out because they stand in the training data
	Intervals         map[string][2]float64 `json:"intervals,omitempty"` // 95 %, Wilson
	Classes           []Class               `json:"classes,omitempty"`
}

// Class is the result for one label.
type Class struct {
	Label     string  `json:"label"`
	N         int     `json:"n"`
	Precision float64 `json:"precision"`
	Recall    float64 `json:"recall"`
	F1        float64 `json:"f1"`
	Mistaken  string  `json:"mistaken_for,omitempty"` // the label most often said instead
}

// Sum works the figures out. With levels, the first four characters of a label
// are its second level.
func Sum(answers []Answer, levels bool) Figures {
	f := Figures{N: len(answers), Intervals: map[string][2]float64{}}
	if f.N == 0 {
		return f
	}
	top1, top3, top10, level2, auto, autoRight := 0, 0, 0, 0, 0, 0
	for _, a := range answers {
		top1 += one(a.hit(1))
		top3 += one(a.hit(3))
		top10 += one(a.hit(10))
		if levels && len(a.Ranked) > 0 {
			level2 += one(slices.ContainsFunc(a.Right, func(r string) bool { return prefix4(r) == prefix4(a.Ranked[0].Label) }))
		}
		if a.Auto {
			auto++
			autoRight += one(a.hit(1))
		}
	}
	share := func(name string, hits, n int) float64 {
		f.Intervals[name] = wilson(hits, n)
		if n == 0 {
			return 0
		}
		return float64(hits) / float64(n)
	}
	f.Accuracy = share("accuracy", top1, f.N)
	f.Top3 = share("top3", top3, f.N)
	f.Top10 = share("top10", top10, f.N)
	if levels {
		l2 := share("level2_accuracy", level2, f.N)
		f.Level2 = &l2
	}
	f.AutoShare = share("auto_share", auto, f.N)
	f.AutoPrecision = share("auto_precision", autoRight, auto)
	f.curve(answers)
	f.classes(answers)
	return f
}

func one(b bool) int {
	if b {
		return 1
	}
	return 0
}

func prefix4(s string) string { return s[:min(4, len(s))] }

// curve fills the figures that follow from sorting by confidence.
func (f *Figures) curve(answers []Answer) {
	byConfidence := slices.Clone(answers)
	slices.SortStableFunc(byConfidence, func(a, b Answer) int { return cmp.Compare(b.confidence(), a.confidence()) })
	at91 := int(math.Ceil(0.91 * float64(f.N)))
	hits := 0
	for i, a := range byConfidence {
		hits += one(a.hit(1))
		n := i + 1
		p := float64(hits) / float64(n)
		if n == at91 {
			f.PrecisionAt91 = p
			f.Intervals["precision_at_91_coverage"] = wilson(hits, n)
		}
		if n < f.N && byConfidence[n].confidence() == a.confidence() {
			continue // a threshold cannot part equals
		}
		if p >= 0.95 {
			f.CoverageAt95 = float64(n) / float64(f.N)
		}
		if p >= 0.97 {
			f.CoverageAt97 = float64(n) / float64(f.N)
		}
	}
	for b := range 10 {
		bin := byConfidence[b*f.N/10 : (b+1)*f.N/10]
		said, right := 0.0, 0.0
		for _, a := range bin {
			said += a.confidence()
			right += float64(one(a.hit(1)))
		}
		f.CalibrationError += math.Abs(said-right) / float64(f.N)
	}
}

// classes fills the figures for each label. An answer that is right by a second
// label counts for the first.
func (f *Figures) classes(answers []Answer) {
	said, was, right := map[string]int{}, map[string]int{}, map[string]int{}
	instead := map[string]map[string]int{}
	for _, a := range answers {
		truth, guess := a.Right[0], ""
		if len(a.Ranked) > 0 {
			guess = a.Ranked[0].Label
		}
		if a.hit(1) {
			guess = truth
		}
		was[truth]++
		said[guess]++
		if guess == truth {
			right[truth]++
			continue
		}
		if instead[truth] == nil {
			instead[truth] = map[string]int{}
		}
		instead[truth][guess]++
	}
	for l := range said {
		if was[l] == 0 {
			was[l] = 0 // said but never right: its F1 is 0 and counts
		}
	}
	for l, n := range was {
		c := Class{Label: l, N: n}
		if said[l] > 0 {
			c.Precision = float64(right[l]) / float64(said[l])
		}
		if n > 0 {
			c.Recall = float64(right[l]) / float64(n)
		}
		if c.Precision+c.Recall > 0 {
			c.F1 = 2 * c.Precision * c.Recall / (c.Precision + c.Recall)
		}
		most := 0
		for g, k := range instead[l] {
			if k > most || k == most && g < c.Mistaken {
				c.Mistaken, most = g, k
			}
		}
		f.MacroF1 += c.F1 / float64(len(was))
		f.Classes = append(f.Classes, c)
	}
	slices.SortFunc(f.Classes, func(a, b Class) int { return cmp.Or(cmp.Compare(b.N, a.N), cmp.Compare(a.Label, b.Label)) })
}

// wilson returns the 95 % confidence interval of a share.
func wilson(hits, n int) [2]float64 {
	if n == 0 {
		return [2]float64{0, 1}
	}
	const z = 1.959964
	p, m := float64(hits)/float64(n), float64(n)
	mid := (p + z*z/(2*m)) / (1 + z*z/m)
	half := z / (1 + z*z/m) * math.Sqrt(p*(1-p)/m+z*z/(4*m*m))
	return [2]float64{math.Max(0, mid-half), math.Min(1, mid+half)}
}
