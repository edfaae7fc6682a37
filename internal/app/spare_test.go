package app

import "testing"

// Where little is in use there is room for work all the same, where much is, for as much
// again.
func TestRoomToWork(t *testing.T) {
	for _, mb := range []uint64{40, 60, 100, 159} {
		if room := mb * uint64(roomFor(mb<<20)) / 100; room<<20 < roomToWork*98/100 || room<<20 > roomToWork {
			t.Errorf("with %d MB in use there is room for %d MB", mb, room)
		}
	}
	for _, mb := range []uint64{160, 1000} {
		if room := roomFor(mb << 20); room != usualRoom {
			t.Errorf("with %d MB in use the room is %d %%", mb, room)
		}
	}
	if room := roomFor(0); room > 400 {
		t.Errorf("before anything was measured the room is %d %%", room)
	}
}
