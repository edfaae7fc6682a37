package dispatch

import (
	"math"
	"slices"
)

// matterWeight is how much the likely matters count beside the topics.
const matterWeight = 0.7

// onMatters returns the message as a task sees it that stands on the matters:
// their likelihoods, from their scores, lie beside the topics. It works on the
// scores in place.
func (s seen) onMatters(scores []float64) seen {
	softmax(scores, 1)
	return s.onLikely(scores)
}

// onLikely is onMatters where the likelihoods are known; they are not changed.
func (s seen) onLikely(likely []float64) seen {
	mid := s.room.floats(len(s.mid) + len(likely))
	copy(mid, s.mid)
	for i, p := range likely {
		mid[len(s.mid)+i] = float32(matterWeight * math.Sqrt(p))
	}
	s.mid, s.round, s.matters = mid, shorts{}, likely
	return s
}

// usual is what the duty list says of who usually handles a matter: an opinion
// about the unit that needs no history, through the likely matters.
type usual struct {
	share  [][]float32 // for each matter, the share of each label; nil where nothing is said
	weight float64
}

// newUsual collects who usually handles the matters; nil where the duty list says
// nothing of these labels.
func newUsual(duty []Entry, matters, labels []string) *usual {
	u := &usual{share: make([][]float32, len(matters))}
	found := false
	for _, e := range duty {
		m, sum := slices.Index(matters, e.Code), 0.0
		row := make([]float32, len(labels))
		for _, s := range e.Units {
			if l := slices.Index(labels, s.Label); l >= 0 {
				row[l] = float32(s.P)
				sum += s.P
			}
		}
		if m < 0 || sum <= 0 {
			continue
		}
		for l := range row {
			row[l] /= float32(sum)
		}
		u.share[m], found = row, true
	}
	if !found {
		return nil
	}
	return u
}

// worth returns the weight, 0 where nothing is said.
func (u *usual) worth() float64 {
	if u == nil {
		return 0
	}
	return u.weight
}

// unusual is the share of cases in which somebody else handles a matter than the
// duty list would have it, for each of the labels.
const unusual = 0.003

// opinion returns the logarithm of how likely each label is to handle the message.
// A matter without usual units speaks for none.
func (u *usual) opinion(matters []float64) []float32 {
	var sum []float32
	for m, p := range matters {
		if row := u.share[m]; p > 1e-4 && row != nil {
			if sum == nil {
				sum = make([]float32, len(row))
			}
			engine.Saxpy(len(row), float32(p), row, 1, sum, 1)
		}
	}
	if sum == nil {
		sum = u.silent()
	}
	for l, x := range sum {
		sum[l] = float32(math.Log(float64(x) + unusual))
	}
	return sum
}

// silent returns a share of zero for each label.
func (u *usual) silent() []float32 {
	i := slices.IndexFunc(u.share, func(row []float32) bool { return row != nil })
	return make([]float32, len(u.share[i]))
}

// whoUsually returns a duty list in which matters that say nothing of who handles
// them say what the model's own duty list says.
func (m *Model) whoUsually(duty []Entry) []Entry {
	out := slices.Clone(duty)
	for i, e := range out {
		if old, ok := m.entry[e.Code]; ok && e.Units == nil {
			out[i].Units = m.duty[old].Units
		}
	}
	return out
}
