package dispatch

import (
	"math"
	"math/rand/v2"
	"slices"
)

// closer looks again, at the likeliest labels only. The mix adds the opinions up,
// each with one weight; what an opinion is worth also depends on how strong it is
// and on the others. A few hidden units that all labels share learn that from the
// cases that the opinions never saw, so it holds for labels without history too.
type closer struct {
	center, spread []float32 // of each sign, over what it learnt from
	nets           []net     // their scores are averaged
}

// net scores one label by its signs: a layer of hidden units beside the first score.
type net struct {
	in   []float32 // hidden unit by hidden unit, a weight for each sign
	bias []float32
	out  []float32
	keep float32 // of the first score
}

const (
	listed      = 20    // labels that are looked at again
	hidden      = 8     // units of a net
	nets        = 2     // each begins elsewhere
	netRounds   = 80    // passes over the cases
	netBatch    = 128   // cases between two steps
	netRate     = 3e-3  // length of a step
	netDecay    = 5e-3  // pull of the weights towards zero
	ownSigns    = 4     // signs that are no opinions
	closerCases = 500   // with fewer, a second look learns noise
	signGap     = 0.2   // a rank's worth as a sign
	farthest    = -20.0 // log-probability below which differences mean nothing
)

// shortlist is what a closer looks at: the likeliest labels, the likeliest first,
// with the logarithm of their first probability and, label by label, their signs.
type shortlist struct {
	labels []int
	logp   []float32
	signs  []float32
}

// evidence names the opinions about one label, weighed as the mix does.
type evidence interface {
	opinions() int
	about(label int, out []float32)
	runes() int // length of the message
}

// shortlistOf brings the likeliest labels into the form that a closer reads. z are
// the first scores; labels from known on have no opinions of their own.
func shortlistOf(z []float64, known int, e evidence) shortlist {
	order := leaders(z, listed)
	norm := logSum(z)
	width := e.opinions() + ownSigns
	s := shortlist{order, make([]float32, len(order)), make([]float32, len(order)*width)}
	length := float32(math.Log(float64(1+e.runes())) / 3)
	for i, l := range order {
		row := s.signs[i*width : (i+1)*width]
		if l < known {
			e.about(l, row)
		}
		s.logp[i] = float32(math.Max(z[l]-norm, farthest))
		copy(row[width-ownSigns:], []float32{s.logp[i], s.logp[i] - s.logp[0], signGap * float32(i), length})
	}
	return s
}

// logSum returns the logarithm of the sum of exponentials.
func logSum(z []float64) float64 {
	top, sum := highest(z), 0.0
	for _, x := range z {
		sum += math.Exp(x - top)
	}
	return top + math.Log(sum)
}

// judge returns the new scores of a shortlist.
func (c *closer) judge(s shortlist) []float64 {
	out := make([]float64, len(s.labels))
	width := len(c.center)
	x := make([]float32, width)
	for i := range out {
		c.normal(s.signs[i*width:(i+1)*width], x)
		for _, n := range c.nets {
			out[i] += float64(n.score(x, s.logp[i])) / float64(len(c.nets))
		}
	}
	return out
}

// again replaces the first scores by what the second look says. Labels that are
// not looked at stay behind those that are.
func (c *closer) again(z []float64, known int, e evidence) {
	s := shortlistOf(z, known, e)
	fresh := c.judge(s)
	last := z[s.labels[len(s.labels)-1]]
	low := slices.Min(fresh)
	for l := range z {
		z[l] += low - last
	}
	for i, l := range s.labels {
		z[l] = fresh[i]
	}
}

func (c *closer) normal(signs, out []float32) {
	for i, x := range signs {
		out[i] = (x - c.center[i]) / c.spread[i]
	}
}

func (n *net) score(x []float32, logp float32) float32 {
	s := n.keep * logp
	for h, w := range n.out {
		s += w * bend(n.bias[h]+engine.Sdot(len(x), n.in[h*len(x):], 1, x, 1))
	}
	return s
}

// bend is the hidden units' response, between -1 and 1.
func bend(x float32) float32 { return x / (1 + abs(x)) }

