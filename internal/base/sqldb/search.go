package sqldb

import (
	"context"
	"slices"
	"strconv"
	"strings"
)

// SearchTable is the name of a table made by the migration alias {{fts NAME}}:
// an index from words to the ids of what they stand in. The text itself is not
// kept in it. Words come split already, separated by spaces; case is folded.
type SearchTable string

// Put enters the words of id, instead of those it had; its place among the ids that
// were entered stays what it was.
func (t SearchTable) Put(ctx context.Context, tx *Tx, id, words string) error {
	words = strings.ToLower(words)
	if tx.Engine() == Postgres {
		_, err := tx.Exec(ctx, "insert into "+string(t)+" (id, words) values (?, cast(cast(? as text) as tsvector))"+
			" on conflict (id) do update set words = excluded.words", id, vector(words))
		return err
	}
	if _, err := tx.Exec(ctx, "delete from "+string(t)+" where rowid = (select rowno from "+string(t)+"_id where id = ?)", id); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, "insert into "+string(t)+"_id (id) values (?) on conflict (id) do nothing", id); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, "insert into "+string(t)+" (rowid, words) select rowno, ? from "+string(t)+"_id where id = ?",
		strings.Join(strings.Fields(words), " "), id)
	return err
}

// Insert gives add the statements that enter the words of an id that is not in
// the table yet, so that they can travel with others.
func (t SearchTable) Insert(e Engine, add func(query string, args ...any), id, words string) {
	words = strings.ToLower(words)
	if e == Postgres {
		add("insert into "+string(t)+" (id, words) values (?, cast(cast(? as text) as tsvector))", id, vector(words))
		return
	}
	add("insert into "+string(t)+"_id (id) values (?)", id)
	add("insert into "+string(t)+" (rowid, words) select rowno, ? from "+string(t)+"_id where id = ?",
		strings.Join(strings.Fields(words), " "), id)
}

// Take enters words that wait in a table (case_id, words) and are not entered yet, in
// the order of their ids, at most limit, and takes them out of there. It returns how
// many there were. Many at once cost SQLite's index a fraction of what each costs by
// itself; PostgreSQL's lets them wait itself, and nothing is to wait for it elsewhere.
func (t SearchTable) Take(ctx context.Context, tx *Tx, from string, limit int) (int, error) {
	type waiting struct {
		ID    string `db:"case_id"`
		Words string `db:"words"`
	}
	all, err := Select[waiting](ctx, tx, "select case_id, words from "+from+" order by case_id limit "+strconv.Itoa(limit))
	if err != nil || len(all) == 0 {
		return 0, err
	}
	var batch Batch
	if tx.Engine() == Postgres { // of a database that was moved
		for _, w := range all {
			batch.Add("insert into "+string(t)+" (id, words) values (?, cast(cast(? as text) as tsvector)) on conflict (id) do nothing", w.ID, vector(w.Words))
			batch.Add("delete from "+from+" where case_id = ?", w.ID)
		}
	} else {
		last := all[len(all)-1].ID
		batch.Add("insert into "+string(t)+"_id (id) select case_id from "+from+" where case_id <= ? order by case_id", last)
		batch.Add("insert into "+string(t)+" (rowid, words) select k.rowno, w.words from "+from+" w join "+string(t)+"_id k on k.id = w.case_id"+
			" where w.case_id <= ? order by k.rowno", last)
		batch.Add("delete from "+from+" where case_id <= ?", last)
	}
	_, err = tx.Pipeline(ctx, &batch)
	return len(all), err
}

// Delete takes id out. It is no error if it was not there.
func (t SearchTable) Delete(ctx context.Context, tx *Tx, id string) error {
	if tx.Engine() == Postgres {
		_, err := tx.Exec(ctx, "delete from "+string(t)+" where id = ?", id)
		return err
	}
	n, err := tx.Exec(ctx, "delete from "+string(t)+" where rowid = (select rowno from "+string(t)+"_id where id = ?)", id)
	if err != nil || n == 0 {
		return err
	}
	_, err = tx.Exec(ctx, "delete from "+string(t)+"_id where id = ?", id)
	return err
}

// Match returns a condition, with its one argument, that holds where column is
// an id in whose words the query is found: every word of it, and the words
// between double quotes next to each other in that order. A word that ends in *
// is the beginning of a word. An empty query finds nothing.
func (t SearchTable) Match(e Engine, column, query string) (condition string, arg any) {
	terms := parseQuery(query)
	if len(terms) == 0 {
		return "1 = ?", 0
	}
	if e == Postgres {
		return column + " in (select id from " + string(t) + " where words @@ cast(cast(? as text) as tsquery))", tsquery(terms)
	}
	return column + " in (select k.id from " + string(t) + " f join " + string(t) + "_id k on k.rowno = f.rowid where f.words match ?)",
		fts5query(terms)
}

// A word that so many of the newest have is frequent: PostgreSQL finds it soonest by
// looking through them, and any other by its index, whatever its statistics say.
const (
	sampled  = 300
	frequent = 3
)

