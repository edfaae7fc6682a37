package rehearsal

import (
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"yiwang/internal/core/city"
	"yiwang/internal/core/org"
	"yiwang/internal/core/place"
	"yiwang/internal/work/intake"
)

// Generator invents messages. It is pure: the same script, seed, number and time
// always give the same message.
type Generator struct {
	script *Script
	city   *city.City
	places *place.Map
	seed   uint64
	local  [2][]*Scene // of communities and of the managers of estates
}

// NewGenerator returns a generator for a city.
func NewGenerator(s *Script, c *city.City, seed uint64) *Generator {
	return &Generator{script: s, city: c, places: c.Places, seed: seed, local: localScenes(s, c)}
}

var chinaTime = time.FixedZone("CST", 8*3600)

// idPrefix begins the external id of every message of a rehearsal: by it its
// cases are told from all others.
const idPrefix = "life-"

func externalID(n int) string { return fmt.Sprintf("%s%08d", idPrefix, n) }

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// Message returns message n as it is sent at a time.
func (g *Generator) Message(n int, now time.Time) intake.Message {
	h := g.happens(n)
	r := g.stream(n, ofTelling)
	m := intake.Message{ExternalID: externalID(n), Channel: g.channel(r, h, now.In(chinaTime))}
	m.Actor = g.sender(r, h, m.Channel)
	m.WrittenAt = now.Add(-time.Duration(1+r.IntN(240)) * time.Second).UnixMilli()
	nowhere := g.tellWhere(r, h, &m)
	slots := h.slots(nowhere)
	g.personal(r, h, slots)
	if h.office {
		m.Text = fill(g.ways(n, h)[0], slots)
		return m
	}
	m.Text = g.words(r, n, h, slots)
	if r.IntN(100) < 45 {
		if m.Title = h.scene.Topic; h.where != nil && nowhere == "" && r.IntN(2) == 0 {
			m.Title = h.where.Name + h.scene.Topic
		}
	}
	if r.IntN(100) >= g.script.Rhythm.Anonymous {
		w := &g.script.Words
		m.Name = pick(r, w.Surname) + pick(r, w.Given)
		m.Phone = fmt.Sprintf("1380000%04d", r.IntN(10000))
	}
	return m
}

// channel draws the way a message takes.
func (g *Generator) channel(r *rand.Rand, h *happening, now time.Time) string {
	rh := &g.script.Rhythm
	closed := now.Hour() < 9 || now.Hour() >= 18 || now.Weekday() == time.Saturday || now.Weekday() == time.Sunday
	return weighed(r, rh.Channels, func(code string) bool {
		return slices.Contains(rh.Patrols, code) == h.office && !(closed && slices.Contains(rh.Office, code))
	})
}

// sender returns who enters the message: the person, or the staff of a counter,
// of a grid or of a partner.
func (g *Generator) sender(r *rand.Rand, h *happening, channel string) org.Actor {
	ch, _ := g.city.Channel(channel)
	dir := g.city.Directory
	var of []org.Staff
	switch {
	case h.office && ch.Kind == "partner":
		for _, u := range dir.Units() {
			if u.Kind == org.Partner {
				of = append(of, withRole(dir, u.Code, "partner")...)
			}
		}
	case h.office && ch.Kind == "grid" && h.where != nil:
		for _, u := range dir.Of(h.where.Area, org.Community) {
			of = append(of, withRole(dir, u.Code, "grid")...)
		}
	case h.office || ch.Kind == "hotline" || ch.Kind == "counter" || !ch.Public:
		of = withRole(dir, g.city.Centre, "counter")
	default:
		return org.Appellant()
	}
	if len(of) == 0 {
		of = withRole(dir, g.city.Centre, "counter")
	}
	if a, ok := dir.Actor(of[r.IntN(len(of))].ID); ok {
		return a
	}
	return org.Appellant()
}

// withRole returns the staff of a unit who hold a role and are not accounts that
// visitors of the demo use.
func withRole(dir *org.Directory, unit, role string) []org.Staff {
	return slices.DeleteFunc(dir.StaffOf(unit), func(s org.Staff) bool {
		return s.Demo || !s.Active || !slices.Contains(s.Roles, role)
	})
}

// tellWhere decides how the message says where it happened: by a point, in the
// text, in the address, or not at all. It returns the words instead of the place
// where the text does not name it.
func (g *Generator) tellWhere(r *rand.Rand, h *happening, m *intake.Message) (nowhere string) {
	how := r.IntN(100)
	if h.where == nil {
		return pick(r, g.script.Words.Nowhere)
	}
	switch {
	case how < 32: // a point near it, and its name in the text
		g.point(r, h, m)
	case how < 40: // a point only
		if g.point(r, h, m) {
			return pick(r, g.script.Words.Nowhere)
		}
	case how < 55:
		m.Address = h.street + h.commune + h.where.Name
		if r.IntN(2) == 0 {
			return pick(r, g.script.Words.Nowhere)
		}
	case how >= 88 && !h.office:
		return pick(r, g.script.Words.Nowhere)
	}
	return ""
}

