package dispatch

import "sync"

// room lends the memory in which one message is thought about, so that it need not be
// found and given back for each. What is kept of a message must not stand in it. Of no
// room the memory is one's own. It serves one goroutine.
type room struct {
	single []float32
	double []float64
	lent   [2]int
}

// What a reading takes by five tasks over a duty list of some hundred matters; of what
// goes beyond, the memory is one's own.
const (
	roomSingle = 8 << 10
	roomDouble = 2 << 10
)

var rooms = sync.Pool{New: func() any { return &room{single: make([]float32, roomSingle), double: make([]float64, roomDouble)} }}

// rent returns a room, which is empty.
func rent() *room { return rooms.Get().(*room) }

// leave ends the use of all that was lent.
func (r *room) leave() {
	r.lent = [2]int{}
	rooms.Put(r)
}

// floats lends n noughts.
func (r *room) floats(n int) []float32 {
	if r == nil || r.lent[0]+n > len(r.single) {
		return make([]float32, n)
	}
	out := r.single[r.lent[0] : r.lent[0]+n : r.lent[0]+n]
	r.lent[0] += n
	clear(out)
	return out
}

// doubles lends n noughts of twice the length.
func (r *room) doubles(n int) []float64 {
	if r == nil || r.lent[1]+n > len(r.double) {
		return make([]float64, n)
	}
	out := r.double[r.lent[1] : r.lent[1]+n : r.lent[1]+n]
	r.lent[1] += n
	clear(out)
	return out
}
