package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

// acknowledged is what the clients know to be written by now.
func (l *ledger) acknowledged() map[string]string {
	l.mu.Lock()
	defer l.mu.Unlock()
	all := maps.Clone(l.filed)
	maps.Copy(all, l.acted)
	return all
}

// holds looks for writes in a copy: every one of before, and none of after.
func holds(ctx context.Context, db *sql.DB, before, after map[string]string, l *ledger) error {
	tx, err := db.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return err
	}
	defer tx.Rollback() // it only read
	f, err := lookWrites(ctx, tx, before, l)
	if err != nil {
		return err
	}
	if f.lost > 0 || f.twice > 0 {
		return fmt.Errorf("in the copy %d of %d writes are missing, %d are there twice", f.lost, len(before), f.twice)
	}
	if len(after) == 0 {
		return nil
	}
	if f, err = lookWrites(ctx, tx, after, l); err == nil && f.lost != len(after) {
		err = fmt.Errorf("%d writes are there from after the moment that was restored", len(after)-f.lost)
	}
	return err
}

// backups copies the directory under load and looks into every copy.
func backups(t *town, times int) (int, error) {
	t.work()
	for n := range times {
		if err := t.ledger.waitWrites(t.ctx, 30); err != nil {
			return n, err
		}
		before := t.ledger.acknowledged()
		to := t.file(fmt.Sprint("backup", n))
		if err := t.backup(to, n%2 == 1); err != nil {
			return n, err
		}
		if err := t.opens([]string{"--data", to}, "sqlite", "file:"+filepath.Join(to, "yiwang.db"), before, nil, "--checkpoint", filepath.Join(to, "checkpoint.txt")); err != nil {
			return n, fmt.Errorf("%s: %w", to, err)
		}
	}
	return times, nil
}

// backup copies the directory of a house that runs, the keys by another way where they
// are left out.
func (t *town) backup(to string, without bool) error {
	args := append([]string{"backup", "--to", to}, t.flags(0)...)
	if without {
		args = append(args, "--without-keys")
	}
	if out, err := exec.CommandContext(t.ctx, t.bin, args...).CombinedOutput(); err != nil {
		return fmt.Errorf("backup: %w: %s", err, out)
	}
	if without {
		return t.keysTo(to)
	}
	return nil
}

// opens verifies a copy, holds it against the clients' memory, and lets the program go on
// from it, the numbers moved on where it is of an earlier moment. The flags after the two
// maps are for the first look only.
func (t *town) opens(flags []string, driver, url string, before, after map[string]string, first ...string) error {
	if err := t.sound(slices.Concat(flags, first)); err != nil {
		return err
	}
	db, err := sql.Open(driver, url)
	if err != nil {
		return err
	}
	defer db.Close() // what matters is the program's
	if err := holds(t.ctx, db, before, after, t.ledger); err != nil {
		return err
	}
	if len(after) > 0 {
		if _, err := db.ExecContext(t.ctx, "update number_block set next = next + 20000"); err != nil {
			return err
		}
	}
	h, err := launch(t.ctx, t.bin, append([]string{"serve", "--addr", "127.0.0.1:0", "--clock", t.file("clock")}, flags...))
	if err != nil {
		return err
	}
	_, err = t.request(&http.Client{Timeout: patience}, http.MethodPost, "http://"+h.addr+"/api/cases", "application/json",
		strings.NewReader(`{"family":"appeal","channel":"hotline","external_id":"served again","title":"路灯不亮","text":"滨河路路灯不亮，请派人处理。"}`))
	return errors.Join(err, h.stop(), t.sound(flags))
}

// sound fails where yiwang verify finds anything.
func (t *town) sound(flags []string) error {
	v, err := verify(t.ctx, t.bin, flags)
	if err == nil && !v.OK {
		err = fmt.Errorf("%v", v.Faults)
	}
	return err
}

// moment lets the clients write, rest, and write on, and returns the time in the rest
// with what was acknowledged before and after it.
func (t *town) moment() (at time.Time, before, after map[string]string, err error) {
	t.work()
	if err := t.ledger.waitWrites(t.ctx, 100); err != nil {
		return at, nil, nil, err
	}
	t.rest()
	if _, err := t.quiet(20 * time.Second); err != nil {
		return at, nil, nil, err
	}
	before = t.ledger.acknowledged()
	time.Sleep(3 * time.Second)
	at = time.Now()
	time.Sleep(3 * time.Second)
	t.work()
	err = t.ledger.waitWrites(t.ctx, 100)
	t.rest()
	after = t.ledger.acknowledged()
	for id := range before {
		delete(after, id)
	}
	return at, before, after, err
}

