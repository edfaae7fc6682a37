package repeat

import (
	"cmp"
	"math"
	"slices"
	"sync"

	"github.com/oklog/ulid/v2"

	"yiwang/internal/base/mapped"
	"yiwang/internal/base/textzh"
)

// Entry is a case as the index remembers it.
type Entry struct {
	ID       string // a ULID
	Area     string // the narrowest known, "" unknown
	Lng, Lat float64
	ClosedAt int64 // 0 while it is open
	Print    Print
}

// Bounds of a look. On streams of ten thousand invented messages that are not reported
// on, five times as many cases looked at find nothing more; fewer begin to miss.
const (
	most      = 5   // hits returned
	perKey    = 100 // cases looked at for one thing in common, the newest first
	perLook   = 400 // and for all together
	strangers = 4   // times as many may be passed over that share a chain by chance
	chunkSize = 4096
	slots     = 16 // things by which an entry is found
	slotBits  = 4
	cell      = 300 // edge in 1e-5 degrees: about three hundred metres
)

// The slots of an entry after its marks.
const (
	bandSlot   = mostMarks
	personSlot = bandSlot + bands
	cellSlot   = personSlot + 1
	localSlot  = personSlot + 2
	idSlot     = personSlot + 3
)

// stored is an entry as compactly as a million of them need it. next chains the
// entries that share a key, the newest first: entry<<slotBits | slot, 0 ends.
type stored struct {
	id       ulid.ULID
	at       uint32 // minutes since 1970
	closed   uint32
	person   uint32
	lng, lat int32 // 1e-5 degrees, both 0 unknown
	area     uint16
	model    uint8
	gone     bool
	marks    [mostMarks]uint32 // 0 ends
	spots    [mostSpots]uint16
	topics   [topics]Topic
	words    [words / 2]byte
	bands    [bands]uint32
	concepts [2]uint64
	sense    [2]uint64
	next     [slots]uint32
}

// Index remembers cases by their prints. It is safe for concurrent use.
type Index struct {
	mu      sync.RWMutex
	chunks  []*[chunkSize]stored
	n       int      // entries, the first stays empty so that 0 is nobody
	dead    int      // entries that were taken out
	heads   []uint32 // by key: the newest entry<<slotBits | slot
	ids     []uint32 // by key of an id, likewise: what everybody shares is not in its way
	seen    []uint32 // how many entries bear a mark, by its last bits
	areas   map[string]uint16
	refused map[[2]ulid.ULID]bool
	scales  Scales
	bounds  bounds     // of scales
	fines   fineBounds // likewise
	looks   sync.Pool
	room    *mapped.File // in which the chunks lie, nil where they lie in memory
	full    bool         // the room: chunks that come lie in memory
}

const seenSize = 1 << 18

// New returns an empty index.
func New() *Index {
	x := &Index{areas: map[string]uint16{}, refused: map[[2]ulid.ULID]bool{}}
	x.Use(learnt)
	x.heads, x.ids, x.seen, x.n = make([]uint32, 1<<12), make([]uint32, 1<<12), make([]uint32, seenSize), 1
	x.looks.New = func() any { return &look{} }
	return x
}

// Use judges by other scales than those that ship with the program.
func (x *Index) Use(s Scales) {
	x.scales, x.bounds, x.fines = s, make(bounds, classes), make(fineBounds, finePlaces)
}

func (x *Index) entry(n uint32) *stored { return &x.chunks[n/chunkSize][n%chunkSize] }

// next returns what follows in a chain, 0 after its end.
func (x *Index) next(at uint32) uint32 {
	if at == 0 {
		return 0
	}
	return x.entry(at >> slotBits).next[at&(slots-1)]
}

// Len returns how many cases are remembered.
func (x *Index) Len() int {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return x.n - 1 - x.dead
}

// Add remembers a case. One without a usable id is not remembered.
func (x *Index) Add(e Entry) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.add(e)
}

func (x *Index) add(e Entry) {
	id, err := ulid.ParseStrict(e.ID)
	if err != nil || x.find(id) != nil {
		return
	}
	s := x.pack(&e)
	s.id = id
	if 2*x.n > len(x.heads) {
		x.rebuild(2*len(x.heads), func(*stored) bool { return true })
	}
	x.put(&s)
}

