package sqldb

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash"
	"io/fs"
	"maps"
	"math"
	"os"
	"slices"
	"strings"

	"yiwang/internal/base/errs"
)

// Table is a table as the engine's catalogue has it.
type Table struct {
	Name    string
	Columns []string
	Key     []string // of the primary key, in its order
	kinds   []string // of the columns, as the catalogue calls them
}

// Tables returns the tables that migrations made, by name. Left out are search tables,
// which the program can make again, the note of the migrations themselves, and tables
// whose name begins with _: tools that ship the log make such.
func (db *DB) Tables(ctx context.Context) (_ []Table, err error) {
	defer errs.Wrap(&err, "sqldb.Tables")
	type column struct {
		Table string `db:"tab"`
		Name  string `db:"col"`
		Kind  string `db:"kind"`
		Key   int    `db:"pk"`
	}
	query := `select t.name as tab, c.name as col, lower(c.type) as kind, c.pk as pk
		from sqlite_schema t join pragma_table_info(t.name) c
		where t.type = 'table' and t.name not like 'sqlite\_%' escape '\' and not exists (select 1 from sqlite_schema v
			where lower(v.sql) like 'create virtual table%' and (t.name = v.name or t.name like v.name || '\_%' escape '\'))
		order by t.name, c.cid`
	if db.engine == Postgres {
		query = `select cast(c.table_name as text) as tab, cast(c.column_name as text) as col, cast(c.data_type as text) as kind,
			coalesce((select cast(array_position(cast(i.indkey as int2[]), a.attnum) as bigint) + 1 from pg_index i join pg_attribute a on a.attrelid = i.indrelid
				where i.indrelid = cast(quote_ident(c.table_name) as regclass) and i.indisprimary and a.attname = c.column_name), 0) as pk
			from information_schema.columns c join information_schema.tables t on t.table_schema = c.table_schema and t.table_name = c.table_name
			where c.table_schema = current_schema() and t.table_type = 'BASE TABLE' and not exists (select 1 from information_schema.columns v
				where v.table_schema = c.table_schema and v.table_name = c.table_name and v.data_type = 'tsvector')
			order by c.table_name collate "C", c.ordinal_position`
	}
	columns, err := Select[column](ctx, db.reads, query)
	if err != nil {
		return nil, err
	}
	var all []Table
	keys := map[string]map[int]string{}
	for _, c := range columns {
		if strings.HasPrefix(c.Table, versionTable) || strings.HasPrefix(c.Table, "_") {
			continue
		}
		if len(all) == 0 || all[len(all)-1].Name != c.Table {
			all = append(all, Table{Name: c.Table})
			keys[c.Table] = map[int]string{}
		}
		t := &all[len(all)-1]
		t.Columns, t.kinds = append(t.Columns, c.Name), append(t.kinds, c.Kind)
		if c.Key > 0 {
			keys[c.Table][c.Key] = c.Name
		}
	}
	for i := range all {
		for _, n := range slices.Sorted(maps.Keys(keys[all[i].Name])) {
			all[i].Key = append(all[i].Key, keys[all[i].Name][n])
		}
	}
	return all, nil
}

// selectAll reads a table in the order of its key, which both engines compare alike.
func (t *Table) selectAll() string {
	return "select " + strings.Join(t.Columns, ", ") + " from " + t.Name + " order by " + strings.Join(t.Key, ", ")
}

// Sum is how many rows a table has, and the SHA-256 over all of them in the order of
// their key, the same on both engines where the content is the same.
type Sum struct {
	Rows   int64
	Digest string
}

// SumOf reads a whole table.
func SumOf(ctx context.Context, q Querier, t Table) (s Sum, err error) {
	defer errs.Wrap(&err, "sqldb.SumOf(%s)", t.Name)
	d := newDigest(&t)
	if err := t.read(ctx, q, func(row []any) error { return d.add(row) }); err != nil {
		return s, err
	}
	return d.sum(), nil
}

// copyBatch is how many rows a transaction of a copy takes.
const copyBatch = 2000

// CopyTable puts all rows of a table, as q sees it, into the same table of another
// database, and returns their sum as they were read. The other table has to be
// empty, and have these columns.
func CopyTable(ctx context.Context, q Querier, t Table, to *DB) (s Sum, err error) {
	defer errs.Wrap(&err, "sqldb.CopyTable(%s)", t.Name)
	d := newDigest(&t)
	batch := make([][]any, 0, copyBatch)
	flush := func() error {
		if err := to.Write(ctx, func(tx *Tx) error { return BulkInsert(ctx, tx, t.Name, t.Columns, batch) }); err != nil {
			return err
		}
		batch = batch[:0]
		return nil
	}
	err = t.read(ctx, q, func(row []any) error {
		if err := d.add(row); err != nil {
			return err
		}
		if batch = append(batch, row); len(batch) < copyBatch {
			return nil
		}
		return flush()
	})
	if err == nil {
		err = flush()
	}
	return d.sum(), err
}

