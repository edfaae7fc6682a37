package repeat

import (
	"encoding/binary"
	"math"
	"sync"

	"yiwang/internal/base/textzh"
	"yiwang/internal/work/dispatch"
)

// Print is by what a message is known again: the names in it, what it is about
// and how it is worded. None of it gives the words back.
type Print struct {
	At       int64    // when it was written, UTC milliseconds, to the minute
	Person   uint32   // digest of who wrote it, 0 unknown
	Marks    []uint32 // names of roads, estates and firms, by their sound
	Spots    []uint16 // numbers of houses and buildings, gates, exits
	Topics   [topics]Topic
	Model    uint8 // tells readings of different models apart
	Words    [words / 2]byte
	Bands    [bands]uint32
	Concepts [2]uint64 // things it speaks of, a bit each
	Sense    [2]uint64 // which side of 128 planes the meaning lies on; zero unknown
}

// Topic is a matter that the message may be about.
type Topic struct {
	Code, Group uint16 // digests of the matter and of the class above it
	P           uint8  // probability in 255ths
}

const (
	topics = 5
	words  = 64 // places of the sketch that are kept, 4 bits each
	bands  = 4  // keys by which much the same words are found
)

// Said is what a print is made of.
type Said struct {
	Title, Text, Address string
	At                   int64
	Person               uint32                     // keyed digest of the telephone number or account, 0 unknown
	Read                 dispatch.Reading           // how the machine judge read it
	Group                func(matter string) string // the class of a matter
}

// Of makes the print of a message.
func Of(s Said) Print {
	p := Print{Person: s.Person, At: s.At / 60_000 * 60_000}
	p.names(s.Address, s.Title, s.Text)
	for i, m := range s.Read.Matters {
		if i == topics {
			break
		}
		group := m.Label
		if s.Group != nil {
			group = s.Group(m.Label)
		}
		p.Topics[i] = Topic{digest16(m.Label), digest16("/" + group), uint8(math.Round(255 * max(0, min(1, m.P))))}
	}
	p.Model = uint8(textzh.Hash(s.Read.Model))
	sketch := textzh.MinHash(s.Title + "\n" + s.Text)
	if sketch != (textzh.Sketch{}) {
		for i := range words {
			p.Words[i/2] |= byte(sketch[i]&0xf) << (4 * (i % 2))
		}
		for b := range bands {
			h := uint64(sketch[2*b])<<32 | uint64(sketch[2*b+1])
			h = (h ^ h>>31) * 0x9e3779b97f4a7c15
			p.Bands[b] = uint32(h>>32) | 1
		}
	}
	p.Sense = sides(s.Read.Meaning)
	return p
}

func digest16(s string) uint16 { return uint16(textzh.Hash(s)) | 1 }

// sides tells on which side of 128 fixed planes a direction lies: the share of
// equal sides tells the angle between two.
func sides(x []float32) (out [2]uint64) {
	if len(x) == 0 {
		return out
	}
	signs := signsOf(len(x))
	// Four planes at a time: a sum waits for its last step, four do so together.
	for bit := 0; bit < 128; bit += 4 {
		a, b, c, d := signs[bit][:len(x)], signs[bit+1][:len(x)], signs[bit+2][:len(x)], signs[bit+3][:len(x)]
		var p, q, r, s float32
		for i, v := range x {
			u := math.Float32bits(v)
			p += math.Float32frombits(u ^ a[i])
			q += math.Float32frombits(u ^ b[i])
			r += math.Float32frombits(u ^ c[i])
			s += math.Float32frombits(u ^ d[i])
		}
		for i, sum := range [4]float32{p, q, r, s} {
			if sum > 0 {
				out[bit/64] |= 1 << ((bit + i) % 64)
			}
		}
	}
	return out
}

// planes remembers the planes of a number of dimensions; models have few different ones.
var planes sync.Map // int → *[128][]uint32

// signsOf returns the signs of 128 planes through the origin, much like random ones,
// from a fixed sequence: the bit that turns the sign of a number, or 0.
func signsOf(dimensions int) *[128][]uint32 {
	if known, ok := planes.Load(dimensions); ok {
		return known.(*[128][]uint32)
	}
	signs := new([128][]uint32)
	state := uint64(1)
	for bit := range signs {
		signs[bit] = make([]uint32, dimensions)
		for i := range signs[bit] {
			state ^= state << 13
			state ^= state >> 7
			state ^= state << 17
			if state&(1<<40) == 0 {
				signs[bit][i] = 1 << 31
			}
		}
	}
	planes.Store(dimensions, signs)
	return signs
}

// version begins a stored print; prints of another are not read.
const version = 2

// Bytes returns the print as it is stored with its case.
func (p *Print) Bytes() []byte {
	b := make([]byte, 0, 192)
	b = append(b, version, p.Model, byte(len(p.Marks)), byte(len(p.Spots)))
	b = binary.LittleEndian.AppendUint32(b, p.Person)
	b = binary.LittleEndian.AppendUint32(b, minutes(p.At))
	for _, m := range p.Marks {
		b = binary.LittleEndian.AppendUint32(b, m)
	}
	for _, s := range p.Spots {
		b = binary.LittleEndian.AppendUint16(b, s)
	}
	for _, t := range p.Topics {
		b = binary.LittleEndian.AppendUint16(b, t.Code)
		b = binary.LittleEndian.AppendUint16(b, t.Group)
		b = append(b, t.P)
	}
	b = append(b, p.Words[:]...)
	for _, k := range p.Bands {
		b = binary.LittleEndian.AppendUint32(b, k)
	}
	b = binary.LittleEndian.AppendUint64(b, p.Concepts[0])
	b = binary.LittleEndian.AppendUint64(b, p.Concepts[1])
	b = binary.LittleEndian.AppendUint64(b, p.Sense[0])
	return binary.LittleEndian.AppendUint64(b, p.Sense[1])
}

// Parse reads a stored print. False where it is none, or of another version.
func Parse(b []byte) (p Print, ok bool) {
	if len(b) < 12 || b[0] != version || b[2] > mostMarks || b[3] > mostSpots {
		return p, false
	}
	if len(b) != 12+4*int(b[2])+2*int(b[3])+5*topics+words/2+4*bands+32 {
		return p, false
	}
	p.Model, p.Person = b[1], binary.LittleEndian.Uint32(b[4:])
	p.At = int64(binary.LittleEndian.Uint32(b[8:])) * 60_000
	marks, spots := int(b[2]), int(b[3])
	b = b[12:]
	for range marks {
		p.Marks, b = append(p.Marks, binary.LittleEndian.Uint32(b)), b[4:]
	}
	for range spots {
		p.Spots, b = append(p.Spots, binary.LittleEndian.Uint16(b)), b[2:]
	}
	for i := range p.Topics {
		p.Topics[i], b = Topic{binary.LittleEndian.Uint16(b), binary.LittleEndian.Uint16(b[2:]), b[4]}, b[5:]
	}
	b = b[copy(p.Words[:], b):]
	for i := range p.Bands {
		p.Bands[i], b = binary.LittleEndian.Uint32(b), b[4:]
	}
	p.Concepts = [2]uint64{binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[8:])}
	p.Sense = [2]uint64{binary.LittleEndian.Uint64(b[16:]), binary.LittleEndian.Uint64(b[24:])}
	return p, true
}
