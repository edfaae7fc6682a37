package app

import (
	"context"
	"errors"
	"time"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/sqldb"
	"yiwang/internal/core/cases"
	"yiwang/internal/core/org"
	"yiwang/internal/core/schema"
)

// movedSetting says in a database that was left where everything went.
const movedSetting = "moved"

// Moved is the proof of a move: what was read in one database and what was then
// found in the other.
type Moved struct {
	Tables  []MovedTable  `json:"tables"`
	Words   int           `json:"words"` // cases whose message is found by its words again
	Verdict cases.Verdict `json:"verdict"`
	Root    string        `json:"root"` // of the log, as it was signed in the old database
	OK      bool          `json:"ok"`
}

// MovedTable is one table before and after.
type MovedTable struct {
	Name   string    `json:"name"`
	Before sqldb.Sum `json:"before"`
	After  sqldb.Sum `json:"after"`
}

// Move copies everything from the database of a data directory into an empty one on
// the other engine, or the same, and proves that nothing changed: every table has the
// same rows, the log has the same root, its signed checkpoint fits, and every state
// row folds again. The directory stays, with its keys and attachments; the database
// that was left is marked and opens no more. Errors: those of Open, Conflict
// "app.not_empty", Internal "app.move_differs".
func Move(ctx context.Context, cfg Config, to string, progress func(table string)) (m Moved, err error) {
	defer errs.Wrap(&err, "app.Move")
	a, err := Open(ctx, cfg)
	if err != nil {
		return m, err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	for n := 1; n > 0; {
		if n, err = a.Cases.Sequence(ctx, a.Holder()); err != nil {
			return m, err
		}
	}
	note, err := a.Cases.Checkpoint(ctx)
	if err != nil {
		return m, err
	}
	target, err := sqldb.Open(ctx, sqldb.Config{URL: to, Now: a.Now, Logger: a.Logger})
	if err != nil {
		return m, err
	}
	defer func() { err = errors.Join(err, target.Close()) }()
	tables, err := a.prepareMove(ctx, target)
	if err != nil {
		return m, err
	}
	if m.Tables, err = a.copyTables(ctx, tables, target, progress); err != nil {
		return m, err
	}
	if err := a.proveMove(ctx, &m, target, note); err != nil {
		return m, err
	}
	if !m.OK {
		return m, errs.E(errs.Internal, "app.move_differs", nil)
	}
	return m, a.DB.Write(ctx, func(tx *sqldb.Tx) error {
		_, err := tx.Exec(ctx, `insert into setting (name, value) values (?, ?) on conflict (name) do nothing`,
			movedSetting, time.UnixMilli(tx.Now()).UTC().Format(time.RFC3339))
		return err
	})
}

// prepareMove makes the schema in the other database and sees that it holds nothing.
func (a *App) prepareMove(ctx context.Context, target *sqldb.DB) ([]sqldb.Table, error) {
	if err := target.Migrate(ctx, schema.Migrations()); err != nil {
		return nil, err
	}
	tables, err := a.DB.Tables(ctx)
	if err != nil {
		return nil, err
	}
	for _, t := range tables {
		var n int64
		if err := target.Read().QueryRow(ctx, `select count(*) from `+t.Name).Scan(&n); err != nil {
			return nil, err
		}
		if n > 0 {
			return nil, errs.E(errs.Conflict, "app.not_empty", errs.Args{"table": t.Name})
		}
	}
	return tables, nil
}

func (a *App) copyTables(ctx context.Context, tables []sqldb.Table, target *sqldb.DB, progress func(string)) (out []MovedTable, err error) {
	err = a.DB.Snapshot(ctx, func(q sqldb.Querier) error {
		for _, t := range tables {
			if progress != nil {
				progress(t.Name)
			}
			sum, err := sqldb.CopyTable(ctx, q, t, target)
			if err != nil {
				return err
			}
			out = append(out, MovedTable{Name: t.Name, Before: sum})
		}
		return nil
	})
	return out, err
}

// proveMove reads everything back, by the other database's own catalogue.
func (a *App) proveMove(ctx context.Context, m *Moved, target *sqldb.DB, note string) error {
	tables, err := target.Tables(ctx)
	if err != nil {
		return err
	}
	m.OK = len(tables) == len(m.Tables)
	err = target.Snapshot(ctx, func(q sqldb.Querier) error {
		for i, t := range tables {
			sum, err := sqldb.SumOf(ctx, q, t)
			if err != nil {
				return err
			}
			if i >= len(m.Tables) || m.Tables[i].Name != t.Name || m.Tables[i].Before != sum {
				m.OK = false
			}
			if i < len(m.Tables) {
				m.Tables[i].After = sum
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	_, root, err := a.Cases.Root(ctx)
	if err != nil {
		return err
	}
	m.Root = cases.EncodeRoot(root)
	staff := a.Staff.Directory()
	there, err := cases.New(ctx, cases.Deps{
		DB: target, City: a.City, Units: func() *org.Directory { return staff }, Master: a.keys.master, MAC: a.MAC, Signer: a.keys.signer, Logger: a.Logger,
	})
	if err != nil {
		return err
	}
	if m.Words, err = there.Reindex(ctx); err != nil {
		return err
	}
	m.Verdict, err = there.Verify(ctx, []byte(note), nil)
	m.OK = m.OK && m.Verdict.OK && m.Verdict.Root == m.Root
	return err
}

// refuseMoved says where a database's content has gone. Error: Conflict "app.moved".
func (a *App) refuseMoved(ctx context.Context) error {
	var at string
	err := a.DB.Read().QueryRow(ctx, `select value from setting where name = ?`, movedSetting).Scan(&at)
	if errs.Is(err, errs.NotFound) {
		return nil
	}
	if err == nil {
		err = errs.E(errs.Conflict, "app.moved", errs.Args{"at": at})
	}
	return err
}
