package dispatch

import "sync"

// room lends the memory in which one message is thought about, so that it need not be
// found and given back for each. What is kept of a message must not stand in it. Of no
// room the memory is one's own. It serves one goroutine.
type room struct {
	single shelf[float32]
	double shelf[float64]
}

// shelf is the memory of a room for one kind of numbers.
type shelf[T float32 | float64] struct {
	all  []T
	lent int
}

// lend returns n noughts.
func (s *shelf[T]) lend(n int) []T {
	if s.lent+n > len(s.all) {
		return make([]T, n)
	}
	out := s.all[s.lent : s.lent+n : s.lent+n]
	s.lent += n
	clear(out)
	return out
}

// What a reading takes by five tasks over a duty list of some hundred matters; of what
// goes beyond, the memory is one's own.
const (
	roomSingle = 8 << 10
	roomDouble = 2 << 10
)

var rooms = sync.Pool{New: func() any {
	return &room{shelf[float32]{all: make([]float32, roomSingle)}, shelf[float64]{all: make([]float64, roomDouble)}}
}}

// rent returns a room, which is empty.
func rent() *room { return rooms.Get().(*room) }

// leave ends the use of all that was lent.
func (r *room) leave() {
	r.single.lent, r.double.lent = 0, 0
	rooms.Put(r)
}

// floats lends n noughts.
func (r *room) floats(n int) []float32 {
	if r == nil {
		return make([]float32, n)
	}
	return r.single.lend(n)
}

// doubles lends n noughts of twice the length.
func (r *room) doubles(n int) []float64 {
	if r == nil {
		return make([]float64, n)
	}
	return r.double.lend(n)
}
