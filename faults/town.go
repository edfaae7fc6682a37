package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"time"
)

// town is everything that one engine's trials run on: one or more houses on one
// database, their clients, the gateway for notices, and the wires between them.
type town struct {
	ctx     context.Context
	bin     string
	engine  string
	root    string   // directory of its own
	pg      *cluster // nil on SQLite
	front   *wire    // from the clients to the houses
	back    *wire    // from the houses to PostgreSQL
	gate    *gateway
	db      *sql.DB // reads past the houses
	key     string  // of the clients
	ledger  *ledger
	load    *load
	houses  []*house // by slot, nil where none was started
	off     time.Duration
	say     io.Writer
	series  int
	besides int             // writes acknowledged on a town of its own
	kills   int             // processes ended by SIGKILL
	site    *site           // the machines and the proxy around it; nil where there are none
	outages []outage        // of the trial that runs, one for each time
	notes   map[string]note // the longest of what was timed, by what it is
}

// note is how long something took, and how much there was of it where that matters.
type note struct {
	took time.Duration
	of   int
}

func (n note) String() string {
	s := n.took.Round(10 * time.Millisecond).String()
	if n.of > 0 {
		s += fmt.Sprintf(" (%d of them)", n.of)
	}
	return s
}

// note remembers the longest time something took.
func (t *town) note(what string, took time.Duration) { t.noteOf(what, took, 0) }

func (t *town) noteOf(what string, took time.Duration, of int) {
	what = t.engine + ": " + what
	if took > t.notes[what].took {
		t.notes[what] = note{took, of}
	}
}

// kill ends a house and counts it.
func (t *town) kill(h *house) {
	h.kill()
	t.kills++
}

// killAll ends every house that runs, all before the first is waited for.
func (t *town) killAll() (n int) {
	for _, h := range t.houses {
		if h.alive() {
			h.signal(syscall.SIGKILL)
			n++
		}
	}
	for _, h := range t.houses {
		<-h.gone
	}
	t.kills += n
	return n
}

// hold keeps every writer of the database waiting for a time.
func (t *town) hold(d time.Duration) error {
	url, begin := "file:"+filepath.Join(t.data(0), "yiwang.db")+"?_pragma=busy_timeout(20000)", "begin immediate"
	driver := "sqlite"
	if t.pg != nil {
		driver, url, begin = "pgx", at(t.pg.addr), "begin; lock table action in exclusive mode"
	}
	db, err := sql.Open(driver, url)
	if err != nil {
		return err
	}
	defer db.Close() // nothing was written
	conn, err := db.Conn(t.ctx)
	if err != nil {
		return err
	}
	defer conn.Close() // goes with the pool
	if _, err := conn.ExecContext(t.ctx, begin); err != nil {
		return err
	}
	time.Sleep(d)
	_, err = conn.ExecContext(t.ctx, "rollback")
	return err
}

// newTown prepares a directory; nothing runs yet but PostgreSQL, where pg is given.
func newTown(ctx context.Context, bin, engine, root string, slots int, pg *cluster, say io.Writer) (t *town, err error) {
	t = &town{ctx: ctx, bin: bin, engine: engine, root: root, pg: pg, ledger: newLedger(), gate: newGateway(), houses: make([]*house, slots), say: say}
	if t.front, err = newWire(); err != nil {
		return t, err
	}
	if err := os.WriteFile(t.file("secret"), []byte("what the gateway and the house share"), 0o600); err != nil {
		return t, err
	}
	if err := t.turn(0); err != nil || pg == nil {
		return t, err
	}
	if t.back, err = newWire(); err != nil {
		return t, err
	}
	if err := pg.start(ctx); err != nil {
		return t, err
	}
	t.back.aim(pg.addr)
	return t, nil
}

func (t *town) file(name ...string) string {
	return filepath.Join(append([]string{t.root}, name...)...)
}
func (t *town) data(slot int, name ...string) string {
	return t.file(append([]string{"data" + strconv.Itoa(slot)}, name...)...)
}

// flags say which directory and database a command works on.
func (t *town) flags(slot int) []string {
	f := []string{"--data", t.data(slot)}
	switch {
	case t.site != nil:
		f = append(f, "--db", t.site.url())
	case t.pg != nil:
		f = append(f, "--db", at(t.back.addr()))
	}
	return f
}

