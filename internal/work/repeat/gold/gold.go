package gold

import (
	"embed"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"gopkg.in/yaml.v3"

	"yiwang/internal/base/textzh"
)

// Reported is the first seed that figures are given on; only lower ones may be
// learnt from.
const Reported = 1000

// Share says from which banks a stream takes its words and names.
type Share int

// The banks.
const (
	Told Share = iota // what may be learnt from
	Both              // either, at random
	Kept              // nothing that was ever learnt from
)

// Options says what stream to make.
type Options struct {
	Seed   uint64
	Share  Share
	Events int // how many events people tell of
}

// Item is one thing that happens in a stream: a message, or the closing of all
// open cases of an event.
type Item struct {
	Event   int
	Problem string // code of what it is about
	Round   int    // 0, or how often the event had been closed before
	At      int64  // UTC milliseconds
	Close   bool
	Title   string
	Text    string
	Channel string
	Phone   string
	Area    string
	Lng     float64
	Lat     float64
}

//go:embed problems.yaml words.yaml
var files embed.FS

type problem struct {
	Code string `yaml:"code"`
	At   string `yaml:"at"` // road, estate, shop, school or park
	Told string `yaml:"told"`
	Kept string `yaml:"kept"`
}

type bank struct {
	First, Second, Roadend, Estateend, Shop, Schoolend, Parkend, Landmark, Beside string
	Greet, Since, Effect, Ask, Place                                              string
}

var banks, problems = func() (map[Share]*bank, []problem) {
	var w struct{ Told, Kept bank }
	var p struct{ Problems []problem }
	for name, into := range map[string]any{"words.yaml": &w, "problems.yaml": &p} {
		raw, err := files.ReadFile(name)
		if err == nil {
			err = yaml.Unmarshal(raw, into)
		}
		if err != nil {
			panic(err) // the files are part of the program
		}
	}
	return map[Share]*bank{Told: &w.Told, Kept: &w.Kept}, p.Problems
}()

// Stream returns the items of a stream in the order of time. The same options
// always give the same stream.
func Stream(o Options) []Item {
	m := &maker{r: rand.New(rand.NewPCG(o.Seed, 4)), share: o.Share}
	m.town(o.Events)
	var out []Item
	for event := range o.Events {
		out = append(out, m.event(event)...)
	}
	slices.SortStableFunc(out, func(a, b Item) int { return int(a.At - b.At) })
	return out
}

type maker struct {
	r      *rand.Rand
	share  Share
	quarts []quarter
	busy   []string        // telephones of those who write about everything
	taken  map[string]bool // what happens where, so that no two events are told alike
}

// quarter is a few roads and estates that lie together.
type quarter struct {
	area      string
	lng, lat  float64
	roads     []string
	estates   []string
	landmarks []string
	schools   []string
	parks     []string
	shops     []string
}

func (m *maker) pick(list []string) string { return list[m.r.IntN(len(list))] }

// of draws from one of the banks that the stream may use.
func (m *maker) of(get func(*bank) string) string {
	share := m.share
	if share == Both {
		share = Told
		if m.r.IntN(2) == 0 {
			share = Kept
		}
	}
	s := get(banks[share])
	if strings.Contains(s, "\n") {
		return m.pick(lines(s))
	}
	return m.pick(strings.Fields(s))
}

func lines(s string) []string { return strings.Split(strings.TrimSpace(s), "\n") }

func (m *maker) chance(percent int) bool { return m.r.IntN(100) < percent }

func first(b *bank) string  { return b.First }
func second(b *bank) string { return b.Second }

func (m *maker) name(end func(*bank) string) string { return m.of(first) + m.of(second) + m.of(end) }