// put appends an entry and chains it to those it shares a key with.
func (x *Index) put(s *stored) {
	if x.n/chunkSize == len(x.chunks) {
		x.chunks = append(x.chunks, x.chunk())
	}
	n := uint32(x.n)
	x.n++
	for slot, key := range keys(s) {
		s.next[slot] = 0
		if key != 0 {
			h := x.head(key, slot)
			s.next[slot], *h = *h, n<<slotBits|uint32(slot)
		}
	}
	for _, m := range s.marks {
		if m != 0 {
			x.seen[m%seenSize]++
		}
	}
	*x.entry(n) = *s
}

// head is where the chain of a key begins.
func (x *Index) head(key uint64, slot int) *uint32 {
	if slot == idSlot {
		return &x.ids[key&uint64(len(x.ids)-1)]
	}
	return &x.heads[key&uint64(len(x.heads)-1)]
}

// Under takes what another index remembers, as older than all that this one does;
// of a case that both know this one knows the later state. The other is used up.
func (x *Index) Under(old *Index) {
	x.mu.Lock()
	defer x.mu.Unlock()
	chunks, n := x.chunks, x.n
	names := make([]string, len(x.areas)+1)
	for code, at := range x.areas {
		names[at] = code
	}
	x.chunks, x.n, x.dead, x.heads, x.ids, x.seen, x.areas = old.chunks, old.n, old.dead, old.heads, old.ids, old.seen, old.areas
	x.room, x.full = old.room, old.full
	for i := 1; i < n; i++ {
		s := chunks[i/chunkSize][i%chunkSize]
		if s.gone {
			continue
		}
		s.area = x.area(names[s.area])
		if was := x.find(s.id); was != nil {
			was.closed, was.area = s.closed, s.area
			continue
		}
		if 2*x.n > len(x.heads) {
			x.rebuild(2*len(x.heads), func(*stored) bool { return true })
		}
		x.put(&s)
	}
}

// rebuild chains the entries that are to be kept anew, in their order and in
// their place, under a table of a size.
func (x *Index) rebuild(heads int, keep func(*stored) bool) {
	n := x.n
	x.heads, x.ids, x.n, x.dead = make([]uint32, heads), make([]uint32, heads), 1, 0
	clear(x.seen)
	for i := 1; i < n; i++ {
		if s := *x.entry(uint32(i)); !s.gone && keep(&s) {
			x.put(&s)
		}
	}
	if x.room != nil {
		return // the chunks that are left over will be wanted again
	}
	used := min(len(x.chunks), (x.n+chunkSize-1)/chunkSize)
	clear(x.chunks[used:])
	x.chunks = x.chunks[:used]
}

// Sweep lets go of cases that are too old to be spoken of again, once there are many.
func (x *Index) Sweep(now int64) {
	x.mu.RLock()
	old := x.dead
	for i := 1; i < x.n; i++ {
		if s := x.entry(uint32(i)); !s.gone && x.tooOld(s, minutes(now)) {
			old++
		}
	}
	many := sweepFrom*old > x.n
	x.mu.RUnlock()
	if many {
		x.mu.Lock()
		defer x.mu.Unlock()
		x.rebuild(len(x.heads), func(s *stored) bool { return !x.tooOld(s, minutes(now)) })
	}
}

// sweepFrom is one in how many entries must be of no use for the others to be put
// together.
const sweepFrom = 16

// spread makes a key of a thing in common, never 0.
func spread(slot uint64, v uint64) uint64 {
	h := (v ^ slot<<56) * 0x9e3779b97f4a7c15
	h = (h ^ h>>32) * 0xbf58476d1ce4e5b9
	return h ^ h>>29 | 1<<63
}

func (x *Index) pack(e *Entry) stored {
	p := &e.Print
	s := stored{
		at: minutes(e.Print.At), closed: minutes(e.ClosedAt), person: p.Person, lng: degrees(e.Lng), lat: degrees(e.Lat),
		area: x.area(e.Area), model: p.Model, topics: p.Topics, words: p.Words, bands: p.Bands, concepts: p.Concepts, sense: p.Sense,
	}
	copy(s.marks[:], p.Marks)
	copy(s.spots[:], p.Spots)
	return s
}

func minutes(ms int64) uint32 { return uint32(ms / 60_000) }

func degrees(d float64) int32 { return int32(math.Round(d * 1e5)) }

func (x *Index) area(code string) uint16 {
	if code == "" {
		return 0
	}
	n, ok := x.areas[code]
	if !ok && len(x.areas) < math.MaxUint16 {
		n = uint16(len(x.areas) + 1)
		x.areas[code] = n
	}
	return n
}

