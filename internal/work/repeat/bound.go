package repeat

import (
	"cmp"
	"encoding/binary"
	"math"
	"math/bits"
	"slices"
	"sync/atomic"
)

// Most pairs that share a key tell of different events, and a little of them says so:
// whether person, names, area, things and words have anything in common. Pairs that
// are alike in this make a class, for which it is worked out once how likely they can
// be at most. So most pairs are put aside before their features are compared.

// Sides of a class, and how many ways each can turn out.
const (
	ofPerson = iota // another, the same
	ofNames         // one names nothing, none in common, some
	ofPoint         // unknown, known of both
	ofArea          // unknown, the same, another
	ofThings        // one speaks of nothing, none in common, some
	ofMatter        // the likeliest is another, the same
	ofSense         // unknown, then by the sides that differ
	ofWords         // by the places of the sketches that are equal
	sidesOfClass
)

var ways = [sidesOfClass]int{2, 3, 2, 3, 3, 2, 1 + 128/senseStep, words/wordsStep + 1}

const (
	senseStep = 16 // of 128 sides
	wordsStep = 4  // of 64 places
)

// classes is how many classes there are.
var classes = func() int {
	n := 1
	for _, w := range ways {
		n *= w
	}
	return n
}()

// class is how a pair turned out on each side.
type class [sidesOfClass]int

func (k *class) number() int {
	n := 0
	for side, way := range k {
		n = n*ways[side] + way
	}
	return n
}

func classOf(q, s *stored) (k class) {
	if q.person != 0 && q.person == s.person {
		k[ofPerson] = 1
	}
	if q.marks[0] != 0 && s.marks[0] != 0 {
		k[ofNames] = 1
		if shareMark(q, s) {
			k[ofNames] = 2
		}
	}
	if (q.lng != 0 || q.lat != 0) && (s.lng != 0 || s.lat != 0) {
		k[ofPoint] = 1
	}
	if q.area != 0 && s.area != 0 {
		k[ofArea] = 2
		if q.area == s.area {
			k[ofArea] = 1
		}
	}
	if q.concepts != ([2]uint64{}) && s.concepts != ([2]uint64{}) {
		k[ofThings] = 1
		if q.concepts[0]&s.concepts[0]|q.concepts[1]&s.concepts[1] != 0 {
			k[ofThings] = 2
		}
	}
	if q.topics[0].Code != 0 && q.topics[0].Code == s.topics[0].Code {
		k[ofMatter] = 1
	}
	if meansAlike(q, s) {
		k[ofSense] = 1 + min(unequalSides(q, s), 127)/senseStep
	}
	k[ofWords] = equalWords(q, s) / wordsStep
	return k
}

func shareMark(q, s *stored) bool {
	for _, m := range q.marks {
		if m == 0 {
			break
		}
		if slices.Contains(s.marks[:], m) {
			return true
		}
	}
	return false
}

// meansAlike reports whether the meanings of two messages can be compared.
func meansAlike(q, s *stored) bool {
	return q.model == s.model && q.sense != ([2]uint64{}) && s.sense != ([2]uint64{})
}

func unequalSides(q, s *stored) int {
	return bits.OnesCount64(q.sense[0]^s.sense[0]) + bits.OnesCount64(q.sense[1]^s.sense[1])
}

// equalWords counts the places, of four bits, at which two sketches are equal.
func equalWords(q, s *stored) int {
	equal := words
	for i := 0; i < len(q.words); i += 8 {
		d := binary.LittleEndian.Uint64(q.words[i:]) ^ binary.LittleEndian.Uint64(s.words[i:])
		d |= d >> 1
		d |= d >> 2
		equal -= bits.OnesCount64(d & 0x1111111111111111)
	}
	return equal
}

// span is what a feature lies between.
type span struct{ least, most float64 }

var any01 = span{0, 1}

func exactly(is bool) span {
	if is {
		return span{1, 1}
	}
	return span{}
}

func (a span) times(b span) span { return span{a.least * b.least, a.most * b.most} }

// root is that of a share, which no other span is taken of.
func (a span) root() span { return span{math.Sqrt(a.least), math.Sqrt(a.most)} }

// mean is that of two.
func (a span) mean(b span) span { return span{(a.least + b.least) / 2, (a.most + b.most) / 2} }

