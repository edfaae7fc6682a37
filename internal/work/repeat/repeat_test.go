package repeat

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"

	"yiwang/internal/base/text"
	"yiwang/internal/work/dispatch"
)

const hour = int64(time.Hour / time.Millisecond)

var start = time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC).UnixMilli()

func id(n uint64) string {
	var u ulid.ULID
	binary.BigEndian.PutUint64(u[8:], n)
	return u.String()
}

// said is a message at an hour, read as a matter.
func said(n uint64, at int64, matter, text string) Entry {
	read := dispatch.Reading{Model: "m", Matters: []dispatch.Scored{{Label: matter, P: 0.9}}}
	return Entry{ID: id(n), Area: "440304001", Print: Of(Said{Text: text, At: start + at*hour, Read: read})}
}

func ExampleIndex() {
	x := New()
	x.Meet(said(1, 0, "030101", "景田路与莲花路交叉口路面塌陷，有个大坑，电动车差点栽进去"))
	for _, h := range x.Meet(said(2, 48, "030101", "景田路靠近莲花路的地方马路陷下去了，坑洼很深，请尽快修补")) {
		fmt.Println(h.ID == id(1), h.Recurs, h.Say(text.Chinese))
	}
	// Output: true false 同一地点、同一诉求，相隔2天
}

// A case never repeats itself, nor what is too old, refused, or taken out.
func TestWhatIsNotFound(t *testing.T) {
	x := New()
	one := said(1, 0, "030101", "景田路与莲花路交叉口路面塌陷，有个大坑")
	two := said(2, 24, "030101", "景田路与莲花路交叉口路面塌陷，有个大坑")
	x.Add(one)
	x.Add(one)
	if x.Len() != 1 || len(x.Find(one)) != 0 {
		t.Errorf("%d remembered, finds itself %v", x.Len(), x.Find(one))
	}
	if len(x.Find(two)) != 1 {
		t.Fatal("the same words are not found")
	}
	if late := said(3, 24*500, "030101", "景田路与莲花路交叉口路面塌陷，有个大坑"); len(x.Find(late)) != 0 {
		t.Error("an event of last year is still looked for")
	}
	x.Add(two)
	x.Heed(Verdict{Case: two.ID, Other: one.ID})
	if len(x.Find(two)) != 0 || len(x.Find(one)) != 0 {
		t.Error("what a person refused is proposed again")
	}
	x.Forget(one.ID)
	if x.Has(one.ID) || x.Len() != 1 {
		t.Error("still there after it was taken out")
	}
	for _, bad := range []Entry{{}, {ID: "case 1"}} {
		x.Add(bad)
	}
	if x.Len() != 1 {
		t.Error("an entry without an id is remembered")
	}
}

// Once a case is closed, what tells of it again is a recurrence; opened again, a
// repeat.
func TestRecurrence(t *testing.T) {
	x := New()
	x.Add(said(1, 0, "030101", "景田路与莲花路交叉口路面塌陷，有个大坑"))
	again := said(2, 24*20, "030101", "景田路与莲花路交叉口路面又塌陷了，有个大坑")
	for _, c := range []struct {
		closed int64
		recurs bool
		action string
	}{{start + 240*hour, true, "link_recurrence"}, {0, false, "link_repeat"}, {start + 24*30*hour, false, "link_repeat"}} {
		x.Close(id(1), c.closed)
		hits := x.Find(again)
		if len(hits) != 1 || hits[0].Recurs != c.recurs || hits[0].Action() != c.action {
			t.Errorf("closed at %d: %+v", c.closed, hits)
		}
		if c.recurs && hits[0].Days != 10 {
			t.Errorf("%d days after it was closed, want 10", hits[0].Days)
		}
	}
}

// Of two messages at the same time it does not matter which is met first.
func TestSymmetry(t *testing.T) {
	texts := []string{
		"景田路与莲花路交叉口路面塌陷，有个大坑", "景田路的井盖不见了", "翠海花园3栋电梯坏了半个月", "翠海花园电梯老是困人",
		"翠海花园3栋物业乱收费", "莲花路的路灯不亮", "您好，景田路坑洼不平",
	}
	for i, a := range texts {
		for j, b := range texts {
			if i == j {
				continue
			}
			one, two := New(), New()
			ea, eb := said(1, 5, "030101", a), said(2, 5, "030102", b)
			one.Add(ea)
			two.Add(eb)
			ha, hb := one.Find(eb), two.Find(ea)
			if len(ha) != len(hb) || len(ha) == 1 && ha[0].Score != hb[0].Score {
				t.Errorf("%q and %q: %v one way, %v the other", a, b, ha, hb)
			}
		}
	}
}

