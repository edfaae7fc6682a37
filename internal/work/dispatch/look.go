package dispatch

import "sync"

// takesSecondLook reports whether a task looks at its likeliest labels again.
func takesSecondLook(t Task) bool { return t == Matter }

// verdicts are the scores of the cases held back, none judged by what learnt from
// it.
type verdicts struct {
	scores [][]float64
	closer *closer   // learnt from all of them; nil where there is no second look
	apart  []*closer // the n-th never saw the cases of groups n modulo the folds
}

// secondLook learns what a closer look is worth, and has every case held back
// judged by a closer that did not learn from it.
func (l *lesson) secondLook(m mix, slots []int, rows []opinions, held []int, y lectures) verdicts {
	v := verdicts{scores: make([][]float64, len(rows)), apart: make([]*closer, l.options.Folds)}
	if !takesSecondLook(y.task) {
		for i, o := range rows {
			v.scores[i] = m.score(o)
		}
		return v
	}
	about := make([]heldBackEvidence, len(rows))
	lists, truth, fold := make([]shortlist, len(rows)), make([]int, len(rows)), make([]int, len(rows))
	parallel(len(rows), func(from, to int) {
		for i := from; i < to; i++ {
			c := y.cases[held[i]]
			t := l.cases[c].text
			v.scores[i] = m.score(rows[i])
			about[i] = heldBackEvidence{rows[i], m.weight, slots, len(t.title) + len(t.body)}
			lists[i] = shortlistOf(v.scores[i], len(v.scores[i]), about[i])
			fold[i], truth[i] = l.group[c]%l.options.Folds, -1
			for at, label := range lists[i].labels {
				if label == y.truth[held[i]] {
					truth[i] = at
				}
			}
		}
	})
	var g sync.WaitGroup
	g.Go(func() { v.closer = learnCloser(lists, truth) })
	for f := range v.apart {
		g.Go(func() {
			others := make([]int, len(truth))
			for i := range truth {
				others[i] = truth[i]
				if fold[i] == f {
					others[i] = -1
				}
			}
			v.apart[f] = learnCloser(lists, others)
		})
	}
	g.Wait()
	for i := range rows {
		if c := v.apart[fold[i]]; c != nil {
			c.again(v.scores[i], len(v.scores[i]), about[i])
		}
	}
	return v
}
