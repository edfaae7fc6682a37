package population

import (
	"strconv"

	"yiwang/internal/base/textzh"
)

// Noise is how often the fields of a record of another source differ from the
// person's: shares from 0 to 1, each independent of the others.
type Noise struct {
	NoNumber, WrongNumber   float64 // no identity number; one digit wrong, or two swapped
	OtherSound, WrongName   float64 // a character of the same sound; any other character
	WrongBirth, WrongSex    float64
	NoPhone, OtherPhone     float64
	NoAddress, OtherAddress float64
}

// Usual is the noise of a load that nobody prepared: one number in four missing or
// wrong, one name in twelve, two of five telephone numbers and one of three addresses
// out of date.
var Usual = Noise{NoNumber: .15, WrongNumber: .10, OtherSound: .04, WrongName: .04, WrongBirth: .003, WrongSex: .003,
	NoPhone: .10, OtherPhone: .30, NoAddress: .05, OtherAddress: .28}

// Sources that hold records of people whom the first source knows, and their shares.
var doubling = []struct {
	source string
	share  float64
}{{"social", .5}, {"health", .3}, {"housing", .2}}

// record is what a source says of a person.
type record struct{ name, number, sex, birth, phone, address string }

// doubles writes records of other sources about a person.
func (g *generator) doubles(p *person, of record, insured, disability string) {
	for _, d := range doubling {
		if g.noise.Float64() >= g.Doubles*d.share {
			continue
		}
		r := g.damage(of)
		cells := []string{r.name, r.number, r.sex, r.birth, r.phone, r.address}
		switch d.source {
		case "social":
			cells = append(cells, insured)
		case "health":
			cells = append(cells, disability)
		}
		no := g.row("person@"+d.source, cells...)
		g.put(truthFile, []string{"person@" + d.source, strconv.Itoa(no), strconv.Itoa(p.no)})
	}
}

// damage returns a record as a careless source would hold it.
func (g *generator) damage(r record) record {
	n, hit := g.noise, func(share float64) bool { return g.noise.Float64() < share }
	switch {
	case hit(g.Noise.NoNumber):
		r.number = ""
	case hit(g.Noise.WrongNumber):
		b := []byte(r.number)
		if i := n.IntN(16); n.IntN(3) == 0 && b[i] != b[i+1] {
			b[i], b[i+1] = b[i+1], b[i]
		} else {
			b[i] = '0' + (b[i]-'0'+byte(1+n.IntN(9)))%10
		}
		r.number = string(b)
	}
	name := []rune(r.name)
	switch i := 1 + n.IntN(len(name)-1); {
	case hit(g.Noise.OtherSound):
		if like := alike[textzh.Sound(name[i])]; len(like) > 1 {
			name[i] = like[n.IntN(len(like))]
		}
	case hit(g.Noise.WrongName):
		name[i] = men[n.IntN(len(men))]
	}
	r.name = string(name)
	if hit(g.Noise.WrongBirth) {
		r.birth = r.birth[:8] + strconv.Itoa(10+n.IntN(18))
	}
	if hit(g.Noise.WrongSex) {
		r.sex = map[string]string{"m": "f", "f": "m"}[r.sex]
	}
	switch {
	case hit(g.Noise.NoPhone):
		r.phone = ""
	case hit(g.Noise.OtherPhone):
		r.phone = "1990" + pad(n.IntN(10_000_000), 7)
	}
	switch {
	case hit(g.Noise.NoAddress):
		r.address = ""
	case hit(g.Noise.OtherAddress):
		r.address = g.Areas[n.IntN(len(g.Areas))].Name + estates[n.IntN(len(estates))] + "花园" + strconv.Itoa(1+n.IntN(40)) + "栋" + strconv.Itoa(100+n.IntN(3300))
	}
	return r
}

func pad(n, width int) string {
	s := strconv.Itoa(n)
	for len(s) < width {
		s = "0" + s
	}
	return s
}

// alike are the characters of given names by their sound.
var alike = func() map[rune][]rune {
	out := map[rune][]rune{}
	for _, r := range append(append([]rune{}, men...), women...) {
		s := textzh.Sound(r)
		out[s] = append(out[s], r)
	}
	return out
}()
