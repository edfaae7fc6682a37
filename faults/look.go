package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os/exec"
	"strconv"
	"strings"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
	_ "modernc.org/sqlite"             // the driver "sqlite"
)

// finding is what a look into the database found.
type finding struct {
	lost    int // acknowledged writes that are not there
	twice   int // writes that are there more than once
	clocks  int // warnings and breaches of clocks that are in the log
	fired   int // of them, more than once
	late    int // clocks that were due and have not fired
	notices int // handed over to the gateway
	again   int // of them, more than once
	ghosts  int // noted as sent, and the gateway never had them
	unknown int // shown to the operator as unknown: they may have been handed over
	faults  []string
	cases   int
}

// ok reports whether nothing was lost or done twice.
func (f *finding) ok() bool {
	return f.lost+f.twice+f.fired+f.late+f.again+f.ghosts+len(f.faults) == 0
}

// look reads the database itself, past the program, and holds it against what the
// clients and the gateway remember.
func look(ctx context.Context, db *sql.DB, l *ledger, g *gateway) (f finding, err error) {
	l.mu.Lock()
	acknowledged := maps.Clone(l.filed)
	maps.Copy(acknowledged, l.acted)
	l.mu.Unlock()
	before := g.ids()
	tx, err := db.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
	if err != nil {
		return f, err
	}
	defer tx.Rollback() // it only read
	if f, err = lookWrites(ctx, tx, acknowledged, l); err != nil {
		return f, err
	}
	if err := lookClocks(ctx, tx, &f); err != nil {
		return f, err
	}
	return f, lookNotices(ctx, tx, before, g, &f)
}

// lookWrites counts acknowledged writes that are missing, and writes done twice.
func lookWrites(ctx context.Context, tx *sql.Tx, acknowledged map[string]string, l *ledger) (f finding, err error) {
	stored := map[string]string{} // id of a message or a deed → case
	deeds := map[string]int{}     // case → deeds that were remembered
	err = each(ctx, tx, `select channel, external_id, case_id from intake_key`, func(r []string) {
		id := r[1]
		if r[0] == "once" {
			id = id[strings.LastIndex(id, "/")+1:]
			deeds[r[2]]++
		}
		stored[id] = r[2]
	})
	if err != nil {
		return f, err
	}
	corrections, filings := map[string]int{}, map[string]int{} // by case, in the log
	err = each(ctx, tx, `select a.case_id, a.kind, count(*) from action a join cases c on c.id = a.case_id
		where a.kind in ('file', 'correct') and c.family = 'appeal' group by a.case_id, a.kind`, func(r []string) {
		n, _ := strconv.Atoi(r[2]) // a count
		if r[1] == "file" {
			filings[r[0]] = n
		} else {
			corrections[r[0]] = n
		}
	})
	if err != nil {
		return f, err
	}
	f.cases = len(filings)
	for id, c := range acknowledged {
		if stored[id] != c || filings[c] == 0 {
			f.lost++
		}
	}
	owned := map[string]bool{}
	l.mu.Lock()
	for id := range l.sent {
		owned[stored[id]] = true
	}
	l.mu.Unlock()
	for c, n := range filings {
		f.twice += n - 1
		if !owned[c] {
			f.twice++ // no message has this case: it was made besides the one that counts
		}
		f.twice += max(0, corrections[c]-deeds[c])
		f.lost += max(0, deeds[c]-corrections[c]) // remembered as done, and not in the log
	}
	return f, nil
}

// lookClocks counts what clocks did in the log, and those that are due and silent.
func lookClocks(ctx context.Context, tx *sql.Tx, f *finding) error {
	seen := map[string]int{}
	var bad error
	err := each(ctx, tx, `select case_id, header from action where kind = 'clock'`, func(r []string) {
		var h struct {
			Clocks []struct {
				Verb  string `json:"verb"`
				Code  string `json:"code"`
				Round int    `json:"round"`
				Pct   int    `json:"pct"`
			} `json:"clocks"`
		}
		bad = errors.Join(bad, json.Unmarshal([]byte(r[1]), &h))
		for _, op := range h.Clocks {
			if op.Verb != "warn" && op.Verb != "breach" {
				continue
			}
			seen[fmt.Sprint(r[0], op.Verb, op.Code, op.Round, op.Pct)]++
		}
	})
	f.clocks = len(seen)
	for _, n := range seen {
		f.fired += n - 1
	}
	return errors.Join(err, bad)
}

// lookNotices holds the notices against what the gateway took: before is what it
// had before the database was read.
func lookNotices(ctx context.Context, tx *sql.Tx, before map[string]bool, g *gateway, f *finding) error {
	f.again = len(g.twice())
	f.notices = len(before)
	return each(ctx, tx, `select id, state from notice where channel <> 'inapp'`, func(r []string) {
		switch r[1] {
		case "sent":
			if !g.has(r[0]) {
				f.ghosts++
			}
		case "unknown":
			f.unknown++
		case "queued", "unaddressed", "failed":
			if before[r[0]] {
				f.again++ // it would be handed over once more
			}
		}
	})
}

// each runs a query and gives every row as texts.
func each(ctx context.Context, tx *sql.Tx, query string, take func(row []string)) error {
	rows, err := tx.QueryContext(ctx, query)
	if err != nil {
		return err
	}
	defer rows.Close() // read to its end
	columns, err := rows.Columns()
	if err != nil {
		return err
	}
	row := make([]string, len(columns))
	to := make([]any, len(columns))
	for i := range row {
		to[i] = &row[i]
	}
	for rows.Next() {
		if err := rows.Scan(to...); err != nil {
			return err
		}
		take(row)
	}
	return rows.Err()
}

// verdict is what yiwang verify says.
type verdict struct {
	Actions int64    `json:"actions"`
	Root    string   `json:"root"`
	OK      bool     `json:"ok"`
	Faults  []string `json:"faults"`
}

// verify runs the program's own command on a data directory.
func verify(ctx context.Context, bin string, flags []string) (v verdict, err error) {
	out, err := exec.CommandContext(ctx, bin, append([]string{"verify", "--json"}, flags...)...).Output()
	if jerr := json.Unmarshal(out, &v); jerr != nil {
		said := ""
		if exit, ok := errors.AsType[*exec.ExitError](err); ok {
			said = string(exit.Stderr)
		}
		return v, fmt.Errorf("verify: %w: %s", errors.Join(err, jerr), said)
	}
	return v, nil
}