// Latest returns the ids in whose words the query is found, as Match tells, at most
// limit: those entered last on SQLite, the last in the order of ids on PostgreSQL.
// Where ids ascend with time both are the newest, and so few cost little even where
// the words are everybody's.
func (t SearchTable) Latest(ctx context.Context, q Querier, query string, limit int) ([]string, error) {
	terms := parseQuery(query)
	if len(terms) == 0 {
		return nil, nil
	}
	if q.Engine() == SQLite {
		return Select[string](ctx, q, "select (select id from "+string(t)+"_id where rowno = f.rowid) from "+string(t)+
			" f where f.words match ? order by f.rowid desc limit ?", fts5query(terms), limit)
	}
	// In a query of its own it is read once, not again for each row.
	const holds = "words @@ (select cast(cast(? as text) as tsquery))"
	var n int
	err := q.QueryRow(ctx, "select count(*) from (select words from "+string(t)+" order by id desc limit ?) newest where "+holds,
		sampled, tsquery(terms)).Scan(&n)
	if err != nil {
		return nil, err
	}
	from := "with found as materialized (select id from " + string(t) + " where " + holds + ") select id from found"
	if n >= frequent {
		from = "select id from " + string(t) + " where case when " + holds + " then 1 else 0 end = 1" // which no index answers
	}
	return Select[string](ctx, q, from+" order by id desc limit ?", tsquery(terms), limit)
}

// Before returns a condition, with its one argument, that holds where column, with the
// name of its table before it, is an id that Latest gives after another one, which is in
// the search table.
func (t SearchTable) Before(e Engine, column, id string) (condition string, arg any) {
	if e == Postgres {
		return column + " < ?", id
	}
	return "(select rowno from " + string(t) + "_id k where k.id = " + column + ") < (select rowno from " + string(t) + "_id where id = ?)", id
}

// Among returns those of the ids in whose words the query is found, as Match tells, in
// no order. Ids that were entered together cost least.
func (t SearchTable) Among(ctx context.Context, q Querier, query string, ids []string) ([]string, error) {
	terms := parseQuery(query)
	if len(terms) == 0 || len(ids) == 0 {
		return nil, nil
	}
	args := make([]any, 0, len(ids)+1)
	for _, id := range ids {
		args = append(args, id)
	}
	in := " in (" + strings.TrimSuffix(strings.Repeat("?, ", len(ids)), ", ") + ")"
	if q.Engine() == SQLite {
		// The words are looked up once for all, between the first and the last of them.
		return Select[string](ctx, q, "with asked as materialized (select id, rowno from "+string(t)+"_id where id"+in+") select id from asked"+
			" where rowno in (select rowid from "+string(t)+" where words match ?"+
			" and rowid >= (select min(rowno) from asked) and rowid <= (select max(rowno) from asked))", append(args, fts5query(terms))...)
	}
	return Select[string](ctx, q, "select id from "+string(t)+" where id"+in+
		" and case when words @@ (select cast(cast(? as text) as tsquery)) then 1 else 0 end = 1", append(args, tsquery(terms))...)
}

// parseQuery takes a query apart into terms; a term of several words is a phrase.
func parseQuery(query string) (terms [][]string) {
	for i, part := range strings.Split(strings.ToLower(query), `"`) {
		words := strings.Fields(part)
		if i%2 == 1 && len(words) > 0 {
			terms = append(terms, words)
			continue
		}
		for _, w := range words {
			terms = append(terms, []string{w})
		}
	}
	return terms
}

func fts5query(terms [][]string) string {
	quoted := make([]string, len(terms))
	for i, words := range terms {
		last, begins := beginning(words[len(words)-1])
		quoted[i] = `"` + strings.Join(append(slices.Clone(words[:len(words)-1]), last), " ") + `"` // no word holds a quote
		if begins {
			quoted[i] += "*"
		}
	}
	return strings.Join(quoted, " ")
}

func tsquery(terms [][]string) string {
	all := make([]string, len(terms))
	for i, words := range terms {
		phrase := make([]string, len(words))
		for j, w := range words {
			word, begins := beginning(w)
			phrase[j] = lexeme(word)
			if begins {
				phrase[j] += ":*"
			}
		}
		all[i] = "(" + strings.Join(phrase, " <-> ") + ")"
	}
	return strings.Join(all, " & ")
}

// beginning takes the * off a word that is only the beginning of one.
func beginning(word string) (string, bool) {
	begin, ok := strings.CutSuffix(word, "*")
	if !ok || begin == "" {
		return word, false
	}
	return begin, true
}

// Limits of PostgreSQL's tsvector: positions end at 16383, a word has at most
// 256 of them and fewer than 2048 bytes. What is beyond is found without phrases,
// or for such a word not at all.
const (
	lastPosition  = 16383
	mostPositions = 256
	longestWord   = 2046
)

// vector writes words as a tsvector, so that no parser of PostgreSQL, which
// depends on its locale, looks at Chinese text.
func vector(words string) string {
	positions := map[string][]string{}
	for i, w := range strings.Fields(words) {
		if len(w) <= longestWord && len(positions[w]) < mostPositions {
			positions[w] = append(positions[w], strconv.Itoa(min(i+1, lastPosition)))
		}
	}
	entries := make([]string, 0, len(positions))
	for w, at := range positions {
		entries = append(entries, lexeme(w)+":"+strings.Join(at, ","))
	}
	slices.Sort(entries)
	return strings.Join(entries, " ")
}

func lexeme(word string) string { return "'" + quoted.Replace(word) + "'" }

// quoted is made once: to make it costs more than to use it.
var quoted = strings.NewReplacer(`\`, `\\`, `'`, `''`)