// spans returns between what the features of every pair of a class lie.
func (k class) spans() (f [count]span) {
	for i := range f {
		f[i] = any01
	}
	f[bias] = span{1, 1}
	f[personSame] = exactly(k[ofPerson] == 1)
	if k[ofNames] < 2 {
		for _, i := range []int{placeSame, placeWhole, roadSame, siteSame, spotSame} {
			f[i] = span{}
		}
	}
	f[nowhere] = exactly(k[ofNames] == 0)
	if k[ofNames] == 0 {
		f[placeOther], f[roadOther], f[siteOther] = span{}, span{}, span{}
	}
	if k[ofPoint] == 0 {
		f[pointNear], f[pointFar] = span{}, span{}
	}
	f[areaSame], f[areaOther] = exactly(k[ofArea] == 1), exactly(k[ofArea] == 2)
	f[thingOther] = exactly(k[ofThings] == 1)
	if k[ofThings] < 2 {
		f[thingPart], f[thingWhole] = span{}, span{}
	}
	f[topOne] = exactly(k[ofMatter] == 1)
	f[senseSame] = span{0, .5} // half of topicSame
	if n := k[ofSense]; n > 0 {
		f[senseSame] = span{senseOf(n * senseStep), senseOf((n - 1) * senseStep)}
	}
	f[wordsSame] = span{wordsOf(k[ofWords] * wordsStep), wordsOf(k[ofWords]*wordsStep + wordsStep - 1)}
	return f
}

// In how many parts what two messages share is told, and their distance in time.
const (
	quarters = 4
	sixths   = 6
)

// fine is a class by what near compares, too: what the pairs of many classes differ in
// most.
type fine struct {
	class
	topic, group, part, whole int // shares: none, then by quarters
	apart                     int // by sixths
	spot, otherSpot           int // 0 and 1
}

func (k class) fine(f *features) fine {
	return fine{
		class: k, topic: quarter(f[topicSame]), group: quarter(f[groupSame]), part: quarter(f[thingPart]), whole: quarter(f[thingWhole]),
		apart: min(sixths-1, int(sixths*f[apart])), spot: int(f[spotSame]), otherSpot: int(f[spotOther]),
	}
}

// quarter rounds a share up.
func quarter(x float64) int {
	n := int(quarters * x)
	if float64(n) < quarters*x {
		n++
	}
	return n
}

func (k *fine) number() uint64 {
	const shares = quarters + 1
	n := ((k.topic*shares+k.group)*shares+k.part)*shares + k.whole
	return uint64(k.class.number())<<32 | uint64(((n*sixths+k.apart)*2+k.spot)*2+k.otherSpot)
}

func (k *fine) spans() [count]span {
	f := k.class.spans()
	share := func(n int) span { return span{float64(max(0, n-1)) / quarters, float64(n) / quarters} }
	f[topicSame], f[groupSame], f[thingPart], f[thingWhole] = share(k.topic), share(k.group), share(k.part), share(k.whole)
	f[apart] = span{float64(k.apart) / sixths, float64(k.apart+1) / sixths}
	if k.spot == 0 {
		f[spotSame] = span{}
	}
	f[spotOther] = exactly(k.otherSpot == 1)
	return f
}

// product sets between what those features lie that are made of others.
func product(f *[count]span) {
	f[wordsMost] = span{max(0, 2*f[wordsSame].least-1), max(0, 2*f[wordsSame].most-1)}

	f[placeThing], f[siteThing], f[roadThing] = f[placeSame].times(f[thingPart]), f[siteSame].times(f[thingPart]), f[roadSame].times(f[thingPart])
	f[areaThing], f[personThing], f[nearThing] = f[areaSame].times(f[thingPart]), f[personSame].times(f[thingPart]), f[pointNear].times(f[thingPart])
	f[placeNoThing] = f[placeSame].times(f[thingOther])
	f[placeTopic], f[placeSense] = f[placeSame].times(f[topicSame]), f[placeSame].times(f[senseSame])
	f[placeWords], f[placeGroup] = f[placeSame].times(f[wordsSame].root()), f[placeSame].times(f[groupSame])
	f[siteTopic], f[siteSense] = f[siteSame].times(f[topicSame]), f[siteSame].times(f[senseSame])
	f[areaTopic], f[areaSense] = f[areaSame].times(f[topicSame]), f[areaSame].times(f[senseSame])
	either := f[topicSame].mean(f[senseSame])
	f[nearTopic], f[personTopic] = f[pointNear].times(either), f[personSame].times(either)
	f[personPlace] = f[personSame].times(f[placeSame])
	f[otherWords] = f[placeOther].times(f[wordsSame].root())
}