// litestream ships the log of the SQLite file as it grows, and restores a moment.
func litestream(t *town, _ int) (int, error) {
	tool, err := exec.LookPath("litestream")
	if err != nil {
		return 0, errSkipped("litestream is not installed (https://litestream.io)")
	}
	file, replica, restored := filepath.Join(t.data(0), "yiwang.db"), "file://"+t.file("replica"), t.file("restored")
	ship := exec.CommandContext(t.ctx, tool, "replicate", file, replica)
	log := &tail{}
	ship.Stdout, ship.Stderr = log, log
	if err := ship.Start(); err != nil {
		return 0, err
	}
	ended := func() error {
		_ = ship.Process.Signal(syscall.SIGINT) // Wait tells
		return ship.Wait()
	}
	at, before, after, err := t.moment()
	time.Sleep(3 * time.Second)
	if err := errors.Join(err, ended()); err != nil {
		return 0, fmt.Errorf("%w: %s", err, log)
	}
	if err := os.MkdirAll(restored, 0o700); err != nil {
		return 0, err
	}
	to := filepath.Join(restored, "yiwang.db")
	out, err := exec.CommandContext(t.ctx, tool, "restore", "-timestamp", at.UTC().Format(time.RFC3339), "-o", to, replica).CombinedOutput()
	if err != nil {
		return 0, fmt.Errorf("litestream restore: %w: %s", err, out)
	}
	if err := t.keysTo(restored); err != nil {
		return 0, err
	}
	return 1, t.opens([]string{"--data", restored}, "sqlite", "file:"+to, before, after)
}

// archive restores PostgreSQL from a base backup made under load and the archive of
// its write-ahead log, as it was at a moment.
func archive(t *town, _ int) (int, error) {
	script := func(args ...string) error {
		out, err := exec.CommandContext(t.ctx, "script/postgres-backup", args...).CombinedOutput()
		if err != nil {
			err = fmt.Errorf("script/postgres-backup %s: %w: %s", args[0], err, out)
		}
		return err
	}
	kept, base := t.file("archive"), t.file("base")
	if err := script("archive", at(t.pg.addr), kept); err != nil {
		return 0, err
	}
	if _, err := away(t, 1, t.pg.stop); err != nil { // the archive begins with a restart
		return 0, err
	}
	if err := script("base", at(t.pg.addr), base); err != nil {
		return 0, err
	}
	t.rest()
	moment, before, after, err := t.moment()
	if err != nil {
		return 0, err
	}
	if _, err := t.db.ExecContext(t.ctx, `select pg_switch_wal()`); err != nil {
		return 0, err
	}
	if err := t.archived(kept); err != nil {
		return 0, err
	}
	if err := os.MkdirAll(t.file("again"), 0o755); err != nil {
		return 0, err
	}
	again := &cluster{dir: t.file("again")}
	if err := script("restore", base, kept, filepath.Join(again.dir, "data"), moment.UTC().Format("2006-01-02 15:04:05.000+00")); err != nil {
		return 0, err
	}
	if err := again.start(t.ctx); err != nil {
		return 0, err
	}
	restored := t.file("restored")
	if err := t.backup(restored, false); err != nil {
		return 0, errors.Join(err, again.stop())
	}
	err = t.opens([]string{"--data", restored, "--db", at(again.addr)}, "pgx", at(again.addr), before, after)
	return 1, errors.Join(err, again.stop())
}

// archived waits until the server has put away all of its log but what it writes now.
func (t *town) archived(dir string) error {
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		var done bool
		err := t.db.QueryRowContext(t.ctx, `select coalesce(last_archived_wal >= pg_walfile_name(pg_current_wal_lsn() - 16777216), false) from pg_stat_archiver`).Scan(&done)
		if err != nil || done {
			return err
		}
	}
	return fmt.Errorf("the log does not come to %s", dir)
}

// moveOver moves the SQLite database to a PostgreSQL of its own and lets the clients
// go on there.
func moveOver(t *town, _ int) (int, error) {
	t.work()
	if err := t.ledger.waitWrites(t.ctx, 50); err != nil {
		return 0, err
	}
	t.rest()
	if err := t.down(); err != nil {
		return 0, err
	}
	pg := &cluster{dir: t.file("moved")}
	if err := pg.start(t.ctx); err != nil {
		return 0, err
	}
	out, err := exec.CommandContext(t.ctx, t.bin, "move", "--data", t.data(0), "--to", at(pg.addr)).CombinedOutput()
	if err != nil {
		return 0, errors.Join(fmt.Errorf("move: %w: %s", err, out), pg.stop())
	}
	if t.back, err = newWire(); err != nil {
		return 0, errors.Join(err, pg.stop())
	}
	t.back.aim(pg.addr)
	t.pg = pg // stopped with the town
	if err := t.up(); err != nil {
		return 0, err
	}
	if err := t.connect(); err != nil {
		return 0, err
	}
	t.work()
	return 1, t.ledger.waitWrites(t.ctx, 50)
}