// town invents the quarters: few enough that the same streets are named by many.
func (m *maker) town(events int) {
	m.taken = map[string]bool{}
	for range max(2, events/20) {
		m.busy = append(m.busy, m.phone())
	}
	for i := range max(4, events/14) {
		q := quarter{area: fmt.Sprintf("4403040%05d", i), lng: 114 + float64(i%20)*0.012, lat: 22.5 + float64(i/20)*0.012}
		for range 3 {
			q.roads = append(q.roads, m.name(func(b *bank) string { return b.Roadend }))
			q.estates = append(q.estates, m.name(func(b *bank) string { return b.Estateend }))
		}
		q.landmarks = []string{m.of(first) + m.of(second) + m.of(func(b *bank) string { return b.Landmark })}
		for range 2 {
			q.shops = append(q.shops, m.name(func(b *bank) string { return b.Shop }))
		}
		q.schools = []string{m.name(func(b *bank) string { return b.Schoolend })}
		q.parks = []string{m.name(func(b *bank) string { return b.Parkend })}
		m.quarts = append(m.quarts, q)
	}
}

// scene is what an event is about and how its place is called.
type scene struct {
	p        *problem
	q        *quarter
	road     string
	cross    string
	number   int
	name     string // of the estate, shop, school or park, "" on a road
	block    int
	landmark string
	strict   bool // its road must be named, and no other
	lng, lat float64
}

// invent draws a scene that no other event of the stream has. A trouble of the
// road befalls a quarter once, where people may name it by any landmark, or
// several of its roads, where they must name the road.
func (m *maker) invent() scene {
	for {
		q := &m.quarts[m.r.IntN(len(m.quarts))]
		s := scene{p: &problems[m.r.IntN(len(problems))], q: q, landmark: q.landmarks[0]}
		roads := m.r.Perm(len(q.roads))
		s.road, s.cross, s.number = q.roads[roads[0]], q.roads[roads[1]], 2+m.r.IntN(180)
		s.lng, s.lat = q.lng+m.r.Float64()*0.008, q.lat+m.r.Float64()*0.008
		key := s.p.Code
		switch s.p.At {
		case "road":
			if s.strict = textzh.Hash(s.p.Code+q.area)%3 == 0; s.strict {
				key += s.road
			} else {
				key += q.area
			}
		case "estate":
			s.name, s.block = m.pick(q.estates), 1+m.r.IntN(12)
		case "shop":
			s.name = m.pick(q.shops)
		case "school":
			s.name = q.schools[0]
		case "park":
			s.name = q.parks[0]
		}
		if key += s.name; !m.taken[key] {
			m.taken[key] = true
			return s
		}
	}
}

var began = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)

const day = int64(24 * time.Hour / time.Millisecond)

// event tells of one event: in one to nine voices over days, and again after it
// was closed where it comes back.
func (m *maker) event(n int) []Item {
	s := m.invent()
	at := began.UnixMilli() + int64(m.r.IntN(120))*day
	var out []Item
	var people []string
	for round := range 2 {
		voices := []int{1, 1, 1, 2, 2, 3, 4, 6, 9}[m.r.IntN(9)]
		last := at
		for range voices {
			it := m.tell(&s)
			it.Event, it.Round, it.Problem = n, round, s.p.Code
			it.At = at + int64(m.r.Float64()*float64(12*day))
			if len(people) > 0 && m.chance(15) {
				it.Phone = m.pick(people)
			}
			if m.chance(12) {
				it.Phone = m.pick(m.busy)
			}
			people = append(people, it.Phone)
			last = max(last, it.At)
			out = append(out, it)
			if m.chance(6) { // the same words by another channel
				it.Channel, it.At = "mail", it.At+int64(m.r.IntN(int(day)))
				last = max(last, it.At)
				out = append(out, it)
			}
		}
		if !m.chance(70) {
			break
		}
		closed := last + int64(1+m.r.IntN(8))*day
		out = append(out, Item{Event: n, Round: round, At: closed, Close: true})
		if !m.chance(25) {
			break
		}
		at = closed + int64(2+m.r.IntN(50))*day
	}
	return out
}
