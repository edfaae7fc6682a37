package repeat

import (
	"bytes"
	"testing"
)

// Whatever is stored is a print or none; a print is written as it was read.
func FuzzParse(f *testing.F) {
	p := Print{Model: 1, Marks: []uint32{1, 2}, Spots: []uint16{3}}
	whole := p.Bytes()
	f.Add(whole)
	f.Add(whole[:len(whole)-1])
	f.Add(make([]byte, 12))
	f.Fuzz(func(t *testing.T, b []byte) {
		p, ok := Parse(b)
		if !ok {
			return
		}
		if again := p.Bytes(); !bytes.Equal(again[12:], b[12:]) {
			t.Errorf("%x is written as %x", b, again)
		}
	})
}
