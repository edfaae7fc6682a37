package repeat

import (
	_ "embed"
	"encoding/json"
	"math"
	"strings"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/text"
)

// Hit is a case that a message may speak of again.
type Hit struct {
	ID     string   `json:"id"`
	Score  float64  `json:"score"`            // probability that it is the same event, calibrated
	Sure   bool     `json:"sure,omitempty"`   // linked without asking
	Recurs bool     `json:"recurs,omitempty"` // the case was closed before: it happened again
	Why    []string `json:"why"`              // catalogue keys, the most telling first
	Days   int      `json:"days"`             // between the two; since it was closed where Recurs
}

// Say gives the reason in words, with how far apart the two are.
func (h *Hit) Say(lang text.Lang) string {
	parts := make([]string, len(h.Why))
	for i, key := range h.Why {
		parts[i] = text.Say(lang, key, nil)
	}
	when := "repeat.days"
	switch {
	case h.Recurs:
		when = "repeat.days_closed"
	case h.Days == 0:
		when = "repeat.same_day"
	}
	return text.Say(lang, "repeat.reason", errs.Args{
		"agree": strings.Join(parts, text.Say(lang, "repeat.and", nil)), "when": text.Say(lang, when, errs.Args{"days": h.Days})})
}

// Action is the lifecycle's action that ties a case to the hit.
func (h *Hit) Action() string {
	if h.Recurs {
		return "link_recurrence"
	}
	return "link_repeat"
}

// features of a pair; all lie between 0 and 1 except the bias.
const (
	bias = iota
	placeSame
	placeWhole
	placeOther
	roadSame
	siteSame
	roadOther
	siteOther
	siteTopic
	siteSense
	topOne
	thingPart
	thingWhole
	thingOther
	placeThing
	siteThing
	roadThing
	areaThing
	personThing
	placeNoThing
	nearThing
	spotSame
	spotOther
	topicSame
	groupSame
	senseSame
	wordsSame
	wordsMost
	personSame
	apart
	areaSame
	areaOther
	pointNear
	pointFar
	placeTopic
	placeSense
	placeWords
	areaTopic
	areaSense
	personTopic
	personPlace
	nowhere
	nearTopic
	placeGroup
	otherWords
	count
)

type features [count]float64

// Scales are what was learnt from the tuning streams of the gold set, see
// docs/reading.md.
type Scales struct {
	Likely   float64   `json:"likely"`   // probability from which a repeat is proposed
	Sure     float64   `json:"sure"`     // and from which it is linked
	Concepts []float64 `json:"concepts"` // how telling each thing in common is
	Trees    []tree    `json:"trees"`
	shift    float64   // what people's verdicts have added
}

// tree asks depth questions about the features of a pair and adds the answer of
// the leaf it comes to.
type tree struct {
	Feature [1 << depth]uint8   `json:"f"` // the last of both asks nothing
	Edge    [1 << depth]float32 `json:"e"`
	Leaf    [1 << depth]float32 `json:"l"`
}

const (
	depth     = 4
	questions = 1<<depth - 1
)

//go:embed weights.json
var weightsFile []byte

var learnt = func() (s Scales) {
	if err := json.Unmarshal(weightsFile, &s); err != nil {
		panic(err) // the file is part of the program
	}
	return s
}()

// A pair that is hopeless after the first trees is not looked at further.
const (
	firstTrees = 25
	hopeless   = -3.5
)

// z returns the log odds that a pair tells of the same event.
func (c *Scales) z(f *features) float64 {
	v := f.values()
	return c.odds(&v)
}

// values are features as the trees are asked about them: a power of two of them, so
// that no index has to be checked.
type values [1 << 6]float32

func (f *features) values() (v values) {
	for i, x := range f {
		v[i] = float32(x)
	}
	return v
}

func (c *Scales) odds(v *values) float64 {
	z := float32(c.shift)
	first := c.Trees[:min(firstTrees, len(c.Trees))]
	if z = sum(z, first, v); z >= hopeless {
		z = sum(z, c.Trees[len(first):], v)
	}
	return float64(z)
}

// sum adds the answers of trees, in their order.
func sum(z float32, trees []tree, v *values) float32 {
	for ; len(trees) >= 4; trees = trees[4:] {
		a, b, c, d := leaves(&trees[0], &trees[1], &trees[2], &trees[3], v)
		z = z + a + b + c + d
	}
	for i := range trees {
		z += trees[i].leaf(v)
	}
	return z
}

