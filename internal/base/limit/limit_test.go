package limit

import (
	"fmt"
	"net/http"
	"testing"
	"time"
)

var start = time.Date(2026, 11, 21, 15, 46, 0, 0, time.UTC)

func TestThrottle(t *testing.T) {
	th := New(3, 10*time.Second, 100)
	now := start
	for i := range 3 {
		if w := th.Take("a", now); w != 0 {
			t.Fatalf("take %d of a full bucket waits %v", i, w)
		}
	}
	if w := th.Take("a", now); w != 10*time.Second {
		t.Errorf("an empty bucket waits %v, want 10s", w)
	}
	if w := th.Take("b", now); w != 0 {
		t.Errorf("another key waits %v", w)
	}
	if w := th.Take("a", now.Add(10*time.Second)); w != 0 {
		t.Errorf("after the wait it still waits %v", w)
	}
}

// However many addresses come, the memory stays bounded, and one that is
// being held back is not let go because of it.
func TestThrottleIsBounded(t *testing.T) {
	th := New(1, time.Hour, 50)
	th.Take("held", start)
	for i := range 10_000 {
		th.Take(fmt.Sprint("k", i), start)
		if i%20 == 0 {
			if w := th.Take("held", start); w == 0 {
				t.Fatalf("after %d other keys the held one is free", i)
			}
		}
		if n := len(th.young) + len(th.old); n > 100 {
			t.Fatalf("%d buckets", n)
		}
	}
}

func TestPenaltyGrows(t *testing.T) {
	p := NewPenalty(2, 4*time.Second, time.Minute, 100)
	for i, want := range []time.Duration{0, 0, 4, 8, 16, 32, 60, 60, 60} {
		p.Wrong("n", start)
		if got := p.Wait("n", start); got != want*time.Second {
			t.Errorf("after %d wrong guesses it waits %v, want %d s", i+1, got, want)
		}
	}
	p.Right("n")
	if w := p.Wait("n", start); w != 0 {
		t.Errorf("after a right guess it waits %v", w)
	}
}

func TestAddress(t *testing.T) {
	for in, want := range map[string]string{
		"192.0.2.7:1234":             "192.0.2.7",
		"[::ffff:192.0.2.7]:1234":    "192.0.2.7",
		"[2001:db8:1:2:3:4:5:6]:443": "2001:db8:1:2::/64",
		"[2001:db8:1:2::9%eth0]:443": "2001:db8:1:2::/64",
		"@":                          "@",
	} {
		if got := Address(&http.Request{RemoteAddr: in}); got != want {
			t.Errorf("Address(%s) = %s, want %s", in, got, want)
		}
	}
}
