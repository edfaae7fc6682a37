package main

import (
	"io"
	"math/rand/v2"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// wire is a connection's way through: a proxy whose far end can be changed, slowed
// and cut, so that what talks over it keeps one address.
type wire struct {
	listener net.Listener
	delay    atomic.Int64 // held back before each piece, nanoseconds
	fuse     atomic.Int64 // each connection is cut after a random number of bytes up to this; 0 never
	cuts     atomic.Int64

	mu   sync.Mutex
	to   []string
	next int
	live map[*pair]bool
}

type pair struct{ near, far net.Conn }

// sever ends both ends at once, without a word to either.
func (p *pair) sever() {
	for _, c := range []net.Conn{p.near, p.far} {
		if t, ok := c.(*net.TCPConn); ok {
			_ = t.SetLinger(0) // a reset instead of a farewell, where it is still open
		}
		_ = c.Close() // whoever used it hears of it
	}
}

// newWire listens on a free port of loopback.
func newWire() (*wire, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	w := &wire{listener: l, live: map[*pair]bool{}}
	go w.serve()
	return w, nil
}

func (w *wire) addr() string { return w.listener.Addr().String() }

// aim sets the far ends; new connections take them in turn. Without one they are
// refused.
func (w *wire) aim(to ...string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.to = to
}

// cut severs every connection that is open now and returns how many.
func (w *wire) cut() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := len(w.live)
	for p := range w.live {
		p.sever()
	}
	w.cuts.Add(int64(n))
	return n
}

func (w *wire) close() {
	_ = w.listener.Close() // it ends
	w.cut()
}

func (w *wire) serve() {
	for {
		near, err := w.listener.Accept()
		if err != nil {
			return
		}
		go w.carry(near)
	}
}

func (w *wire) target() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.to) == 0 {
		return ""
	}
	w.next++
	return w.to[w.next%len(w.to)]
}

func (w *wire) carry(near net.Conn) {
	to := w.target()
	if to == "" {
		_ = near.Close() // nobody is there
		return
	}
	far, err := net.DialTimeout("tcp", to, time.Second)
	if err != nil {
		_ = near.Close() // nobody is there
		return
	}
	p := &pair{near, far}
	w.mu.Lock()
	w.live[p] = true
	w.mu.Unlock()
	left := &atomic.Int64{}
	left.Store(1 << 62)
	if most := w.fuse.Load(); most > 0 {
		left.Store(1 + rand.Int64N(most))
	}
	var both sync.WaitGroup
	both.Go(func() { w.pass(p, far, near, left) })
	both.Go(func() { w.pass(p, near, far, left) })
	both.Wait()
	w.mu.Lock()
	delete(w.live, p)
	w.mu.Unlock()
}

// pass carries one direction until it ends or the fuse of the pair has burnt.
func (w *wire) pass(p *pair, to, from net.Conn, left *atomic.Int64) {
	buf := make([]byte, 16<<10)
	for {
		n, err := from.Read(buf)
		if n > 0 {
			if d := w.delay.Load(); d > 0 {
				time.Sleep(time.Duration(d))
			}
			rest := left.Add(-int64(n))
			if rest < 0 {
				_, _ = to.Write(buf[:max(0, n+int(rest))]) // the part before the cut
				w.cuts.Add(1)
				p.sever()
				return
			}
			if _, werr := to.Write(buf[:n]); werr != nil {
				err = werr
			}
		}
		if err != nil {
			if err != io.EOF {
				p.sever()
				return
			}
			_ = to.Close() // the other direction ends by it
			_ = from.Close()
			return
		}
	}
}
