package sqldb

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

const (
	// leadCheck is how often the server that takes writes is asked whether it still does.
	leadCheck = 2 * time.Second
	// leadAgain is how soon it is looked for again where none was found.
	leadAgain = 200 * time.Millisecond
	// leadAnswer is how long that server may take to answer before it is left. With
	// leadCheck it has to be well below the time after which another may be made to
	// lead: 20 s is the least that Patroni takes for its ttl.
	leadAnswer = 5 * time.Second
	// leadOthers is how long the others may take to say that they lead instead.
	leadOthers = time.Second
	// connectTime bounds getting to one server, where the URL does not.
	connectTime = 3 * time.Second
)

// lead keeps the connections with the server that takes writes, where the URL names
// several. A server that was killed ends its connections by itself. One that hangs, or
// whose machine is gone, leaves them open and silent; and one that hung and goes on
// takes itself for the leader for a moment, and would answer with what was true then.
// So a server that does not answer is left before another can be made to lead, and
// connected to again only when all were asked.
type lead struct {
	each  []*pgx.ConnConfig // the servers, one by one
	mu    sync.Mutex
	lines map[*line]bool
	at    string // the address of the server that takes writes; "" where none is known
	doubt chan struct{}
	stop  context.CancelFunc
	ended chan struct{}
}

var errNoLeader = errors.New("sqldb: no server is known to take writes")

// servers returns a configuration for each server that a URL names. A fallback that
// differs in the use of TLS only is none of its own.
func servers(cfg *pgx.ConnConfig) (each []*pgx.ConnConfig) {
	ways := append([]*pgconn.FallbackConfig{{Host: cfg.Host, Port: cfg.Port, TLSConfig: cfg.TLSConfig}}, cfg.Fallbacks...)
	for i, way := range ways {
		same := func(w *pgconn.FallbackConfig) bool { return w.Host == way.Host && w.Port == way.Port }
		if slices.ContainsFunc(ways[:i], same) {
			continue
		}
		one := cfg.Copy()
		one.Host, one.Port, one.TLSConfig, one.Fallbacks, one.ValidateConnect = way.Host, way.Port, way.TLSConfig, nil, nil
		for _, w := range ways[i+1:] {
			if same(w) {
				one.Fallbacks = append(one.Fallbacks, w)
			}
		}
		each = append(each, one)
	}
	return each
}

// watch looks which of the servers takes writes, until close. When it returns, it has
// looked once.
func watch(each []*pgx.ConnConfig, l *lead) {
	ctx, stop := context.WithCancel(context.Background())
	l.each, l.stop, l.ended, l.doubt = each, stop, make(chan struct{}), make(chan struct{}, 1)
	known := l.find(ctx)
	go func() {
		defer close(l.ended)
		for {
			pause := leadCheck
			if known == nil {
				pause = leadAgain
			}
			select {
			case <-ctx.Done():
				known.hangUp()
				return
			case <-time.After(pause):
			case <-l.doubt:
				time.Sleep(leadAgain) // what ends its connections may take a moment to end
			}
			if known != nil && known.ask(ctx, leadAnswer) && known.leads {
				continue
			}
			go known.hangUp() // which may be as slow
			l.keep("")
			known = l.find(ctx)
		}
	}()
}

func (l *lead) close() {
	if l != nil && l.stop != nil {
		l.stop()
		<-l.ended
	}
}

// asked is a server and what it said of itself.
type asked struct {
	n        int // its place in the URL
	conn     *pgx.Conn
	leads    bool
	timeline string // in hexadecimal: each that is made to lead begins a new one
}

// find looks for the server that takes writes and keeps the connections with it. It
// returns nil where there is none. The others are asked after the first has said that
// it leads: so if that has been replaced, the one that did so says it.
func (l *lead) find(ctx context.Context) *asked {
	first := l.round(ctx, l.each[0].ConnectTimeout+leadOthers, -1, func(a *asked) bool { return a.leads })
	if len(first) == 0 {
		return nil
	}
	best := first[0]
	for _, other := range l.round(ctx, leadOthers, best.n, nil) {
		if other.timeline > best.timeline || other.timeline == best.timeline && other.n < best.n {
			best, other = other, best
		}
		other.hangUp()
	}
	l.keep(best.conn.PgConn().Conn().RemoteAddr().String())
	return best
}