func TestNames(t *testing.T) {
	same := [][2]string{
		{"景田路积水", "福田区景田路上积水"}, {"彩田路口", "菜田路有坑"}, {"住在翠海花园", "翠海小区3栋"},
		{"东方健身中心关门", "示范区东方健身中心跑路了"},
	}
	for _, c := range same {
		a, b := Of(Said{Text: c[0]}), Of(Said{Text: c[1]})
		if !slices.ContainsFunc(a.Marks, func(m uint32) bool { return slices.Contains(b.Marks, m) }) {
			t.Errorf("%q and %q have no name in common", c[0], c[1])
		}
	}
	for _, none := range []string{"路灯不亮", "我们小区的马路", "这条路上", "公交站台", "健身中心", "物业公司", "道路", "整个小区"} {
		if p := Of(Said{Text: none}); len(p.Marks) != 0 {
			t.Errorf("%q is taken for a name", none)
		}
	}
	spots := Of(Said{Text: "翠海花园3栋2单元，东门，景田路12号，1**号"}).Spots
	if len(spots) != 4 {
		t.Errorf("%d spots", len(spots))
	}
}

// A stored print is read as it was written; nothing else is read.
func TestPrintIsStored(t *testing.T) {
	p := said(1, 3, "030101", "景田路12号的“幸福里”楼盘3栋渗水").Print
	b := p.Bytes()
	back, ok := Parse(b)
	if !ok || !reflect.DeepEqual(p, back) {
		t.Errorf("%+v came back as %+v", p, back)
	}
	for n := range b {
		if _, ok := Parse(b[:n]); ok {
			t.Errorf("%d of %d bytes are read", n, len(b))
		}
	}
	if _, ok := Parse(make([]byte, 256)); ok {
		t.Error("the sketch of an earlier version is read")
	}
}

// The index finds the same after it has been built again, and lets go of what is
// too old.
func TestRebuild(t *testing.T) {
	x := New()
	x.Sweep(start) // of nothing
	for n := range uint64(5000) {
		x.Add(said(n+1, int64(n), "030101", fmt.Sprintf("景%c路第%d号路面塌陷", rune(0x4e00+n%900), n)))
	}
	ask := said(9999, 5000, "030101", "景亀路路面塌陷，有个大坑")
	before := x.Find(ask)
	x.Sweep(start + 5000*hour)
	if after := x.Find(ask); len(before) == 0 || !reflect.DeepEqual(before, after) {
		t.Errorf("%v before, %v after", before, after)
	}
	for n := range uint64(2000) {
		x.Forget(id(n + 1))
	}
	if x.Len() != 3000 || x.Has(id(5)) || !x.Has(id(4000)) {
		t.Errorf("%d left", x.Len())
	}
	x.Sweep(start + 24*500*hour)
	if x.Len() >= 3000 {
		t.Errorf("%d are remembered for ever", x.Len())
	}
}

// People who refuse make it careful, people who accept make it bold.
func TestHeed(t *testing.T) {
	x := New()
	x.Add(said(1, 0, "030101", "景田路与莲花路交叉口路面塌陷，有个大坑"))
	ask := said(2, 24, "030101", "景田路坑坑洼洼，车都没法开")
	x.Add(ask)
	score := func() float64 {
		c := ask
		c.ID = id(3)
		hits := x.Find(c)
		for _, h := range hits {
			if h.ID == id(1) {
				return h.Score
			}
		}
		return 0
	}
	was := score()
	for range 10 {
		x.Heed(Verdict{Case: id(2), Other: id(1), Same: true})
	}
	bold := score()
	for range 40 {
		x.Heed(Verdict{Case: id(2), Other: id(1)})
	}
	if careful := score(); !(bold >= was && was > careful) {
		t.Errorf("%.3f, bold %.3f, careful %.3f", was, bold, careful)
	}
}

// million fills an index with cases of a large city: eight thousand roads and
// estates, named as unequally as they are in life.
func million(n int) (*Index, func() Entry) {
	r := rand.New(rand.NewPCG(1, 2))
	x := New()
	zipf := rand.NewZipf(r, 1.1, 20, 7999)
	next := uint64(0)
	entry := func() Entry {
		next++
		e := Entry{ID: id(next), Area: fmt.Sprint(r.IntN(900)), Lng: 114 + r.Float64()/2, Lat: 22.5 + r.Float64()/3}
		if r.IntN(2) == 0 {
			e.Lng, e.Lat = 0, 0
		}
		p := &e.Print
		p.At, p.Person, p.Model = start+int64(next)*60_000/4, r.Uint32()|1, 1
		for range 1 + r.IntN(5) {
			p.Marks = append(p.Marks, uint32(zipf.Uint64()+1)*2654435761&^3|uint32(1+r.IntN(2)))
		}
		p.Spots = []uint16{uint16(1<<13 + r.IntN(300))}
		for i := range p.Topics {
			t := uint16(min(514, int(r.ExpFloat64()*60)))
			p.Topics[i] = Topic{t + 1, t/6 + 1, uint8(200 >> i)}
		}
		for i := range p.Words {
			p.Words[i] = byte(r.Uint32())
		}
		for i := range p.Bands {
			p.Bands[i] = r.Uint32()>>10 | 1
		}
		p.Concepts = [2]uint64{1<<r.IntN(64) | 1<<r.IntN(64), 1 << r.IntN(10)}
		p.Sense = [2]uint64{r.Uint64(), r.Uint64()}
		return e
	}
	for range n {
		x.Add(entry())
	}
	return x, entry
}