// turn sets how far the houses' clock stands off the machine's.
func (t *town) turn(off time.Duration) error {
	t.off = off
	tmp := t.file("clock.new")
	if err := os.WriteFile(tmp, []byte(off.String()), 0o600); err != nil {
		return err
	}
	return os.Rename(tmp, t.file("clock"))
}

func (t *town) args(slot int) []string {
	addr := "127.0.0.1:0"
	if t.site != nil {
		addr = t.site.node(slot)
	}
	args := append([]string{"serve", "--addr", addr, "--clock", t.file("clock"), "--gateway-secret", t.file("secret"),
		"--rate-staff", "1000000", "--rate-key", "1000000", "--rate-address", "1000000"}, t.flags(slot)...)
	for _, ch := range []string{"sms", "mail", "wechat", "im"} {
		args = append(args, "--gateway", ch+"="+t.gate.URL)
	}
	if t.site != nil {
		args = append(args, "--url", t.site.public(), "--proxy", "127.0.0.1/32")
	}
	return args
}

// up starts the houses that do not run, and gives them to the clients.
func (t *town) up() error { return t.upWith(t.bin) }

func (t *town) upWith(bin string) error {
	var all sync.WaitGroup
	errs := make([]error, len(t.houses))
	for slot, h := range t.houses {
		if h != nil && h.alive() {
			continue
		}
		if err := t.share(slot); err != nil {
			errs[slot] = err
			continue
		}
		start := func() {
			if h, err := launch(t.ctx, bin, t.args(slot)); err != nil {
				errs[slot] = err
			} else {
				t.houses[slot] = h
			}
		}
		if all.Go(start); t.key == "" {
			all.Wait() // the first makes the keys of all
		}
	}
	all.Wait()
	if err := errors.Join(errs...); err != nil {
		return err
	}
	t.open()
	if t.key != "" {
		return nil
	}
	var err error
	base, through := t.way(t.houses[0].addr)
	if t.key, err = newKey(base, through); err != nil {
		return err
	}
	return t.connect()
}

// share gives a further house the keys of the first, as several on one database have.
func (t *town) share(slot int) error {
	if slot == 0 {
		return nil
	}
	if _, err := os.Stat(t.data(slot)); err == nil {
		return nil
	}
	if t.site != nil { // one store of attachments for all
		if err := errors.Join(os.MkdirAll(t.data(slot), 0o700), os.Symlink(t.data(0, "blobs"), t.data(slot, "blobs"))); err != nil {
			return err
		}
	}
	return t.keysTo(t.data(slot))
}

// keysTo copies the keys of the first house into a directory.
func (t *town) keysTo(data string) error {
	keys := filepath.Join(data, "keys")
	if err := os.CopyFS(keys, os.DirFS(filepath.Join(t.data(0), "keys"))); err != nil {
		return err
	}
	for _, secret := range []string{"master.key", "sign.pem"} {
		if err := os.Chmod(filepath.Join(keys, secret), 0o600); err != nil {
			return err
		}
	}
	return nil
}

// connect opens the way to read the database past the houses.
func (t *town) connect() (err error) {
	if t.db != nil {
		_ = t.db.Close() // it is replaced
	}
	if t.site != nil {
		t.db, err = sql.Open("pgx", t.site.url()+"&connect_timeout=3")
		return err
	}
	if t.pg != nil {
		t.db, err = sql.Open("pgx", at(t.pg.addr))
		return err
	}
	t.db, err = sql.Open("sqlite", "file:"+filepath.Join(t.data(0), "yiwang.db")+"?mode=ro&_pragma=busy_timeout(5000)")
	return err
}

// open lets the clients reach the houses that run.
func (t *town) open() {
	var to []string
	for _, h := range t.houses {
		if h != nil && h.alive() {
			to = append(to, h.addr)
		}
	}
	t.front.aim(to...)
}

// down asks every house to end.
func (t *town) down() (err error) {
	for _, h := range t.houses {
		if h != nil && h.alive() {
			err = errors.Join(err, h.stop())
		}
	}
	t.open()
	return err
}

// way is how clients reach the houses: by an address, or where there is a site, by its
// public name.
func (t *town) way(addr string) (base string, through *http.Transport) {
	if t.site != nil {
		return t.site.public(), t.site.through()
	}
	return "http://" + addr, &http.Transport{}
}