// keys returns by what an entry is found, 0 where it has no such thing.
func keys(s *stored) (k [slots]uint64) {
	for i, m := range s.marks {
		if m != 0 {
			k[i] = spread(markKey, uint64(m))
		}
	}
	for i, b := range s.bands {
		if b != 0 {
			k[bandSlot+i] = bandKey(i, b)
		}
	}
	if s.person != 0 {
		k[personSlot] = spread(personKey, uint64(s.person))
	}
	if s.lng != 0 || s.lat != 0 {
		k[cellSlot] = cellKey(s.lng/cell, s.lat/cell)
	}
	if s.area != 0 && s.topics[0].Code != 0 {
		k[localSlot] = localKey(s, s.topics[0])
	}
	k[idSlot] = idKey(s.id)
	return k
}

// Kinds of keys.
const (
	markKey   = 1
	bandsKey  = 2 // and on, a kind for each band
	personKey = 20
	cellsKey  = 21
	localsKey = 22
	idsKey    = 23
)

func bandKey(i int, band uint32) uint64 { return spread(bandsKey+uint64(i), uint64(band)) }

// cellKey is that of a cell of the map.
func cellKey(lng, lat int32) uint64 {
	return spread(cellsKey, uint64(uint32(lng))<<32|uint64(uint32(lat)))
}

func localKey(s *stored, t Topic) uint64 { return spread(localsKey, uint64(s.area)<<16|uint64(t.Code)) }

func idKey(id ulid.ULID) uint64 { return spread(idsKey, textzh.Hash(string(id[:]))) }

// find returns the entry of a case, nil if it is not remembered.
func (x *Index) find(id ulid.ULID) *stored {
	for at := *x.head(idKey(id), idSlot); at != 0; {
		s := x.entry(at >> slotBits)
		if s.id == id && !s.gone {
			return s
		}
		at = s.next[idSlot]
	}
	return nil
}

// Close notes that a case was closed at a time, 0 that it was opened again.
func (x *Index) Close(id string, at int64) { x.change(id, func(s *stored) { s.closed = minutes(at) }) }

// Move notes where a case was found to be.
func (x *Index) Move(id, area string) { x.change(id, func(s *stored) { s.area = x.area(area) }) }

// Has reports whether a case is remembered.
func (x *Index) Has(id string) bool {
	u, err := ulid.ParseStrict(id)
	x.mu.RLock()
	defer x.mu.RUnlock()
	return err == nil && x.find(u) != nil
}

// Forget takes a case out.
func (x *Index) Forget(id string) {
	x.change(id, func(s *stored) {
		for _, m := range s.marks {
			if m != 0 {
				x.seen[m%seenSize]--
			}
		}
		*s = stored{gone: true, next: s.next} // nothing of it is kept
		if x.dead++; x.dead > 1000 && 4*x.dead > x.n {
			x.rebuild(len(x.heads), func(*stored) bool { return true })
		}
	})
}

