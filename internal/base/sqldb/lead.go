package sqldb

import (
	"context"
	"crypto/tls"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

const (
	// leadCheck is how often it is looked at which server takes writes.
	leadCheck = 2 * time.Second
	// leadAnswer is how long that server may take to answer before another is looked for.
	leadAnswer = 3 * time.Second
	// connectTime bounds getting to one server, where the URL does not.
	connectTime = 3 * time.Second
)

// lead keeps the connections with the server that takes writes, where the URL names
// several. A server that was killed ends its connections by itself. One that hangs, or
// whose machine is gone, leaves them open and silent: they are severed once another
// takes writes, so that nobody goes on waiting.
type lead struct {
	to    *pgx.ConnConfig
	mu    sync.Mutex
	lines map[*line]bool
	stop  context.CancelFunc
	ended chan struct{}
}

// several reports whether a URL names more than one server. A fallback that differs
// in the use of TLS only is none.
func several(cfg *pgx.ConnConfig) bool {
	for _, f := range cfg.Fallbacks {
		if f.Host != cfg.Host || f.Port != cfg.Port {
			return true
		}
	}
	return false
}

// watch looks which of the servers of cfg takes writes, until close.
func watch(cfg *pgx.ConnConfig, lines *lead) {
	ctx, stop := context.WithCancel(context.Background())
	lines.to, lines.stop, lines.ended = cfg, stop, make(chan struct{})
	go func() {
		defer close(lines.ended)
		var conn *pgx.Conn
		for {
			conn = lines.look(ctx, conn)
			select {
			case <-ctx.Done():
				hangUp(conn)
				return
			case <-time.After(leadCheck):
			}
		}
	}()
}

func (l *lead) close() {
	if l != nil && l.stop != nil {
		l.stop()
		<-l.ended
	}
}

// look asks the server that it knows, and where that does not answer or lead any more,
// looks for the one that does. It returns the connection to ask next time, or nil.
func (l *lead) look(ctx context.Context, conn *pgx.Conn) *pgx.Conn {
	if conn != nil {
		if leads(ctx, conn) {
			return conn
		}
		hangUp(conn)
	}
	ctx, stop := context.WithTimeout(ctx, time.Duration(1+len(l.to.Fallbacks))*connectTime)
	defer stop()
	conn, err := pgx.ConnectConfig(ctx, l.to)
	if err != nil {
		return nil
	}
	l.keep(conn.PgConn().Conn().RemoteAddr().String())
	return conn
}

func leads(ctx context.Context, conn *pgx.Conn) bool {
	ctx, stop := context.WithTimeout(ctx, leadAnswer)
	defer stop()
	results, err := conn.PgConn().Exec(ctx, "show transaction_read_only").ReadAll()
	return err == nil && len(results) == 1 && len(results[0].Rows) == 1 && string(results[0].Rows[0][0]) == "off"
}

func hangUp(conn *pgx.Conn) {
	if conn == nil {
		return
	}
	ctx, stop := context.WithTimeout(context.Background(), time.Second)
	defer stop()
	_ = conn.Close(ctx) // nothing was under way on it
}

// keep severs the connections to every other address.
func (l *lead) keep(addr string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for c := range l.lines {
		if c.Conn.RemoteAddr().String() != addr {
			_ = c.Conn.Close() // whoever waits on it hears of it
		}
	}
}

// dial makes connections known to l.
func (l *lead) dial(by pgconn.DialFunc) pgconn.DialFunc {
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		c, err := by(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		known := &line{Conn: c, of: l}
		l.mu.Lock()
		l.lines[known] = true
		l.mu.Unlock()
		return known, nil
	}
}

// line is a connection to a server.
type line struct {
	net.Conn
	of     *lead
	silent atomic.Bool // see hush
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