// work lets the clients write until rest.
func (t *town) work() {
	t.series++
	base, through := t.way(t.front.addr())
	pause := 5 * time.Millisecond
	if t.site != nil {
		pause = 100 * time.Millisecond // refusals last long, and are not to take the processors
	}
	t.load = drive(t.ledger, base, through, pause, t.key, fmt.Sprintf("%s%d", t.engine[:1], t.series))
}

func (t *town) rest() {
	if t.load != nil {
		t.load.stop()
		t.load = nil
	}
}

// close ends everything the town started.
func (t *town) close() error {
	t.rest()
	for _, h := range t.houses {
		if h != nil && h.alive() {
			h.kill()
		}
	}
	if t.db != nil {
		_ = t.db.Close() // it only read
	}
	for _, w := range []*wire{t.front, t.back} {
		if w != nil {
			w.close()
		}
	}
	t.gate.Close()
	if t.pg != nil {
		return t.pg.stop()
	}
	return nil
}

// check holds the database against what the clients remember, at any moment.
func (t *town) check() (finding, error) {
	f, err := look(t.ctx, t.db, t.ledger, t.gate)
	f.faults = append(f.faults, t.ledger.complaints()...)
	return f, err
}

// settle lets the houses finish what is due, and then checks everything.
func (t *town) settle() (f finding, err error) {
	t.rest()
	if err := t.up(); err != nil {
		return f, err
	}
	late, err := t.quiet(20 * time.Second)
	if err != nil {
		return f, err
	}
	if f, err = t.check(); err != nil {
		return f, err
	}
	f.late = late
	v, err := verify(t.ctx, t.bin, t.flags(0))
	if err != nil {
		return f, err
	}
	f.faults = append(f.faults, v.Faults...)
	return f, nil
}

// quiet waits until no clock is due and every action has its number, or until they have
// not become fewer for a time, and returns how many are left: a backlog that is being
// worked off is no delay that somebody's death has caused.
func (t *town) quiet(most time.Duration) (left int, err error) {
	least, end := math.MaxInt, time.Now().Add(most)
	for {
		left, err = t.waiting()
		if err != nil || left == 0 || time.Now().After(end) {
			return left, err
		}
		if left < least {
			least, end = left, time.Now().Add(most)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// waiting counts the clocks that are due and the actions without a number.
func (t *town) waiting() (n int, err error) {
	err = t.db.QueryRowContext(t.ctx, fmt.Sprintf(`select (select count(*) from clock where next_at > 0 and next_at <= %d)
		+ (select count(*) from unnumbered)`, time.Now().Add(t.off).UnixMilli())).Scan(&n)
	return n, err
}

// Leases of clocks and of numbers last so long, see cases.Store.Fire and Sequence; what
// takes them over looks twice a second, and an engine that is busy lets it wait.
const (
	leased = 5 * time.Second
	leeway = 3 * time.Second
)

// takenOver waits until all that was claimed, or waited for its number, when a house was
// killed is done or claimed anew, and fails where that takes much longer than a lease.
func (t *town) takenOver(killed time.Time) error {
	at := killed.Add(t.off)
	claimed := at.Add(leased).UnixMilli()
	query := fmt.Sprintf(`select (select count(*) from clock where next_at > 0 and next_at <= %[1]d and lease > 0 and lease <= %[2]d)
		+ (select count(*) from unnumbered where at <= %[1]d)`, at.UnixMilli(), claimed)
	for {
		var left int
		if err := t.db.QueryRowContext(t.ctx, query).Scan(&left); err != nil {
			return err
		}
		took := time.Since(killed)
		if left == 0 {
			t.note("after the death of a process, until what it had claimed was done or claimed anew (its leases last 5 s)", took)
			return nil
		}
		if took > leased+leeway {
			return fmt.Errorf("%d clocks and numbers that a killed process had claimed wait after %s", left, took.Round(time.Millisecond))
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// pick returns a house that runs, by chance.
func (t *town) pick() *house {
	for {
		if h := t.houses[rand.IntN(len(t.houses))]; h != nil && h.alive() {
			return h
		}
	}
}

// between waits a random time.
func between(least, most time.Duration) { time.Sleep(least + rand.N(most-least)) }
