package dispatch

import (
	"math"
	"math/rand/v2"
	"testing"
)

// Labels read once are wrong one time in ten: the threshold is meant against the
// truth, which the checked labels show.
func TestTrustSeesThroughWrongLabels(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 9))
	var conf []float64
	var right, checked []bool
	for i := range 20_000 {
		p := rnd.Float64()
		ok, sure := rnd.Float64() < p, i%8 == 0
		if !sure && rnd.Float64() < 0.1 {
			ok = false
		}
		conf, right, checked = append(conf, p), append(right, ok), append(checked, sure)
	}
	curve := fitTrust(conf, right, checked).curve()
	for _, p := range []float64{0.2, 0.5, 0.8, 0.95} {
		if got := curve.at(p); math.Abs(got-p) > 0.05 {
			t.Errorf("an answer that is right with %.2f is given %.3f", p, got)
		}
	}
	// above a line x the mean of evenly spread confidences is (1+x)/2
	if line, share := expectedThreshold(conf, 0.9); math.Abs(line-0.8) > 0.02 || math.Abs(share-0.2) > 0.02 {
		t.Errorf("line %.3f, share %.3f; want 0.8 and 0.2", line, share)
	}
	if line, share := expectedThreshold([]float64{0.3, 0.2}, 0.9); line != 2 || share != 0 {
		t.Errorf("nothing is sure enough, yet from %.3f on %.3f is sent", line, share)
	}
}
