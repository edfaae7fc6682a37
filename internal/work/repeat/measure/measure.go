package measure

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"time"

	"github.com/oklog/ulid/v2"

	"yiwang/internal/base/textzh"
	"yiwang/internal/work/dispatch"
	"yiwang/internal/work/dispatch/province"
	"yiwang/internal/work/repeat"
	"yiwang/internal/work/repeat/gold"
)

// Reader is the machine judge.
type Reader interface {
	Read(dispatch.Message) dispatch.Reading
}

// Base returns the judge that ships with the program, on the province's list, and
// the class of each of its matters.
func Base() (Reader, func(string) string, error) {
	duty := province.Duty()
	groups := map[string]string{}
	for _, e := range duty {
		groups[e.Code] = e.Path[len(e.Path)-1]
	}
	m, err := dispatch.Base(duty)
	return m, func(code string) string { return groups[code] }, err
}

// Figures count what an index made of a stream.
type Figures struct {
	Messages  int // all
	Repeats   int // those whose event was told of before
	Proposed  int // those for which something was proposed
	Right     int // whose first proposal tells of the same event
	Linked    int // linked without asking
	LinkedOK  int // rightly
	Shown     int // proposals of any rank
	ShownOK   int // that are right
	Returns   int // first messages of an event that came back after it was closed
	ReturnsOK int // recognised as that
	Spent     time.Duration
	Slowest   time.Duration
}

// Add sums figures.
func (f *Figures) Add(o Figures) {
	f.Messages += o.Messages
	f.Repeats += o.Repeats
	f.Proposed += o.Proposed
	f.Right += o.Right
	f.Linked += o.Linked
	f.LinkedOK += o.LinkedOK
	f.Shown += o.Shown
	f.ShownOK += o.ShownOK
	f.Returns += o.Returns
	f.ReturnsOK += o.ReturnsOK
	f.Spent += o.Spent
	f.Slowest = max(f.Slowest, o.Slowest)
}

// Precision is the share of first proposals that are right.
func (f *Figures) Precision() float64 { return share(f.Right, f.Proposed) }

// Recall is the share of repeats whose first proposal is right.
func (f *Figures) Recall() float64 { return share(f.Right, f.Repeats) }

func share(a, b int) float64 {
	if b == 0 {
		return 0
	}
	return float64(a) / float64(b)
}

// Wilson returns the 95 % interval of a share.
func Wilson(right, of int) (low, high float64) {
	if of == 0 {
		return 0, 1
	}
	const z = 1.96
	n, p := float64(of), float64(right)/float64(of)
	mid, half := p+z*z/(2*n), z*math.Sqrt(p*(1-p)/n+z*z/(4*n*n))
	return (mid - half) / (1 + z*z/n), (mid + half) / (1 + z*z/n)
}

// Stage holds what plays streams.
type Stage struct {
	Judge  Reader
	Group  func(string) string
	Scales *repeat.Scales // nil for those that ship with the program
}

// Play runs a stream through an empty index. See watches each message with its
// hits, nil nobody.
func (s *Stage) Play(o gold.Options, see func(it gold.Item, right func(id string) int, hits []repeat.Hit)) Figures {
	p := newPlay(s)
	var f Figures
	for _, it := range gold.Stream(o) {
		if it.Close {
			p.close(it)
			continue
		}
		e := p.entry(it)
		began := time.Now()
		hits := p.index.Meet(e)
		spent := time.Since(began)
		f.Spent, f.Slowest = f.Spent+spent, max(f.Slowest, spent)
		f.count(p, it, hits)
		if see != nil {
			see(it, func(id string) int { return p.told[id] }, hits)
		}
		p.remember(it, e.ID)
	}
	return f
}

func (f *Figures) count(p *play, it gold.Item, hits []repeat.Hit) {
	f.Messages++
	before := len(p.of[it.Event])
	if before > 0 {
		f.Repeats++
	}
	back := before > 0 && len(p.open[it.Event]) == 0
	if back {
		f.Returns++
	}
	for i, h := range hits {
		ok := p.told[h.ID] == it.Event
		f.Shown++
		if ok {
			f.ShownOK++
		}
		if i > 0 {
			continue
		}
		f.Proposed++
		if ok {
			f.Right++
		}
		if ok && back && h.Recurs {
			f.ReturnsOK++
		}
		if h.Sure {
			f.Linked++
			if ok {
				f.LinkedOK++
			}
		}
	}
}

// play is a stream on its way.
type play struct {
	*Stage
	index *repeat.Index
	told  map[string]int   // case → event, counted from 0
	of    map[int][]string // event → cases
	open  map[int][]string
	n     uint64
}

func newPlay(s *Stage) *play {
	index := repeat.New()
	if s.Scales != nil {
		index.Use(*s.Scales)
	}
	return &play{Stage: s, index: index, told: map[string]int{}, of: map[int][]string{}, open: map[int][]string{}}
}

func (p *play) close(it gold.Item) {
	for _, id := range p.open[it.Event] {
		p.index.Close(id, it.At)
	}
	delete(p.open, it.Event)
}

func (p *play) entry(it gold.Item) repeat.Entry {
	p.n++
	var id ulid.ULID
	binary.BigEndian.PutUint64(id[8:], p.n)
	read := p.Judge.Read(dispatch.Message{Title: it.Title, Text: it.Text})
	return repeat.Entry{
		ID: id.String(), Area: it.Area, Lng: it.Lng, Lat: it.Lat,
		Print: repeat.Of(repeat.Said{Title: it.Title, Text: it.Text, At: it.At, Person: uint32(textzh.Hash(it.Phone)), Read: read, Group: p.Group}),
	}
}

func (p *play) remember(it gold.Item, id string) {
	p.told[id] = it.Event
	p.of[it.Event] = append(p.of[it.Event], id)
	p.open[it.Event] = append(p.open[it.Event], id)
}

// Study plays a stream that may be learnt from and returns the pairs that the
// index judged. Dimmed makes every third message less well understood.
func (s *Stage) Study(o gold.Options, dimmed bool) []repeat.Lesson {
	if o.Seed >= gold.Reported || o.Share != gold.Told {
		panic("measure: this stream is for figures alone")
	}
	p := newPlay(s)
	r := rand.New(rand.NewPCG(o.Seed, 5))
	var out []repeat.Lesson
	for _, it := range gold.Stream(o) {
		if it.Close {
			p.close(it)
			continue
		}
		e := p.entry(it)
		if dimmed {
			dim(r, &e.Print)
		}
		out = append(out, p.index.Study(e, func(id string) bool { return p.told[id] == it.Event })...)
		p.index.Add(e)
		p.remember(it, e.ID)
	}
	return out
}

// dim makes every third message less well understood than the tuning streams are,
// whose words are known: people will say it in words that nobody thought of.
func dim(r *rand.Rand, p *repeat.Print) {
	if r.IntN(3) > 0 {
		return
	}
	for i := range 128 {
		if r.IntN(100) < 60 {
			p.Concepts[i/64] &^= 1 << (i % 64)
		}
		if r.IntN(100) < 15 {
			p.Sense[i/64] ^= 1 << (i % 64)
		}
	}
	if r.IntN(100) < 40 {
		for i := range p.Topics {
			p.Topics[i].P = uint8(int(p.Topics[i].P) * r.IntN(100) / 100)
		}
		p.Topics[0], p.Topics[4] = p.Topics[4], p.Topics[0]
	}
}
