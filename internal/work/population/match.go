package population

import (
	"math"
	"unicode/utf8"

	"yiwang/internal/base/idnumber"
	"yiwang/internal/base/textzh"
)

// face is what two records of persons are compared by.
type face struct {
	name    string
	sound   uint64 // of the name
	number  string // as written, in capitals
	proper  bool   // the number is well formed
	birth   string
	male    byte // 'm', 'f' or 0
	phone   string
	address string
}

// faceOf prepares a record for comparing.
func faceOf(r record) face {
	f := face{name: r.name, birth: r.birth, phone: r.phone, address: r.address, number: idnumber.Plain(r.number)}
	_, err := idnumber.Citizen(f.number)
	f.proper = err == nil
	if r.sex != "" {
		f.male = r.sex[0]
	}
	h := uint64(offset)
	for _, c := range r.name {
		h = (h ^ uint64(textzh.Sound(c))) * prime
	}
	f.sound = h
	return f
}

// The constants of FNV-1a.
const (
	offset = 14695981039346656037
	prime  = 1099511628211
)

func hash(kind byte, parts ...string) uint64 {
	h := (uint64(offset) ^ uint64(kind)) * prime
	for _, p := range parts {
		for i := range len(p) {
			h = (h ^ uint64(p[i])) * prime
		}
		h = (h ^ 0xff) * prime
	}
	return h
}

// The weights, in bits: how much likelier a field is as it is if both records are of
// one person. Of a name it depends on how many bear it.
const (
	sameBirth, nearBirth, otherBirth   = 14.5, 2, -10
	nearNumber, farNumber              = 13, -5
	leastName, mostName                = 6, 14
	oneCharacter, otherName            = 2, -9
	sameSex, otherSex                  = 1, -5
	samePhone, otherPhone              = 10, -1
	sameAddress, otherAddress          = 8, -1
	surely, maybe, apart, soundsToName = 24, 15, 4, .55
)

// verdict is what comparing two records says.
type verdict struct {
	score float64
	sure  bool   // they may be taken for one person without asking
	clash string // items, joined by commas, that contradict a shared number
}

// different is the score of records that are of two people.
const different = -100

// compare weighs two records; people is how many bear a name among all.
func (w *weigher) compare(a, b *face) verdict {
	name, near := w.name(a, b)
	birth := a.birth == b.birth && a.birth != ""
	if a.proper && b.proper {
		if a.number != b.number {
			return verdict{score: different}
		}
		v := verdict{score: 30 + name, sure: true}
		if !birth && a.birth != "" && b.birth != "" {
			v.clash = "birth"
		}
		if name < 0 {
			v.clash = join(v.clash, "name")
		}
		v.sure = v.clash == ""
		return v
	}
	score := name
	switch {
	case a.birth == "" || b.birth == "":
	case birth:
		score += sameBirth
	case nearDay(a.birth, b.birth):
		score += nearBirth
	default:
		score += otherBirth
	}
	close := false
	if a.number != "" && b.number != "" {
		if close = nearText(a.number, b.number); close {
			score += nearNumber
		} else {
			score += farNumber
		}
	}
	score += agree(a.male == b.male, a.male != 0 && b.male != 0, sameSex, otherSex)
	phone := a.phone == b.phone && a.phone != ""
	score += agree(phone, a.phone != "" && b.phone != "", samePhone, otherPhone)
	address := a.address == b.address && a.address != ""
	score += agree(address, a.address != "" && b.address != "", sameAddress, otherAddress)
	// Twins share a birthday, a home and a telephone, and nearly a name and a number:
	// who is named otherwise needs the number for a witness, or the telephone.
	sure := score >= surely && birth && name > 0 && (near != 1 || close || phone)
	return verdict{score: score, sure: sure}
}

func agree(same, both bool, yes, no float64) float64 {
	switch {
	case !both:
		return 0
	case same:
		return yes
	}
	return no
}

func join(a, b string) string {
	if a == "" {
		return b
	}
	return a + "," + b
}

// weigher knows how many records bear each name.
type weigher struct {
	bear  map[string]int32
	total float64
}

func newWeigher(all []face) *weigher {
	w := &weigher{bear: make(map[string]int32, len(all)/4), total: float64(len(all))}
	for i := range all {
		w.bear[all[i].name]++
	}
	return w
}

// name weighs two names, and says by how many characters they differ (0, 1 or 2 for
// more).
func (w *weigher) name(a, b *face) (score float64, differ int) {
	if a.name == "" || b.name == "" {
		return 0, 2
	}
	rare := min(mostName, max(leastName, math.Log2(w.total/float64(max(1, min(w.bear[a.name], w.bear[b.name]))))))
	switch {
	case a.name == b.name:
		return rare, 0
	case a.sound == b.sound:
		return rare * soundsToName, 0
	case oneOff(a.name, b.name):
		return oneCharacter, 1
	}
	return otherName, 2
}

// oneOff reports whether two names of equal length differ in one character after the
// first, or one has one more.
func oneOff(a, b string) bool {
	x, y := []rune(a), []rune(b)
	if len(x) < len(y) {
		x, y = y, x
	}
	if len(x) < 2 || len(y) == 0 || x[0] != y[0] || len(x)-len(y) > 1 {
		return false
	}
	if len(x) > len(y) {
		return string(x[:len(y)]) == b || string(x[:len(y)]) == a
	}
	n := 0
	for i := range x {
		if x[i] != y[i] {
			n++
		}
	}
	return n == 1
}

// nearDay reports whether two days differ in one part, or in two digits swapped.
func nearDay(a, b string) bool {
	if len(a) != 10 || len(b) != 10 {
		return false
	}
	same := 0
	for _, p := range [][2]int{{0, 4}, {5, 7}, {8, 10}} {
		if a[p[0]:p[1]] == b[p[0]:p[1]] {
			same++
		}
	}
	return same == 2 || a[:4] == b[:4] && a[5:7] == b[8:] && a[8:] == b[5:7]
}

// nearText reports whether two texts differ in at most two characters of equal length,
// or lack one.
func nearText(a, b string) bool {
	if len(a) == len(b) {
		n := 0
		for i := range len(a) {
			if a[i] != b[i] {
				n++
			}
		}
		return n <= 2
	}
	if len(a) < len(b) {
		a, b = b, a
	}
	if len(a)-len(b) > 1 || utf8.RuneCountInString(a) != len(a) {
		return false
	}
	i := 0
	for i < len(b) && a[i] == b[i] {
		i++
	}
	return a[i+1:] == b[i:]
}
