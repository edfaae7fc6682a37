package measure

import "yiwang/internal/work/dispatch"

// Demands is the task of telling how many demands a message makes.
const Demands dispatch.Task = "demands"

// SumDemands measures proposed splits over the messages of which the number of
// demands is known. Accuracy is the share with exactly that number; the class
// "several" holds precision, recall and F1 of more than one, which is macro_f1.
func SumDemands(m *dispatch.Model, test []Case) Figures {
	f := Figures{Intervals: map[string][2]float64{}}
	exact, said, was, both, counted := 0, 0, 0, 0, 0
	for _, c := range test {
		if c.Demands == 0 {
			continue
		}
		n := max(1, len(m.Parts(c.Message)))
		f.N++
		exact += one(n == c.Demands)
		said += one(n > 1)
		was += one(c.Demands > 1)
		both += one(n > 1 && c.Demands > 1)
		counted += one(n > 1 && n == c.Demands)
	}
	if f.N == 0 {
		return f
	}
	share := func(name string, hits, n int) float64 {
		f.Intervals[name] = wilson(hits, n)
		return float64(hits) / float64(max(1, n))
	}
	several := Class{Label: "several", N: was, Precision: share("several_precision", both, said), Recall: share("several_recall", both, was)}
	f.Accuracy = share("accuracy", exact, f.N)
	share("several_counted", counted, both)
	several.F1 = 2 * float64(both) / float64(max(1, said+was))
	f.MacroF1, f.Classes = several.F1, []Class{several}
	return f
}