func (x *Index) change(id string, do func(*stored)) {
	u, err := ulid.ParseStrict(id)
	if err != nil {
		return
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	if s := x.find(u); s != nil {
		do(s)
	}
}

// look is the memory of one look: which entries it has judged.
type look struct {
	round uint32
	mark  [1 << 14]struct{ round, n uint32 }
}

// first reports whether an entry is met for the first time in this round.
func (l *look) first(n uint32) bool {
	for i := n * 2654435761 >> 18; ; i = (i + 1) % (1 << 14) {
		m := &l.mark[i]
		if m.round != l.round {
			m.round, m.n = l.round, n
			return true
		}
		if m.n == n {
			return false
		}
	}
}

// Find returns the cases that tell of the same thing, the surest first.
func (x *Index) Find(e Entry) []Hit {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return x.look(&e)
}

// Meet looks for a case and remembers it, as one: of two that come at the same
// time the second finds the first.
func (x *Index) Meet(e Entry) []Hit {
	x.mu.Lock()
	defer x.mu.Unlock()
	hits := x.look(&e)
	x.add(e)
	return hits
}

func (x *Index) look(e *Entry) []Hit {
	found := make([]candidate, 0, most+1) // the surest first
	better := func(a, b candidate) int {
		return cmp.Or(cmp.Compare(b.z, a.z), a.s.id.Compare(b.s.id))
	}
	floor := math.Log(x.scales.Likely / (1 - x.scales.Likely))
	x.candidates(e, func(a *asking, s *stored) {
		q := &a.stored
		if !x.worthwhile(q, s) {
			return
		}
		k := classOf(q, s)
		b := x.bounds.of(&x.scales, k)
		short := float32(floor - x.scales.shift)
		if b.most() < short {
			return
		}
		var f features
		f.near(x, a, s)
		fine := k.fine(&f)
		if b = x.fines.of(&x.scales, &fine, b); b.most() < short {
			return
		}
		f.far(x, a, s)
		v := f.values()
		if !b.reaches(&x.scales, &v, short) {
			return
		}
		z := x.scales.odds(&v)
		if z < floor || x.scales.p(z) < x.scales.Likely {
			return
		}
		c := candidate{s, z, f}
		at, _ := slices.BinarySearchFunc(found, c, better)
		if at == most {
			return
		}
		if found = slices.Insert(found, at, c); len(found) > most {
			found = found[:most]
		}
		if len(found) == most {
			floor = found[most-1].z // one as sure may still come before it
		}
	})
	hits := make([]Hit, 0, len(found))
	for _, c := range found {
		hits = append(hits, x.hit(e, c))
	}
	return hits
}

// candidates calls fn once with each entry that shares something with e.
func (x *Index) candidates(e *Entry, fn func(a *asking, s *stored)) {
	q := x.packRead(e)
	a := x.ask(&q)
	self, _ := ulid.ParseStrict(e.ID)
	l := x.looks.Get().(*look)
	defer x.looks.Put(l)
	l.round++
	left := perLook
	// try looks at those that share a thing, the newest first. A chain also holds some
	// that came into it by chance.
	try := func(key uint64, shares func(s *stored, slot uint32) bool) {
		here := perKey
		at := *x.head(key, 0)
		after := x.next(at)
		for steps := strangers * perKey; at != 0 && here > 0 && left > 0 && steps > 0; steps-- {
			n, slot := at>>slotBits, at&(slots-1)
			s := x.entry(n)
			// The one after the next is asked for while this one is looked at: it lies
			// elsewhere in memory.
			at, after = after, x.next(after)
			if !shares(s, slot) {
				continue
			}
			here, left = here-1, left-1
			if !s.gone && l.first(n) && s.id != self && !x.tooOld(s, q.at) && !x.isRefused(self, s.id) {
				fn(a, s)
			}
		}
	}
	for _, m := range x.rarestFirst(&q) {
		if m != 0 {
			try(spread(markKey, uint64(m)), func(s *stored, slot uint32) bool { return slot < mostMarks && s.marks[slot] == m })
		}
	}
	for i, b := range q.bands {
		if b != 0 {
			try(bandKey(i, b), func(s *stored, slot uint32) bool { return slot == bandSlot+uint32(i) && s.bands[i] == b })
		}
	}
	if q.person != 0 {
		try(spread(personKey, uint64(q.person)), func(s *stored, slot uint32) bool { return slot == personSlot && s.person == q.person })
	}
	local := func(t Topic) {
		if q.area != 0 && t.Code != 0 {
			try(localKey(&q, t), func(s *stored, slot uint32) bool {
				return slot == localSlot && s.area == q.area && s.topics[0].Code == t.Code
			})
		}
	}
	local(q.topics[0])
	if q.lng != 0 || q.lat != 0 {
		for d := range int32(9) {
			lng, lat := q.lng/cell+d%3-1, q.lat/cell+d/3-1
			try(cellKey(lng, lat), func(s *stored, slot uint32) bool {
				return slot == cellSlot && s.lng/cell == lng && s.lat/cell == lat
			})
		}
	}
	for _, t := range q.topics[1:3] { // the reading may have ranked them otherwise
		local(t)
	}
}

// packRead packs an entry without noting an area that nobody has.
func (x *Index) packRead(e *Entry) stored {
	n := x.areas[e.Area]
	known := *e
	known.Area = ""
	s := x.pack(&known)
	s.area = n
	return s
}

// rarestFirst returns the marks of an entry, those that say most before the others.
func (x *Index) rarestFirst(q *stored) [mostMarks]uint32 {
	marks := q.marks
	slices.SortStableFunc(marks[:], func(a, b uint32) int { return cmp.Compare(x.seen[a%seenSize], x.seen[b%seenSize]) })
	return marks
}

// keepDays is how long a case can be what a new message speaks of: an open one
// longer than one that was closed.
const (
	keepOpen   = 400 * 24 * 60
	keepClosed = 200 * 24 * 60
)

func (x *Index) tooOld(s *stored, now uint32) bool {
	if s.closed != 0 {
		return now > s.closed+keepClosed
	}
	return now > s.at+keepOpen
}