// round asks all servers but one, at once, and returns those that lead, until enough
// says that no more are wanted.
func (l *lead) round(ctx context.Context, most time.Duration, but int, enough func(*asked) bool) (leading []*asked) {
	ctx, stop := context.WithTimeout(ctx, most)
	defer stop()
	answers := make(chan *asked)
	n := 0
	for i, cfg := range l.each {
		if i == but {
			continue
		}
		n++
		go func() {
			a := &asked{n: i}
			var err error
			if a.conn, err = pgx.ConnectConfig(ctx, cfg); err == nil {
				a.ask(ctx, most)
			}
			answers <- a
		}()
	}
	for ; n > 0; n-- {
		a := <-answers
		if !a.leads {
			a.hangUp()
			continue
		}
		leading = append(leading, a)
		if enough != nil && enough(a) {
			break
		}
	}
	go func() { // nobody waits for the rest
		for ; n > 1; n-- {
			(<-answers).hangUp()
		}
	}()
	return leading
}

// ask reports whether the server answered in time, and notes what it said.
func (a *asked) ask(ctx context.Context, most time.Duration) bool {
	began := time.Now()
	ctx, stop := context.WithTimeout(ctx, most)
	defer stop()
	a.leads = false
	results, err := a.conn.PgConn().Exec(ctx, `select case when pg_is_in_recovery() or current_setting('transaction_read_only') = 'on' then ''
		else substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) end`).ReadAll()
	// The time is looked at because an answer may have come when nobody was awake to take it.
	if err != nil || len(results) != 1 || len(results[0].Rows) != 1 || time.Since(began) > most {
		return false
	}
	a.timeline = string(results[0].Rows[0][0])
	a.leads = a.timeline != ""
	return true
}

func (a *asked) hangUp() {
	if a == nil || a.conn == nil {
		return
	}
	ctx, stop := context.WithTimeout(context.Background(), time.Second)
	defer stop()
	_ = a.conn.Close(ctx) // nothing was under way on it
}

// keep severs the connections to every other address, and lets none but this be
// connected to.
func (l *lead) keep(addr string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.at = addr
	for c := range l.lines {
		if c.Conn.RemoteAddr().String() != addr {
			_ = c.Conn.Close() // whoever waits on it hears of it
		}
	}
}

// wonder has the leader asked at once: a connection to it has failed.
func (l *lead) wonder() {
	select {
	case l.doubt <- struct{}{}:
	default: // where nothing watches, too
	}
}

// dial makes connections known to l.
func (l *lead) dial(by pgconn.DialFunc) pgconn.DialFunc {
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		c, err := by(ctx, network, addr)
		if err != nil {
			l.wonder()
			return nil, err
		}
		l.mu.Lock()
		defer l.mu.Unlock()
		if l.each != nil && c.RemoteAddr().String() != l.at {
			return nil, errors.Join(errNoLeader, c.Close())
		}
		known := &line{Conn: c, of: l}
		l.lines[known] = true
		return known, nil
	}
}

// line is a connection to a server.
type line struct {
	net.Conn
	of     *lead
	silent atomic.Bool // see hush
}

// Read hears of a server that ends its connections.
func (c *line) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if err != nil && !errors.Is(err, net.ErrClosed) && !errors.Is(err, os.ErrDeadlineExceeded) {
		c.of.wonder()
	}
	return n, err
}

// Close also forgets the connection.
func (c *line) Close() error {
	c.of.mu.Lock()
	delete(c.of.lines, c)
	c.of.mu.Unlock()
	return c.Conn.Close()
}

// RemoteAddr is where the driver sends its wish to cancel: nowhere, while the line is
// hushed.
func (c *line) RemoteAddr() net.Addr {
	if c.silent.Load() {
		return nowhere{}
	}
	return c.Conn.RemoteAddr()
}

type nowhere struct{}

func (nowhere) Network() string { return "none" }
func (nowhere) String() string  { return "" }

// hush lets the driver cancel nothing while a commit is under way. PostgreSQL ends a
// commit that waits for a standby when it is cancelled: then others see the write, and
// may be told that it is done, though no standby has it.
func hush(conn *pgconn.PgConn, on bool) {
	c := conn.Conn()
	if t, ok := c.(*tls.Conn); ok {
		c = t.NetConn()
	}
	if l, ok := c.(*line); ok {
		l.silent.Store(on)
	}
}