// leaf is the answer that a tree comes to.
func (t *tree) leaf(v *values) float32 {
	at := 0
	for range depth {
		yes := 0
		if v[t.Feature[at&0xf]&0x3f] >= t.Edge[at&0xf] {
			yes = 1
		}
		at = 2*at + 1 + yes
	}
	return t.Leaf[(at-questions)&0xf]
}

// leaves are the answers of four trees: a question waits for the one before it, those of
// four trees for none of each other.
func leaves(a, b, c, d *tree, v *values) (float32, float32, float32, float32) {
	var i, j, k, l int
	for range depth {
		i = a.next(i, v)
		j = b.next(j, v)
		k = c.next(k, v)
		l = d.next(l, v)
	}
	return a.Leaf[(i-questions)&0xf], b.Leaf[(j-questions)&0xf], c.Leaf[(k-questions)&0xf], d.Leaf[(l-questions)&0xf]
}

func (t *tree) next(at int, v *values) int {
	yes := 0
	if v[t.Feature[at&0xf]&0x3f] >= t.Edge[at&0xf] {
		yes = 1
	}
	return 2*at + 1 + yes
}

func (c *Scales) p(z float64) float64 { return 1 / (1 + math.Exp(-z)) }

// asking is a new message that is compared with many remembered ones, with what is the
// same in all of these comparisons.
type asking struct {
	stored
	all     float64            // logarithm of how many are remembered
	weights [mostMarks]float64 // of its marks
	groups  [topics]uint16     // its reading by class
}

func (x *Index) ask(q *stored) *asking {
	a := &asking{stored: *q, all: math.Log(float64(x.n) + 3000), groups: byGroup(q)}
	for i, m := range q.marks {
		a.weights[i] = x.weight(a, m)
	}
	return a
}

// weight says how telling a mark is: 1 where hardly anybody names it.
func (x *Index) weight(a *asking, m uint32) float64 {
	seen := x.seen[m%seenSize] + 1
	if int(seen) < len(logs) {
		return (a.all - logs[seen]) / a.all
	}
	return (a.all - math.Log(float64(seen))) / a.all
}

// logs are the logarithms of small numbers.
var logs = func() (out [1 << 12]float64) {
	for n := range out[1:] {
		out[n+1] = math.Log(float64(n + 1))
	}
	return out
}()

// features compares a new message with a remembered one.
func (x *Index) features(a *asking, s *stored) (f features) {
	f.near(x, a, s)
	f.far(x, a, s)
	return f
}

// near compares two messages in what tells best that they are of different events.
func (f *features) near(x *Index, a *asking, s *stored) {
	q := &a.stored
	f[spotSame], f[spotOther] = spots(q, s)
	f[thingPart], f[thingWhole], f[thingOther] = x.scales.sameConcepts(q.concepts, s.concepts)
	f[topicSame], f[groupSame] = sameTopics(a, s)
	f[apart] = apartBy(gapMinutes(q, s))
}

// far compares them in all the rest.
func (f *features) far(x *Index, a *asking, s *stored) {
	q := &a.stored
	f[bias] = 1
	f.places(x, a, s)
	if f[placeSame] == 0 {
		f[spotSame] = 0 // the third house of another estate
	}
	f[placeThing], f[siteThing], f[roadThing] = f[placeSame]*f[thingPart], f[siteSame]*f[thingPart], f[roadSame]*f[thingPart]
	f[areaThing], f[personThing], f[nearThing] = f[areaSame]*f[thingPart], f[personSame]*f[thingPart], f[pointNear]*f[thingPart]
	f[placeNoThing] = f[placeSame] * f[thingOther]
	if meansAlike(q, s) {
		f[senseSame] = senseOf(unequalSides(q, s))
	} else {
		f[senseSame] = f[topicSame] / 2
	}
	f[wordsSame] = wordsOf(equalWords(q, s))
	f[wordsMost] = max(0, 2*f[wordsSame]-1)
	if q.person != 0 && q.person == s.person {
		f[personSame] = 1
	}
	f[placeTopic], f[placeSense] = f[placeSame]*f[topicSame], f[placeSame]*f[senseSame]
	f[placeWords], f[placeGroup] = f[placeSame]*math.Sqrt(f[wordsSame]), f[placeSame]*f[groupSame]
	f[siteTopic], f[siteSense] = f[siteSame]*f[topicSame], f[siteSame]*f[senseSame]
	if q.topics[0].Code != 0 && q.topics[0].Code == s.topics[0].Code {
		f[topOne] = 1
	}
	f[areaTopic], f[areaSense] = f[areaSame]*f[topicSame], f[areaSame]*f[senseSame]
	f[nearTopic] = f[pointNear] * (f[topicSame] + f[senseSame]) / 2
	f[personTopic], f[personPlace] = f[personSame]*(f[topicSame]+f[senseSame])/2, f[personSame]*f[placeSame]
	f[otherWords] = f[placeOther] * math.Sqrt(f[wordsSame])
	if q.marks[0] == 0 || s.marks[0] == 0 {
		f[nowhere] = 1
	}
}