// point sets a point near the place that lies in one of the city's grids.
func (g *Generator) point(r *rand.Rand, h *happening, m *intake.Message) bool {
	const near = 0.0009 // degrees, some 90 m
	for range 8 {
		p := place.Point{Lng: h.where.At.Lng + (r.Float64()*2-1)*near, Lat: h.where.At.Lat + (r.Float64()*2-1)*near}
		if found, ok := g.places.At(p); ok && found.Grid != "" {
			m.Lng, m.Lat = math.Round(p.Lng*1e5)/1e5, math.Round(p.Lat*1e5)/1e5
			return true
		}
	}
	return false
}

// personal adds the fillings that each person chooses anew.
func (g *Generator) personal(r *rand.Rand, h *happening, slots map[string]string) {
	w := &g.script.Words
	slots["time"] = pick(r, w.Day)
	if h.scene.Night == "yes" {
		slots["time"] = pick(r, w.Night)
	}
	slots["since"] = pick(r, w.Since)
}

// ways returns the ways to say what happened in the order in which one person
// comes to them: the first is always said.
func (g *Generator) ways(n int, h *happening) []string {
	ways := h.scene.Say.All()
	if h.office {
		ways = h.scene.Patrol.All()
	}
	g.stream(n, ofWays).Shuffle(len(ways), func(i, j int) { ways[i], ways[j] = ways[j], ways[i] })
	return ways
}

// words makes the text: one way to say it, or several where somebody has much to
// tell, with the manner of the person.
func (g *Generator) words(r *rand.Rand, n int, h *happening, slots map[string]string) string {
	w := &g.script.Words
	ways := g.ways(n, h)
	said := ways[:1]
	switch {
	case !h.scene.asks() && len(ways) > 2 && r.IntN(100) < 7:
		said = []string{pick(r, w.Story), ways[0], ways[1], pick(r, w.Plea), ways[2]}
	case len(ways) > 1 && r.IntN(100) < 8:
		said = ways[:2]
	}
	switch {
	case h.scene.asks() && r.IntN(100) < 62:
		said = append([]string{pick(r, w.AskOpen)}, said...)
	case !h.scene.asks() && r.IntN(100) < 30:
		said = append([]string{pick(r, w.Open)}, said...)
	}
	if !h.scene.asks() && r.IntN(100) < 16 {
		said = append(said, pick(r, w.Plea))
	}
	if r.IntN(100) < 45 {
		end := w.Close
		if h.scene.asks() {
			end = w.AskClose
		}
		said = append(said, pick(r, end))
	}
	return g.manner(r, fill(strings.Join(ended(said), ""), slots))
}

// ended gives every sentence but the last a full stop, where it has none.
func ended(said []string) []string {
	out := slices.Clone(said)
	for i, s := range out[:len(out)-1] {
		if !strings.ContainsAny(s[max(0, len(s)-3):], "。！？，：") {
			out[i] = s + "。"
		}
	}
	return out
}

// manner makes the small slips of people who type on a phone.
func (g *Generator) manner(r *rand.Rand, text string) string {
	if r.IntN(100) < 14 {
		for _, slip := range g.script.Words.Slips.All() {
			if right, wrong, ok := strings.Cut(slip, "="); ok && strings.Contains(text, right) && r.IntN(3) == 0 {
				text = strings.Replace(text, right, wrong, 1)
				break
			}
		}
	}
	switch r.IntN(20) {
	case 0:
		text = strings.NewReplacer("，", " ", "。", " ", "！", " ").Replace(text)
	case 1:
		text = strings.ReplaceAll(strings.ReplaceAll(text, "。", "，"), "！", "，")
	case 2:
		text = strings.NewReplacer("，", ",", "。", ".", "？", "?", "！", "!!").Replace(text)
	case 3:
		text = strings.ReplaceAll(text, "！", "！！！")
	}
	return strings.TrimSpace(text)
}

// After returns how long after a time the next message comes.
func (g *Generator) After(n int, now time.Time) time.Duration {
	rate := g.rate(now.In(chinaTime)) // messages an hour
	hours := g.stream(n, ofArrival).ExpFloat64() / rate
	return max(time.Second, time.Duration(hours*float64(time.Hour)))
}

// Expected returns how many messages come between two times, about.
func (g *Generator) Expected(from, to time.Time) float64 {
	n := 0.0
	for at := from; at.Before(to); at = at.Add(time.Hour) {
		n += g.rate(at.In(chinaTime)) * min(1, to.Sub(at).Hours())
	}
	return n
}

// rate returns how many messages come in an hour at a time.
func (g *Generator) rate(at time.Time) float64 {
	rh := &g.script.Rhythm
	all := 0
	for _, w := range rh.Hours {
		all += w
	}
	day := float64(rh.PerDay) * float64(rh.Weekdays[(int(at.Weekday())+6)%7]) / 100
	return max(0.5, day*float64(rh.Hours[at.Hour()])/float64(all))
}
