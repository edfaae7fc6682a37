package main

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"syscall"
	"time"
)

// trial is one sort of fault. It returns how often it was done; the town is looked
// at after it.
type trial struct {
	name string
	on   string // engine, "" both
	run  func(t *town, times int) (done int, err error)
	// times is how often in a short run; long says whether a long run does it more often.
	times int
	long  bool
}

var trials = []trial{
	{name: "killed (SIGKILL) at a random moment", run: killed, times: 80, long: true},
	{name: "killed while it starts", run: killedAtStart, times: 8, long: true},
	{name: "connections of clients cut in the middle", run: cutClients, times: 150, long: true},
	{name: "clock jumps: 2 h on, 30 h on, 9 days on, 3 days back, then right again after a kill", run: jumps, times: 5},
	{name: "clock jumps, and the process is killed while clocks fire", run: jumpKilled, times: 6, long: true},
	{name: "writes held up for 0.5 to 7 s", run: slow, times: 4, long: true},
	{name: "stopped (SIGSTOP) for 7 s and continued", run: stopped, times: 2, long: true},
	{name: "PostgreSQL stopped and started", on: "PostgreSQL", run: pgStopped, times: 3, long: true},
	{name: "PostgreSQL killed (SIGKILL) and started", on: "PostgreSQL", run: pgKilled, times: 5, long: true},
	{name: "connections to PostgreSQL cut in the middle", on: "PostgreSQL", run: cutDatabase, times: 60, long: true},
	{name: "disk full and emptied again", run: fullDisk, times: 3, long: true},
	{name: "files may not grow, then may again", on: "SQLite", run: fullFiles, times: 1},
	{name: "backed up under load (yiwang backup)", on: "SQLite", run: backups, times: 3, long: true},
	{name: "a moment restored (Litestream)", on: "SQLite", run: litestream, times: 1},
	{name: "a moment restored (base backup and archive)", on: "PostgreSQL", run: archive, times: 1},
	{name: "restarted with a newer program, then an older one", run: otherPrograms, times: 1},
	{name: "moved to PostgreSQL (yiwang move)", on: "SQLite", run: moveOver, times: 1},
}

// killed ends a house at a random moment under load, and starts it again. Where there
// are two, every third time both end at once, so that nobody takes over.
func killed(t *town, times int) (done int, err error) {
	t.work()
	for turn := 0; done < times; turn++ {
		between(0, 700*time.Millisecond)
		if turn%3 == 2 {
			done += t.killAll()
		} else {
			t.kill(t.pick())
			done++
		}
		t.open()
		if err := t.lookIn(turn); err != nil {
			return done, err
		}
		if err := t.up(); err != nil {
			return done, err
		}
		if turn%10 == 9 {
			fmt.Fprintf(t.say, "    %s: %d times, %d writes acknowledged\n", t.engine, done, t.ledger.writes())
		}
		if err := t.ledger.waitWrites(t.ctx, 1); err != nil {
			return done, err
		}
	}
	return done, nil
}

// lookIn fails at once where something is lost, so that what did it is still there.
func (t *town) lookIn(n int) error {
	f, err := t.check()
	if err == nil && !f.ok() {
		err = fmt.Errorf("at turn %d: %+v", n+1, f)
	}
	return err
}

// killedAtStart ends a house before it listens.
func killedAtStart(t *town, times int) (int, error) {
	t.work()
	for n := range times {
		t.kill(t.pick())
		t.open()
		cmd, err := begin(t.ctx, t.bin, t.args(t.free()))
		if err != nil {
			return n, err
		}
		between(10*time.Millisecond, time.Second)
		if cmd.Process.Kill() == nil {
			t.kills++
		}
		_ = cmd.Wait() // killed, as it should be
		if err := t.up(); err != nil {
			return n, err
		}
	}
	return times, t.ledger.waitWrites(t.ctx, 10)
}

// free returns a slot without a house that runs.
func (t *town) free() int {
	for slot, h := range t.houses {
		if h == nil || !h.alive() {
			return slot
		}
	}
	return 0
}

// cutClients cuts connections after a random number of bytes, in requests and in
// answers alike.
func cutClients(t *town, times int) (int, error) { return cutting(t, t.front, times, 4000) }

// cutDatabase does the same between the houses and PostgreSQL.
func cutDatabase(t *town, times int) (int, error) { return cutting(t, t.back, times, 300_000) }