// worthwhile reports whether two cases have anything in common beside a name: the
// person, the things they speak of, the matter, or the meaning.
func (x *Index) worthwhile(q, s *stored) bool {
	if q.person != 0 && q.person == s.person || q.concepts[0]&s.concepts[0]|q.concepts[1]&s.concepts[1] != 0 {
		return true
	}
	for _, a := range q.topics[:3] {
		for _, b := range s.topics[:3] {
			if a.Code != 0 && (a.Code == b.Code || a.Group == b.Group) {
				return true
			}
		}
	}
	return unequalSides(q, s) < 50
}

// gapMinutes returns how many minutes lie between two cases: between the new message
// and the closing where the other was closed before it.
func gapMinutes(q, s *stored) uint32 {
	from := s.at
	if s.closed != 0 && s.closed <= q.at {
		from = s.closed
	}
	return max(q.at, from) - min(q.at, from)
}

// gap returns the same in days.
func gap(q, s *stored) float64 { return float64(gapMinutes(q, s)) / (24 * 60) }

// apartBy returns how far two cases are apart that lie some minutes from each other.
func apartBy(minutes uint32) float64 {
	if int(minutes) < len(aparts) {
		return aparts[minutes]
	}
	return apartOf(minutes)
}

func apartOf(minutes uint32) float64 { return min(1, math.Log1p(float64(minutes)/(24*60))/6) }

// aparts are those of the first eleven days: the newest cases are looked at first.
var aparts = func() (out [1 << 14]float64) {
	for n := range out {
		out[n] = apartOf(uint32(n))
	}
	return out
}()

func (f *features) places(x *Index, q *asking, s *stored) {
	var same, one, other [4]float64 // by kind, 0 for all
	for i, m := range q.marks {
		if m == 0 {
			break
		}
		w, k := q.weights[i], m&3
		one[0], one[k] = one[0]+w, one[k]+w
		for _, o := range s.marks {
			if o == m {
				same[0], same[k] = same[0]+w, same[k]+w
			}
		}
	}
	for _, o := range s.marks {
		if o != 0 {
			w, k := x.weight(q, o), o&3
			other[0], other[k] = other[0]+w, other[k]+w
		}
	}
	f[placeSame] = min(1, same[0]/1.6)
	f[roadSame], f[siteSame] = min(1, same[road]), min(1, same[site]+same[quoted])
	less := func(k kind) float64 { return min(one[k], other[k]) }
	if less(0) > 0 {
		f[placeWhole] = same[0] / less(0)
	}
	differ := func(k kind) float64 {
		if same[k] > 0 {
			return 0
		}
		return min(1, less(k))
	}
	f[placeOther], f[roadOther], f[siteOther] = differ(0), differ(road), differ(site)
	if q.area != 0 && s.area != 0 {
		if q.area == s.area {
			f[areaSame] = 1
		} else {
			f[areaOther] = 1
		}
	}
	if (q.lng != 0 || q.lat != 0) && (s.lng != 0 || s.lat != 0) {
		dx, dy := float64(q.lng-s.lng)*0.93, float64(q.lat-s.lat)*1.11
		metres := math.Hypot(dx, dy)
		f[pointNear] = max(0, 1-metres/300)
		f[pointFar] = min(1, max(0, metres-300)/700)
	}
}