// read gives each row, its values as int64, float64, string, []byte or nil.
func (t *Table) read(ctx context.Context, q Querier, take func(row []any) error) error {
	rows, err := q.Query(ctx, t.selectAll())
	if err != nil {
		return err
	}
	defer rows.Close() // its error is in Err
	for rows.Next() {
		row, to := make([]any, len(t.Columns)), make([]any, len(t.Columns))
		for i := range row {
			to[i] = &row[i]
		}
		if err := rows.Scan(to...); err != nil {
			return err
		}
		for i, v := range row {
			row[i] = t.tidy(i, v)
		}
		if err := take(row); err != nil {
			return err
		}
	}
	return rows.Err()
}

// tidy gives a value the type that its column has on either engine.
func (t *Table) tidy(i int, v any) any {
	if b, ok := v.([]byte); ok && t.kinds[i] != "blob" && t.kinds[i] != "bytea" {
		return string(b)
	}
	return v
}

// digest sums rows up: every value with its type and its length.
type digest struct {
	t *Table
	h hash.Hash
	n int64
}

func newDigest(t *Table) *digest { return &digest{t: t, h: sha256.New()} }

func (d *digest) sum() Sum { return Sum{d.n, hex.EncodeToString(d.h.Sum(nil))} }

func (d *digest) add(row []any) error {
	d.n++
	for i, v := range row {
		if err := d.value(v); err != nil {
			return fmt.Errorf("column %s: %w", d.t.Columns[i], err)
		}
	}
	return nil
}

func (d *digest) value(v any) error {
	var raw []byte
	kind := byte(0)
	switch v := v.(type) {
	case nil:
	case int64:
		kind, raw = 'i', binary.BigEndian.AppendUint64(nil, uint64(v))
	case float64:
		kind, raw = 'r', binary.BigEndian.AppendUint64(nil, math.Float64bits(v))
	case string:
		kind, raw = 't', []byte(v)
	case []byte:
		kind, raw = 'b', v
	default:
		return fmt.Errorf("sqldb: a value of type %T", v)
	}
	head := binary.BigEndian.AppendUint64([]byte{kind}, uint64(len(raw)))
	_, err := d.h.Write(append(head, raw...)) // a hash never fails
	return err
}

// CopyFile writes the database as it is now into a new file, while it is being
// written: for a backup. Only SQLite has files. Errors: Invalid "sqldb.no_file" on
// PostgreSQL, Exists "sqldb.file_there".
func (db *DB) CopyFile(ctx context.Context, file string) (err error) {
	defer errs.Wrap(&err, "sqldb.CopyFile")
	if db.engine != SQLite {
		return errs.E(errs.Invalid, "sqldb.no_file", nil)
	}
	f, err := os.OpenFile(file, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600) // SQLite would let everybody read it
	if err != nil {
		return errs.E(errs.Exists, "sqldb.file_there", errs.Args{"file": file}).Because(err)
	}
	defer func() { err = closeSynced(f, err) }()
	pool, _, err := db.migrationPool()
	if err != nil {
		return err
	}
	defer pool.Close() // nothing is pending on it
	_, err = pool.ExecContext(ctx, "vacuum into ?", file)
	return classify(ctx, err)
}

// closeSynced makes a file durable that somebody else has written.
func closeSynced(f *os.File, err error) error {
	if err == nil {
		err = f.Sync()
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	return err
}

// Schema returns the number of the last migration that the database has, and of the
// last in files. It changes nothing. Errors: NotFound "sqldb.no_schema" where nothing
// was ever migrated, Conflict "sqldb.newer_schema".
func (db *DB) Schema(ctx context.Context, files fs.FS) (have, know int64, err error) {
	defer errs.Wrap(&err, "sqldb.Schema")
	names, err := fs.Glob(files, "*.sql")
	if err != nil {
		return 0, 0, err
	}
	for _, n := range names {
		var v int64
		if _, err := fmt.Sscanf(n, "%d_", &v); err != nil {
			return 0, 0, fmt.Errorf("%s: %w", n, err)
		}
		know = max(know, v)
	}
	have, err = Get[int64](ctx, db.reads, "select coalesce(max(version_id), 0) from "+versionTable)
	if err != nil && ctx.Err() == nil && !errs.Is(err, errs.Unavailable) {
		return 0, know, errs.E(errs.NotFound, "sqldb.no_schema", nil).Because(err)
	}
	if have > know {
		err = errs.E(errs.Conflict, "sqldb.newer_schema", errs.Args{"have": have, "know": know})
	}
	return have, know, err
}
