package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"

	"yiwang/internal/base/sqldb"
	"yiwang/internal/base/textzh"
	"yiwang/internal/core/schema"
)

// bareTables are the tables that a filing writes to, with the column of its case.
var bareTables = []string{"action", "body", "case_key", "case_number", "intake_key", "contact", "reading", "likeness", "clock", "notice", "link", "leaf"}

// bareMost is how many cases are inserted bare.
const bareMost = 8000

// bareCase is the rows of one case, in as few statements as the program uses.
type bareCase struct {
	sql  []string
	args [][]any
}

// bare inserts the very rows of the appeals created in a place into an empty database
// of the same schema, by the same driver, each case in a write of its own and the
// writes committed together as the program's are: what the engine can do where
// nothing is read, judged, sealed, hashed, asked or told.
func bare(ctx context.Context, from place, to string, clients int) (figure, error) {
	url := from.db
	if url == "" {
		url = "sqlite:" + from.data + "/yiwang.db"
	}
	all, err := bareRows(ctx, url)
	if err != nil {
		return figure{}, err
	}
	db, err := sqldb.Open(ctx, sqldb.Config{URL: to})
	if err != nil {
		return figure{}, err
	}
	defer db.Close()
	if err := db.Migrate(ctx, schema.Migrations()); err != nil {
		return figure{}, err
	}
	var next atomic.Int64
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	indexed := make(chan error, 1)
	go func() { indexed <- indexing(ctx, db) }()
	f, err := drive(ctx, clients, time.Minute, func(int, int) error {
		i := next.Add(1) - 1
		if i >= int64(len(all)) {
			cancel()
			return nil
		}
		return db.Write(context.WithoutCancel(ctx), func(tx *sqldb.Tx) error {
			var b sqldb.Batch
			for j, sql := range all[i].sql {
				b.Add(sql, all[i].args[j]...)
			}
			_, err := tx.Pipeline(context.WithoutCancel(ctx), &b)
			return err
		})
	})
	cancel()
	return f, errors.Join(err, <-indexed)
}

// indexing enters on SQLite the words that wait, a hundred cases at once, as the program
// does beside those who file.
func indexing(ctx context.Context, db *sqldb.DB) error {
	const pause, batch = 400 * time.Millisecond, 128
	for db.Engine() == sqldb.SQLite {
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(pause):
		}
		for n := batch; n == batch; {
			err := db.Write(context.WithoutCancel(ctx), func(tx *sqldb.Tx) (err error) {
				n, err = wordTable.Take(context.WithoutCancel(ctx), tx, "unindexed", batch)
				return err
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// wordTable is the index of what people wrote.
const wordTable = sqldb.SearchTable("case_text")

func bareRows(ctx context.Context, url string) (out []bareCase, err error) {
	db, err := sqldb.Open(ctx, sqldb.Config{URL: url})
	if err != nil {
		return nil, err
	}
	defer db.Close()
	// The house is the bench's own and is not started again: not every table is looked into
	// by the case.
	err = db.Write(ctx, func(tx *sqldb.Tx) error {
		var b sqldb.Batch
		for _, table := range bareTables {
			b.Add(`create index bare_` + table + ` on ` + table + ` (case_id)`)
		}
		_, err := tx.Pipeline(ctx, &b)
		return err
	})
	if err != nil {
		return nil, err
	}
	ids, err := sqldb.Select[string](ctx, db.Read(), `select case_id from intake_key where external_id like ? order by case_id desc limit ?`, createSeries+"%", bareMost)
	if err != nil {
		return nil, err
	}
	for n, id := range ids {
		var c bareCase
		if err := c.add(ctx, db, "cases", "id", id); err != nil {
			return nil, err
		}
		for _, table := range bareTables {
			if err := c.add(ctx, db, table, "case_id", id); err != nil {
				return nil, err
			}
		}
		title, text := saying(n)
		// The index holds blinded words; what they are costs the engine nothing.
		words := strings.Fields(textzh.Tokens(title + " " + text))
		for i, w := range words {
			words[i] = fmt.Sprintf("%010x", textzh.Hash(w)&(1<<40-1))
		}
		add := func(sql string, args ...any) { c.sql, c.args = append(c.sql, sql), append(c.args, args) }
		if db.Engine() == sqldb.SQLite {
			add(`insert into unindexed (case_id, words) values (?, ?)`, id, strings.Join(words, " "))
		} else {
			wordTable.Insert(db.Engine(), add, id, strings.Join(words, " "))
		}
		out = append(out, c)
	}
	return out, nil
}

// add reads the rows of a case in one table and makes one statement of them.
func (c *bareCase) add(ctx context.Context, db *sqldb.DB, table, column, id string) error {
	rows, err := db.Read().Query(ctx, `select * from `+table+` where `+column+` = ?`, id)
	if err != nil {
		return err
	}
	defer rows.Close() // a second Close does nothing
	columns, err := rows.Columns()
	if err != nil {
		return err
	}
	var args []any
	n := 0
	for rows.Next() {
		row := make([]any, len(columns))
		into := make([]any, len(columns))
		for i := range row {
			into[i] = &row[i]
		}
		if err := rows.Scan(into...); err != nil {
			return err
		}
		args = append(args, row...)
		n++
	}
	if n > 0 {
		one := "(" + strings.TrimSuffix(strings.Repeat("?, ", len(columns)), ", ") + ")"
		c.sql = append(c.sql, `insert into `+table+` (`+strings.Join(columns, ", ")+`) values `+strings.TrimSuffix(strings.Repeat(one+", ", n), ", ")+
			` on conflict do nothing`) // a tie stands with both of its cases
		c.args = append(c.args, args)
	}
	return rows.Err()
}

// another makes an empty database beside one on the same PostgreSQL server and
// returns its URL.
func another(ctx context.Context, url, name string) (string, error) {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return "", err
	}
	defer func() { _ = conn.Close(ctx) }() // nothing is lost with it
	if _, err := conn.Exec(ctx, "create database "+name); err != nil {
		return "", err
	}
	return sibling(url, name)
}

// sibling returns the URL of another database on the same server.
func sibling(url, name string) (string, error) {
	conf, err := pgx.ParseConfig(url)
	if err != nil {
		return "", err
	}
	path := "/" + conf.Database
	i := strings.Index(url, path+"?")
	if i < 0 {
		return "", fmt.Errorf("the URL of the database does not name %s", path)
	}
	return url[:i] + "/" + name + url[i+len(path):], nil
}

// dropped removes such a database, if it is there.
func dropped(ctx context.Context, url, name string) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(ctx) }()
	_, err = conn.Exec(ctx, "drop database if exists "+name+" with (force)")
	return err
}