// learnCloser learns from shortlists and the places of the right labels in them;
// -1 where it is not listed, from which nothing is learnt.
func learnCloser(lists []shortlist, truth []int) *closer {
	var use []int
	for i, t := range truth {
		if t >= 0 {
			use = append(use, i)
		}
	}
	if len(use) < closerCases {
		return nil
	}
	width := len(lists[use[0]].signs) / len(lists[use[0]].labels)
	c := &closer{make([]float32, width), make([]float32, width), make([]net, nets)}
	c.measure(lists, use)
	normal := make([][]float32, len(lists))
	for _, i := range use {
		normal[i] = make([]float32, len(lists[i].signs))
		for r := 0; r < len(normal[i]); r += width {
			c.normal(lists[i].signs[r:r+width], normal[i][r:r+width])
		}
	}
	for n := range c.nets {
		c.nets[n] = learnNet(lists, normal, truth, use, width, uint64(n))
	}
	return c
}

// measure sets the centre and the spread of each sign.
func (c *closer) measure(lists []shortlist, use []int) {
	width := len(c.center)
	n := 0.0
	sum, square := make([]float64, width), make([]float64, width)
	for _, i := range use {
		for r := 0; r < len(lists[i].signs); r += width {
			n++
			for k, x := range lists[i].signs[r : r+width] {
				sum[k] += float64(x)
				square[k] += float64(x) * float64(x)
			}
		}
	}
	for k := range width {
		mean := sum[k] / n
		c.center[k] = float32(mean)
		c.spread[k] = float32(math.Sqrt(math.Max(0, square[k]/n-mean*mean))) + 1e-3
	}
}

// learnNet finds the weights of the highest likelihood by stochastic steps (Adam,
// Kingma and Ba 2014). The same input gives the same net.
func learnNet(lists []shortlist, normal [][]float32, truth, use []int, width int, seed uint64) net {
	rnd := rand.New(rand.NewPCG(seed, 23))
	// all weights in one row: in, bias, out, keep
	w := make([]float32, hidden*width+2*hidden+1)
	view := func(w []float32) net {
		return net{w[:hidden*width], w[hidden*width : hidden*(width+1)], w[hidden*(width+1) : hidden*(width+2)], 0}
	}
	n, keep := view(w), len(w)-1
	for i := range n.in {
		n.in[i] = float32(rnd.NormFloat64() / math.Sqrt(float64(width)))
	}
	w[keep] = 1
	grad, mean, square := make([]float32, len(w)), make([]float32, len(w)), make([]float32, len(w))
	g := view(grad)
	order := slices.Clone(use)
	b1, b2 := 1.0, 1.0
	for range netRounds {
		rnd.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		for from := 0; from < len(order); from += netBatch {
			batch := order[from:min(from+netBatch, len(order))]
			clear(grad)
			n.keep, g.keep = w[keep], 0
			for _, i := range batch {
				n.addGradient(&g, lists[i], normal[i], truth[i], width)
			}
			grad[keep] = g.keep
			b1, b2 = b1*0.9, b2*0.999
			for k := range w {
				d := grad[k] / float32(len(batch))
				if k < hidden*width || k >= hidden*(width+1) && k != keep {
					d += netDecay * w[k]
				}
				mean[k] = 0.9*mean[k] + 0.1*d
				square[k] = 0.999*square[k] + 0.001*d*d
				w[k] -= netRate * mean[k] / float32(1-b1) / (float32(math.Sqrt(float64(square[k])/(1-b2))) + 1e-8)
			}
		}
	}
	n.keep = w[keep]
	return n
}

// addGradient adds one case's part of the gradient of the negative log-likelihood.
func (n *net) addGradient(g *net, s shortlist, x []float32, truth, width int) {
	var act [listed][hidden]float32
	p := make([]float64, len(s.labels))
	for i := range s.labels {
		z := n.keep * s.logp[i]
		for h := range hidden {
			act[i][h] = bend(n.bias[h] + engine.Sdot(width, n.in[h*width:], 1, x[i*width:], 1))
			z += n.out[h] * act[i][h]
		}
		p[i] = float64(z)
	}
	softmax(p, 1)
	for i := range s.labels {
		d := float32(p[i])
		if i == truth {
			d--
		}
		g.keep += d * s.logp[i]
		for h := range hidden {
			a := act[i][h]
			g.out[h] += d * a
			slope := 1 - abs(a) // the derivative of bend is its square
			back := d * n.out[h] * slope * slope
			g.bias[h] += back
			engine.Saxpy(width, back, x[i*width:], 1, g.in[h*width:], 1)
		}
	}
}
