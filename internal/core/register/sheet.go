package register

import (
	"encoding/binary"
	"errors"
	"slices"
	"strconv"
	"time"
)

// sheet is all that is and was known of one subject.
type sheet []Fact

var errSheet = errors.New("register: a sheet that cannot be read")

// put writes a fact down: what its source said before of these days ends, and what it
// said of other days stays. It reports whether anything is other than before. A fact
// without a value says that there is none on those days.
func (s *sheet) put(f Fact) bool {
	same := false
	var rest []Fact
	for i := range *s {
		e := &(*s)[i]
		if e.Item != f.Item || e.Source != f.Source || e.Ended != 0 || !overlap(*e, f) {
			continue
		}
		if e.Value == f.Value && covers(*e, f) {
			same = true
			continue
		}
		before, after := *e, *e
		e.Ended = f.Recorded
		if f.From > e.From {
			before.To, before.Recorded = shift(f.From, -1), f.Recorded
			rest = append(rest, before)
		}
		if f.To != "" && (e.To == "" || e.To > f.To) {
			after.From, after.Recorded = shift(f.To, 1), f.Recorded
			rest = append(rest, after)
		}
		if e.Recorded == f.Recorded { // said and put right in one breath: it never stood
			e.Item = ""
		}
	}
	*s = slices.DeleteFunc(*s, func(e Fact) bool { return e.Item == "" })
	if same {
		return false
	}
	changed := f.Value != "" || len(rest) > 0 || slices.ContainsFunc(*s, func(e Fact) bool { return e.Ended == f.Recorded && e.Item == f.Item })
	*s = append(*s, rest...)
	if f.Value != "" {
		*s = append(*s, f)
	}
	return changed
}

func overlap(a, b Fact) bool {
	return (a.To == "" || b.From <= a.To) && (b.To == "" || a.From <= b.To)
}

func covers(a, b Fact) bool {
	return a.From <= b.From && (a.To == "" || b.To != "" && b.To <= a.To)
}

// on returns what every source says of every item on a day, as far as it was known at
// a moment (UTC milliseconds).
func (s sheet) on(day string, known int64) []Fact {
	var out []Fact
	for _, f := range s {
		if f.Recorded <= known && (f.Ended == 0 || f.Ended > known) && f.From <= day && (f.To == "" || f.To >= day) {
			out = append(out, f)
		}
	}
	return out
}

// settle returns the fact of each item that the register believes: that of its first
// source, or of what Most counts the largest. Where sources have to agree and do not, it is in doubt, unless a source that
// settles things has spoken.
func (r *Register) settle(facts []Fact) map[string]Fact {
	out := make(map[string]Fact, len(facts))
	for _, f := range facts {
		was, there := out[f.Item]
		if !there {
			out[f.Item] = f
			continue
		}
		first, second := was, f
		if r.source(f.Source) < r.source(was.Source) {
			first, second = f, was
		}
		first.Doubt = false
		it, ok := r.Item(f.Item)
		if ok && it.Most && !r.final(first.Source) && greater(second.Value, first.Value) {
			first = second
		}
		if ok && it.Agree && (was.Doubt || first.Value != second.Value) {
			first.Doubt = !r.final(first.Source)
		}
		out[f.Item] = first
	}
	return out
}

// final reports whether a source settles what others contradict each other about.
func (r *Register) final(source string) bool {
	rank := r.source(source)
	return rank < len(r.Sources) && r.Sources[rank].Final
}

// greater compares two numbers as the register writes them.
func greater(a, b string) bool {
	x, err := strconv.ParseFloat(a, 64)
	y, err2 := strconv.ParseFloat(b, 64)
	return err == nil && (err2 != nil || x > y)
}

// sheetForm is the number of the form of sheets, which they begin with. Then come runs
// of facts that share source and times; an item is its number in register_item.
const sheetForm = 1

// numbers are the numbers of the items of a register.
type numbers struct {
	of    map[string]uint64
	names map[uint64]string
}

func (n *numbers) encode(s sheet) []byte {
	b := append(make([]byte, 0, 32+24*len(s)), sheetForm)
	for i := 0; i < len(s); {
		end := i + 1
		for end < len(s) && s[end].alike(s[i]) {
			end++
		}
		b = appendText(b, s[i].Source)
		b = binary.AppendUvarint(b, dayNumber(s[i].From))
		b = binary.AppendUvarint(b, dayNumber(s[i].To))
		b = binary.AppendUvarint(b, uint64(s[i].Recorded))
		b = binary.AppendUvarint(b, uint64(s[i].Ended))
		b = binary.AppendUvarint(b, uint64(end-i))
		for ; i < end; i++ {
			b = binary.AppendUvarint(b, n.of[s[i].Item])
			b = appendText(b, s[i].Value)
		}
	}
	return b
}

func (f Fact) alike(g Fact) bool {
	return f.Source == g.Source && f.From == g.From && f.To == g.To && f.Recorded == g.Recorded && f.Ended == g.Ended
}

func (n *numbers) decode(b []byte) (sheet, error) {
	var s sheet
	err := walk(b, func(run run, item uint64, value []byte) {
		if code := n.names[item]; code != "" { // else it was declared once and is no more
			s = append(s, Fact{Item: code, Value: string(value), Source: string(run.source), From: dayText(run.from), To: dayText(run.to),
				Recorded: run.recorded, Ended: run.ended})
		}
	})
	return s, err
}

// run is what some facts of a sheet share; its days are dayNumbers.
type run struct {
	source          []byte
	from, to        uint64
	recorded, ended int64
}

// walk gives each fact of an encoded sheet.
func walk(b []byte, take func(run run, item uint64, value []byte)) error {
	if len(b) == 0 || b[0] != sheetForm {
		return errSheet
	}
	r := reader{b: b[1:]}
	for len(r.b) > 0 {
		shared := run{source: r.bytes(), from: r.number(), to: r.number(), recorded: int64(r.number()), ended: int64(r.number())}
		for range r.number() {
			item, value := r.number(), r.bytes()
			if r.bad {
				return errSheet
			}
			take(shared, item, value)
		}
	}
	if r.bad {
		return errSheet
	}
	return nil
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// reader takes numbers and texts from bytes; bad once there were too few.
type reader struct {
	b   []byte
	bad bool
}

func (r *reader) number() uint64 {
	v, n := binary.Uvarint(r.b)
	if n <= 0 {
		r.bad, r.b = true, nil
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (r *reader) bytes() []byte {
	n := r.number()
	if n > uint64(len(r.b)) {
		r.bad, r.b = true, nil
		return nil
	}
	out := r.b[:n]
	r.b = r.b[n:]
	return out
}

const day = 24 * 60 * 60

// dayNumber counts days from the year 1, 0 for none.
func dayNumber(s string) uint64 {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return 0
	}
	return uint64((t.Unix()-epoch)/day) + 1
}

func dayText(n uint64) string {
	if n == 0 {
		return ""
	}
	return time.Unix(epoch+int64(n-1)*day, 0).UTC().Format(time.DateOnly)
}

// epoch is 1 January of the year 1 in seconds: no day that can be written is earlier.
var epoch = time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC).Unix()