// BenchmarkMillion looks among a million open cases and says what the index weighs.
func BenchmarkMillion(b *testing.B) {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	x, entry := million(1_000_000)
	runtime.GC()
	runtime.ReadMemStats(&after)
	var took []time.Duration
	for b.Loop() {
		e := entry()
		began := time.Now()
		x.Find(e)
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/(1<<20), "MiB")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
	runtime.KeepAlive(x)
}

// BenchmarkAlike meets messages that are much alike, as where a whole district is
// without water: each shares streets, matters and words with thousands before it.
func BenchmarkAlike(b *testing.B) {
	streets := strings.Fields("香蜜湖街道 莲花街道 南园街道 沙头街道 梅林街道 福田街道 园岭街道 华强北街道 福保街道 华富街道")
	troubles := strings.Fields("夜间施工噪声 路灯不亮 垃圾没有清运 电梯故障 占道经营 自来水发黄 违法搭建 乱停车 油烟扰民 井盖松动 树枝遮挡 拖欠工资")
	alike := func(n int) Entry {
		k := n % len(troubles)
		e := said(uint64(n+1), int64(n/400), fmt.Sprintf("03%02d01", k), fmt.Sprintf("%s\n%s第%d号附近%s，已经%d天了，找过物业没有用，请尽快派人处理。", troubles[k], streets[n/7%len(streets)], n, troubles[k], 1+n%30))
		e.Area = fmt.Sprintf("4403040%02d", n/7%len(streets))
		e.Print.Person = uint32(n + 1)
		return e
	}
	x := New()
	const before = 20_000
	for n := range before {
		x.Add(alike(n))
	}
	entries := make([]Entry, 2000)
	for i := range entries {
		entries[i] = alike(before + i)
	}
	b.ResetTimer()
	for i := 0; b.Loop(); i++ {

		x.Find(entries[i%len(entries)])
	}
}

// A look that leaves a pair as soon as it is sure to be worse finds what one finds
// that judges every pair to its end, of strangers and of those that are much alike.
func TestEarlyEnd(t *testing.T) {
	x, entry := million(20_000)
	r := rand.New(rand.NewPCG(5, 8))
	endless := bound{rest: []float32{float32(math.Inf(1))}}
	all, never := make(bounds, classes), make(fineBounds, 1)
	never[0].bound.Store(&bound{of: math.MaxUint64}) // of no class
	for i := range all {
		all[i].Store(&endless)
	}
	last, found := entry(), 0
	for range 600 {
		e := entry()
		if r.IntN(2) == 0 {
			e = alike(r, last, e)
		}
		quick := x.Find(e)
		known, fines := x.bounds, x.fines
		x.bounds, x.fines = all, never
		slow := x.Find(e)
		x.bounds, x.fines = known, fines
		if !reflect.DeepEqual(quick, slow) {
			t.Fatalf("found %v, judging all %v", quick, slow)
		}
		found += len(slow)
		x.Add(e)
		last = e
	}
	if found < 100 {
		t.Errorf("only %d were found at all", found)
	}
	fine := 0
	for i := range x.fines {
		if x.fines[i].bound.Load() != nil {
			fine++
		}
	}
	if fine == 0 {
		t.Error("no fine class was met often")
	}

}

// alike makes a case that has some of what another has.
func alike(r *rand.Rand, a, b Entry) Entry {
	some := func() bool { return r.IntN(3) > 0 }
	if some() {
		b.Area = a.Area
	}
	if some() {
		b.Lng, b.Lat = a.Lng, a.Lat
	}
	p, q := &b.Print, &a.Print
	if some() {
		p.Marks = q.Marks
	}
	if some() {
		p.Person = q.Person
	}
	if some() {
		p.Topics, p.Concepts = q.Topics, q.Concepts
	}
	if some() {
		p.Sense = q.Sense
	}
	n := r.IntN(len(p.Words) + 1)
	copy(p.Words[:n], q.Words[:n])
	if some() {
		p.Bands = q.Bands
	}
	return b
}