func cutting(t *town, w *wire, times int, fuse int64) (int, error) {
	t.work()
	before := w.cuts.Load()
	w.fuse.Store(fuse)
	w.cut() // those that are open have no fuse yet
	end := time.Now().Add(patience)
	for w.cuts.Load()-before < int64(times) {
		if time.Now().After(end) {
			return int(w.cuts.Load() - before), errors.New("the connections are not used any more")
		}
		time.Sleep(20 * time.Millisecond)
	}
	w.fuse.Store(0)
	w.cut()
	return int(w.cuts.Load() - before), t.ledger.waitWrites(t.ctx, 10)
}

// jumps turns the houses' clock under load.
func jumps(t *town, _ int) (int, error) {
	t.work()
	steps := []time.Duration{2 * time.Hour, 30 * time.Hour, 9 * 24 * time.Hour, -3 * 24 * time.Hour}
	for n, by := range steps {
		if err := t.turn(t.off + by); err != nil {
			return n, err
		}
		if err := t.ledger.waitWrites(t.ctx, 30); err != nil {
			return n, err
		}
		time.Sleep(1500 * time.Millisecond)
	}
	t.killAll()
	t.open()
	if err := t.turn(0); err != nil {
		return len(steps), err
	}
	if err := t.up(); err != nil {
		return len(steps), err
	}
	return len(steps) + 1, t.ledger.waitWrites(t.ctx, 30)
}

// jumpKilled makes many clocks due at once and kills a house while they fire.
func jumpKilled(t *town, times int) (int, error) {
	for n := range times {
		t.work()
		if err := t.ledger.waitWrites(t.ctx, 60); err != nil {
			return n, err
		}
		t.rest()
		if err := t.turn(t.off + time.Duration(25+rand.IntN(60))*time.Minute); err != nil {
			return n, err
		}
		between(20*time.Millisecond, 700*time.Millisecond)
		t.kill(t.pick())
		began := time.Now()
		t.open()
		if len(t.houses) == 1 {
			if err := t.up(); err != nil {
				return n, err
			}
		}
		if err := t.takenOver(began); err != nil {
			return n, err
		}
		// What follows is no matter of leases: all that the jump made due is still to be done.
		began = time.Now()
		backlog, err := t.waiting()
		if err != nil {
			return n, err
		}
		left, err := t.quiet(20 * time.Second)
		if err != nil {
			return n, err
		}
		if left > 0 {
			return n, fmt.Errorf("%d clocks and numbers wait, and became no fewer in the 20 s after a process was killed", left)
		}
		t.noteOf("when that was done, until every other clock was done that a jump had made due", time.Since(began), backlog)
		if err := t.up(); err != nil {
			return n, err
		}
	}
	return times, nil
}

// slow holds the database's writers up, as a disk does that has other things to do.
func slow(t *town, times int) (int, error) {
	t.work()
	for n := range times {
		hold := 500*time.Millisecond + rand.N(6500*time.Millisecond)
		if n == 0 {
			hold = 7 * time.Second // longer than SQLite's writer waits for the file
		}
		if err := t.hold(hold); err != nil {
			return n, err
		}
		if err := t.ledger.waitWrites(t.ctx, 10); err != nil {
			return n, err
		}
	}
	return times, nil
}

// stopped halts a house as a machine that is overloaded or moved does. Where there
// is another, it goes on meanwhile.
func stopped(t *town, times int) (int, error) {
	t.work()
	for n := range times {
		h := t.pick()
		h.signal(syscall.SIGSTOP)
		time.Sleep(7 * time.Second)
		h.signal(syscall.SIGCONT)
		if err := t.ledger.waitWrites(t.ctx, 10); err != nil {
			return n, err
		}
	}
	return times, nil
}

func pgStopped(t *town, times int) (int, error) {
	return away(t, times, func() error { return t.pg.stop() })
}

func pgKilled(t *town, times int) (int, error) {
	return away(t, times, func() error { return t.pg.kill() })
}

// away takes PostgreSQL from the houses under load and brings it back.
func away(t *town, times int, end func() error) (int, error) {
	t.work()
	for n := range times {
		if err := t.ledger.waitWrites(t.ctx, 20); err != nil {
			return n, err
		}
		if err := end(); err != nil {
			return n, err
		}
		between(100*time.Millisecond, 2*time.Second)
		if err := t.pg.start(t.ctx); err != nil {
			return n, err
		}
		t.back.aim(t.pg.addr)
		if err := t.connect(); err != nil {
			return n, err
		}
		for slot, h := range t.houses {
			if !h.alive() {
				return n, fmt.Errorf("house %d ended because PostgreSQL was away: %w: %s", slot, h.err, h.log)
			}
		}
	}
	return times, t.ledger.waitWrites(t.ctx, 20)
}