// spots compares house numbers, buildings, gates and exits of one sort.
func spots(q, s *stored) (same, other float64) {
	var equal, sorts [8]bool
	for _, a := range q.spots {
		for _, b := range s.spots {
			if a == 0 || b == 0 || a>>13 != b>>13 {
				continue
			}
			sorts[a>>13] = true
			equal[a>>13] = equal[a>>13] || a == b
		}
	}
	for i := range sorts {
		switch {
		case equal[i]:
			same = 1
		case sorts[i]:
			other = 1
		}
	}
	return same, other
}

// sameTopics returns how much two readings agree on the matter, and on the class
// of matters: the sum of the geometric means of their probabilities.
func sameTopics(q *asking, s *stored) (same, group float64) {
	var sums [topics]uint16
	known := false
	for i, a := range q.topics {
		if a.Code == 0 {
			continue
		}
		for j := range s.topics {
			b := &s.topics[j]
			if a.Code == b.Code {
				same += roots[a.P] * roots[b.P]
			}
			if a.Group != b.Group {
				continue
			}
			if !known { // most have no class in common
				sums, known = byGroup(s), true
			}
			group += roots[q.groups[i]] * roots[sums[j]]
		}
	}
	return min(1, same/255), min(1, group/255)
}

// senseOf is how much two meanings agree of whose 128 sides some are unequal.
func senseOf(unequal int) float64 { return senses[unequal] }

var senses = func() (out [129]float64) {
	for unequal := range out {
		out[unequal] = max(0, math.Cos(math.Pi*float64(unequal)/128))
	}
	return out
}()

// byGroup adds up the probabilities of a reading by class, at the first of each.
func byGroup(s *stored) (sum [topics]uint16) {
	for i, t := range s.topics {
		first := 0
		for s.topics[first].Group != t.Group {
			first++
		}
		sum[first] += uint16(s.topics[i].P)
	}
	return sum
}

// roots are those of the sums of probabilities in 255ths.
var roots = func() (out [topics*255 + 1]float64) {
	for n := range out {
		out[n] = math.Sqrt(float64(n))
	}
	return out
}()

// wordsOf estimates the share of bigrams in common from the places of the sketches
// that are equal in their four bits, of which one in sixteen is equal by chance.
func wordsOf(equal int) float64 {
	return max(0, (float64(equal)/words-1.0/16)*16/15)
}

// rests reports whether a pair agrees in more than who wrote and on what kind of
// matter: some people write about many things, and a link made without asking
// needs a place or words in common.
func (f *features) rests() bool {
	where := f[placeSame] >= 0.4 || f[pointNear] >= 0.3
	return f[wordsSame] >= 0.5 || where && (f[thingPart] > 0.3 || f[topicSame] >= 0.3)
}

type candidate struct {
	s *stored
	z float64
	f features
}

// hit says in what two cases agree.
func (x *Index) hit(e *Entry, c candidate) Hit {
	p := x.scales.p(c.z)
	h := Hit{ID: c.s.id.String(), Score: math.Round(p*1000) / 1000, Sure: p >= x.scales.Sure && c.f.rests()}
	q := x.packRead(e)
	h.Recurs = c.s.closed != 0 && c.s.closed <= q.at
	h.Days = int(gap(&q, c.s))
	say := func(when bool, key string) {
		if when {
			h.Why = append(h.Why, key)
		}
	}
	f := &c.f
	say(f[personSame] == 1, "repeat.same_person")
	switch {
	case f[wordsSame] >= 0.9:
		h.Why = append(h.Why, "repeat.same_text")
	case f[placeSame] >= 0.4 && f[spotSame] == 1:
		h.Why = append(h.Why, "repeat.same_spot")
	case f[placeSame] >= 0.4:
		h.Why = append(h.Why, "repeat.same_place")
	case f[pointNear] >= 0.3:
		h.Why = append(h.Why, "repeat.near")
	case f[areaSame] == 1:
		h.Why = append(h.Why, "repeat.same_area")
	}
	switch {
	case f[wordsSame] >= 0.9:
	case f[topicSame] >= 0.3:
		h.Why = append(h.Why, "repeat.same_matter")
	case f[wordsSame] >= 0.3:
		h.Why = append(h.Why, "repeat.like_words")
	case f[groupSame] >= 0.3 || f[senseSame] >= 0.3:
		h.Why = append(h.Why, "repeat.like_matter")
	}
	return h
}