// bound says how likely the pairs of a class can be: the odds that are the same for
// all of them, and the trees that tell them apart, those first that tell most, with
// how much the trees from each on add at most and a little more for what rounding
// may do.
type bound struct {
	of    uint64 // the number of the class
	base  float32
	trees []uint16 // of the scales
	rest  []float32
}

func (c *Scales) bound(number uint64, f [count]span) *bound {
	product(&f)
	least, most := make([]float32, len(c.Trees)), make([]float32, len(c.Trees))
	b := &bound{of: number, rest: []float32{0.001}}
	for i := range c.Trees {
		least[i], most[i] = c.Trees[i].between(&f, 0)
		if least[i] == most[i] {
			b.base += most[i]
		} else {
			b.trees = append(b.trees, uint16(i))
		}
	}
	slices.SortStableFunc(b.trees, func(i, j uint16) int { return cmp.Compare(most[i]-least[i], most[j]-least[j]) })
	for _, i := range b.trees {
		b.rest = append(b.rest, b.rest[len(b.rest)-1]+most[i])
	}
	slices.Reverse(b.trees)
	slices.Reverse(b.rest)
	return b
}

// most is how high the odds of a pair of the class may be.
func (b *bound) most() float32 { return b.base + b.rest[0] }

// reaches reports whether the odds of a pair of the class may come up to a floor.
func (b *bound) reaches(c *Scales, v *values, floor float32) bool {
	z := b.base
	i := 0
	for ; i+4 <= len(b.trees); i += 4 {
		if z+b.rest[i] < floor {
			return false
		}
		four := b.trees[i : i+4 : i+4]
		p, q, r, s := leaves(&c.Trees[four[0]], &c.Trees[four[1]], &c.Trees[four[2]], &c.Trees[four[3]], v)
		z = z + p + q + r + s
	}
	for ; i < len(b.trees); i++ {
		z += c.Trees[b.trees[i]].leaf(v)
	}
	return z+b.rest[len(b.trees)] >= floor
}

// between returns the lowest and the highest leaf that a pair can come to from a
// question on.
func (t *tree) between(f *[count]span, at int) (least, most float32) {
	if at >= questions {
		return t.Leaf[at-questions], t.Leaf[at-questions]
	}
	edge, s := float64(t.Edge[at]), f[t.Feature[at]]
	const slack = 1e-6 // the question is put to a feature that was rounded
	switch {
	case s.most < edge-slack:
		return t.between(f, 2*at+1)
	case s.least >= edge+slack:
		return t.between(f, 2*at+2)
	}
	a, b := t.between(f, 2*at+1)
	c, d := t.between(f, 2*at+2)
	return min(a, c), max(b, d)
}

// bounds remembers what was worked out for classes.
type bounds []atomic.Pointer[bound]

func (all bounds) of(c *Scales, k class) *bound {
	at := &all[k.number()]
	b := at.Load()
	if b == nil {
		b = c.bound(uint64(k.number()), k.spans())
		at.Store(b)
	}
	return b
}

// fineBounds remembers what was worked out for fine classes, each in the place that its
// number gives it, a little over half a kilobyte each.
type fineBounds []struct {
	met   atomic.Uint32 // pairs whose class belongs here, until there is a bound
	bound atomic.Pointer[bound]
}

// finePlaces is how many fine classes are remembered, and often is how many pairs make
// a class worth it: working one out costs as much as comparing some hundred pairs does.
const (
	finePlaces = 1 << 14
	often      = 100
)

// of returns the bound of a fine class, or the one of its class while it is rare or
// where another has its place.
func (all fineBounds) of(c *Scales, k *fine, coarse *bound) *bound {
	number := k.number()
	at := &all[spread(0, number)%uint64(len(all))]
	b := at.bound.Load()
	if b == nil {
		if at.met.Add(1) < often {
			return coarse
		}
		b = c.bound(number, k.spans())
		at.bound.Store(b)
	}
	if b.of != number {
		return coarse
	}
	return b
}
