package internal_test

import (
	"cmp"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"yiwang/internal/core/schema"
)

var update = flag.Bool("update", false, "write deploy/citus anew from the migrations and the statements")

// engineWords are what one engine understands and the other does not, or understands
// otherwise. Outside base/sqldb no statement has them: it would run on one engine
// only, or differ silently.
var engineWords = []engineWord{
	{`::`, "a cast of PostgreSQL's own: write cast(x as t)"},
	{`\bilike\b`, "PostgreSQL only: LIKE minds case on both"},
	{`\bglob\b|\bregexp\b|\bsimilar to\b|~\*| ~ `, "patterns differ: LIKE is portable"},
	{`\bmatch \?|@@`, "full text is SearchTable.Match"},
	{`->>|->|\bjson_|\bjsonb_|#>`, "JSON is read by Engine.JSONText"},
	{`\bskip locked\b|\bfor no key\b`, "work is claimed by Claim"},
	{`\bfor update\b`, "SQLite has no row locks"},
	{`\binsert or\b|\breplace into\b`, "SQLite only: on conflict is portable"},
	{`\browid\b|\bctid\b|\boid\b`, "an engine's own row number"},
	{`\bpragma\b|\bsqlite_|\bpg_|\binformation_schema\b`, "an engine's own catalogue"},
	{`\bnow\(\)|\bcurrent_timestamp\b|\bstrftime\(|\bdatetime\(|\bjulianday\(|\bto_char\(|\bdate_trunc\(|\bextract\(|\binterval '`, "time is the transaction's, in milliseconds"},
	{`\bgen_random_uuid\b|\brandom\(\)|\brandomblob\b`, "chance comes from the program"},
	{`\bserial\b|\bautoincrement\b|\bgenerated always\b|\bnextval\(`, "ids come from the program"},
	{`\bgroup_concat\(|\barray_agg\(|\bunnest\(|\bany ?\(|\barray\[`, "no arrays; what joins texts on both is string_agg"},
	{`\bdistinct on\b|\blateral\b|\bcross apply\b`, "PostgreSQL only"},
	{`\binstr\(|\bstrpos\(|\bposition\(|\bprintf\(|\bformat\(|\bifnull\(|\bnvl\(|\biif\(|\btotal\(`, "a function of one engine"},
	{`\bgreatest\(|\bleast\(`, "PostgreSQL only: use case when"},
	{`\blisten\b|\bpg_notify\b|\badvisory\b`, "bound to one connection: a pooler in transaction mode breaks it"},
	{`\bcreate temp|\bdeclare \w+ cursor\b|^\s*set `, "bound to one connection: a pooler in transaction mode breaks it"},
	{`\bmatch \w+ against\b|\bstraight_join\b|\bnolock\b`, "another engine's"},
}

type engineWord struct{ pattern, because string }

// spoken are the statements outside base/sqldb that ask for the engine first and are
// for that one only, by function and word.
var spoken = map[string]string{
	"core/cases.load: for update":   "SQLite has one writer, who needs no lock",
	"core/org.countTry: for update": "SQLite has one writer, who needs no lock",
}

// statement is a piece of SQL in the source.
type statement struct {
	where string // package and function
	text  string // … stands for what is put in at run time
}

var (
	lockSQL   = regexp.MustCompile(`^\s*for update\b`)
	startsSQL = regexp.MustCompile(`(?is)^\s*(select\s|insert\s+into\s|update\s+\S+\s+set\s|delete\s+from\s|with\s+\w+\s+as\s|begin\b|set\s+(local\s+)?\w+\s*=)`)
	pieceSQL  = regexp.MustCompile(`(?s)\w\([^()]*\?|[\w)] (like|ilike|in|is|=|<|>|<=|>=|<>) ?(\?|\(|null)|(\bwhere\b|\border by\b|\bgroup by\b|\bon conflict\b|\bfor update\b| and | or ).*(\?|=|<|>|\bin \(|\bnull\b|\basc\b|\bdesc\b|\w, \w)`)
	quoted    = regexp.MustCompile(`'[^']*'`)
)

// sources calls take with every file of the program, tests left out.
func sources(t *testing.T, take func(pkg string, file *ast.File)) {
	t.Helper()
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err == nil {
			take(filepath.ToSlash(filepath.Dir(path)), file)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// statements returns every string of the program that is SQL or a piece of it.
func statements(t *testing.T) (all []statement) {
	sources(t, func(pkg string, file *ast.File) { all = append(all, statementsOf(pkg, file)...) })
	return all
}

func statementsOf(pkg string, file *ast.File) (all []statement) {
	for _, decl := range file.Decls {
		where := pkg + "." + nameOf(decl)
		var look func(n ast.Node) bool
		look = func(n ast.Node) bool {
			e, ok := n.(ast.Expr)
			if !ok {
				return true
			}
			text, literal := flatten(e)
			if !literal {
				return true
			}
			if isSQL(text) {
				all = append(all, statement{where, strings.Join(strings.Fields(text), " ")})
			}
			// What is put between the parts may hold strings of its own.
			for _, inner := range between(e) {
				ast.Inspect(inner, look)
			}
			return false
		}
		ast.Inspect(decl, look)
	}
	return all
}

func isSQL(text string) bool {
	return startsSQL.MatchString(text) || lockSQL.MatchString(text) || ascii(text) && text == strings.ToLower(text) && pieceSQL.MatchString(text)
}

// between returns the parts of a sum that are no strings written out.
func between(e ast.Expr) []ast.Expr {
	switch e := e.(type) {
	case *ast.BasicLit:
		return nil
	case *ast.ParenExpr:
		return between(e.X)
	case *ast.BinaryExpr:
		if e.Op == token.ADD {
			return append(between(e.X), between(e.Y)...)
		}
	}
	return []ast.Expr{e}
}

func ascii(s string) bool {
	return strings.IndexFunc(strings.ReplaceAll(s, "…", ""), func(r rune) bool { return r > 126 }) < 0
}

func nameOf(d ast.Decl) string {
	switch d := d.(type) {
	case *ast.FuncDecl:
		return d.Name.Name
	case *ast.GenDecl:
		for _, s := range d.Specs {
			switch s := s.(type) {
			case *ast.ValueSpec:
				return s.Names[0].Name
			case *ast.TypeSpec:
				return s.Name.Name
			}
		}
	}
	return ""
}

// flatten writes a sum of strings as one; literal is false where it holds none.
func flatten(e ast.Expr) (text string, literal bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		if e.Kind != token.STRING {
			return "…", false
		}
		s, err := strconv.Unquote(e.Value)
		return s, err == nil
	case *ast.ParenExpr:
		return flatten(e.X)
	case *ast.BinaryExpr:
		if e.Op != token.ADD {
			return "…", false
		}
		a, one := flatten(e.X)
		b, two := flatten(e.Y)
		return a + b, one || two
	}
	return "…", false
}

// Every statement outside base/sqldb, and every migration for both engines, is free
// of words that only one engine knows.
func TestStatementsArePortable(t *testing.T) {
	all := statements(t)
	if len(all) < 300 {
		t.Fatalf("%d statements found: the look does not see them any more", len(all))
	}
	files, err := fs.Glob(schema.Migrations(), "*.sql")
	if err != nil {
		t.Fatal(err)
	}
	comment := regexp.MustCompile(`--[^\n]*`)
	for _, name := range files {
		if strings.HasSuffix(name, ".pg.sql") || strings.HasSuffix(name, ".sqlite.sql") {
			continue
		}
		raw, err := fs.ReadFile(schema.Migrations(), name)
		if err != nil {
			t.Fatal(err)
		}
		for part := range strings.SplitSeq(comment.ReplaceAllString(string(raw), ""), ";") {
			all = append(all, statement{"core/schema/" + name, strings.Join(strings.Fields(part), " ")})
		}
	}
	met := map[string]bool{}
	for _, w := range engineWords {
		word := regexp.MustCompile(`(?i)` + w.pattern)
		for _, s := range all {
			found := word.FindString(quoted.ReplaceAllString(s.text, "''"))
			if found == "" || strings.HasPrefix(s.where, "base/sqldb") {
				continue
			}
			key := s.where + ": " + strings.TrimSpace(strings.ToLower(found))
			met[key] = true
			if spoken[key] == "" {
				t.Errorf("%s: %s\n\tin: %s", key, w.because, s.text)
			}
		}
	}
	for key := range spoken {
		if !met[key] {
			t.Errorf("%s is not there any more: take it out of the list", key)
		}
	}
	t.Logf("%d statements and pieces of them", len(all))
}

// The look finds words of one engine wherever a statement can hide.
func TestLookFindsWords(t *testing.T) {
	const source = `package p
const one = "select a from t where b ilike ?"
func two(q Q, s string) {
	q.Exec(ctx, "insert or ignore into t (a) values (?)", s)
	q.Query(ctx, "select a from t where a = ?"+also("a::text = ?")+" order by a", s)
	b.Add(fmt.Sprintf("update %s set a = now() where b = ?", s))
	add("strpos(a, ?) = ?", s)
	add("a = json_extract(b, ?)", s)
}`
	file, err := parser.ParseFile(token.NewFileSet(), "p.go", source, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	found := statementsOf("p", file)
	for _, want := range []string{"ilike", "insert or", "::", "now()", "strpos(", "json_"} {
		seen := slices.ContainsFunc(found, func(s statement) bool {
			return slices.ContainsFunc(engineWords, func(w engineWord) bool { return regexp.MustCompile(`(?i)`+w.pattern).FindString(s.text) == want })
		})
		if !seen {
			t.Errorf("%s was not found in %v", want, found)
		}
	}
}

// shards says where each table lies under Citus. A table is distributed where its
// primary key holds the case's id, because a key that must be unique has to hold the
// column it is distributed by.
var shards = []struct {
	table, column string
	why           string
}{
	{"cases", "id", ""},
	{"action", "case_id", ""},
	{"body", "case_id", ""},
	{"case_key", "case_id", ""},
	{"case_text", "id", ""},
	{"reading", "case_id", ""},
	{"likeness", "case_id", ""},
	{"claim", "case_id", ""},
	{"access_log", "case_id", ""},
	{"link", "case_id", ""},
	{"lesson", "case_id", ""},
	{"judged", "case_id", ""},
	{"clock", "", "claimed by time with row locks over all cases, which Citus does within one shard only"},
	{"unnumbered", "", "claimed in order over all cases"},
	{"unindexed", "", "claimed in order over all cases"},
	{"notice", "", "claimed by time over all cases, and known by its own id"},
	{"contact", "", "looked up by person, over all cases"},
	{"attachment", "", "known by its own id"},
	{"voucher", "", "known by its own id"},
	{"certificate", "", "known by its own id, and numbered in a list"},
	{"letter", "", "known by its own id"},
	{"reserved", "", "one row for each thing with places, raised by whoever takes one"},
	{"case_number", "", "unique by number over all cases"},
	{"intake_key", "", "unique by channel and outer id over all cases"},
	{"exchanged", "", "unique by channel and number over all cases"},
	{"delivery", "", "in the order of its subscription"},
	{"call", "", "unique by source and outer id, before there is a case"},
	{"leaf", "", "the log is one sequence"},
	{"tile", "", "the log is one sequence"},
	{"checkpoint", "", "the log is one sequence"},
}

// small are tables of the house as a whole, left on the coordinator. None of them is a
// reference table: no statement joins one with a distributed table, and a copy on every
// node would make each sign-in a write to all of them.
var small = []string{"account", "audit", "ceremony", "draft", "edition", "entitlement", "entitlement_run", "entry_code", "feed_cursor", "figure", "identity",
	"knowledge_asked", "knowledge_entry", "lease", "machine_key", "number_block", "org_revision", "passkey", "payout", "payout_line", "register_count",
	"register_doubt", "register_item", "rule_version", "service_version", "session", "setting", "showing", "staff", "subject", "subject_change", "subject_key",
	"subject_reading", "subscription", "unit", "upload"}

// The overlay for Citus places every table that the migrations leave, and the list of
// statements that would go to all shards is the program's of today.
func TestCitusOverlay(t *testing.T) {
	placed := slices.Clone(small)
	for _, s := range shards {
		placed = append(placed, s.table)
	}
	slices.Sort(placed)
	if have := tablesLeft(t); !slices.Equal(have, placed) {
		t.Fatalf("tables of the migrations:\n%v\nplaced for Citus:\n%v", have, placed)
	}
	golden(t, "overlay.sql", overlay())
	golden(t, "across.md", across(t))
}

// tablesLeft are the tables that are there after all migrations.
func tablesLeft(t *testing.T) (left []string) {
	made := regexp.MustCompile(`(?i)(create|drop) table (?:if (?:not )?exists )?(\w+)|\{\{fts (\w+)\}\}`)
	files, err := fs.Glob(schema.Migrations(), "*.sql")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		if strings.HasSuffix(name, ".sqlite.sql") {
			continue
		}
		raw, err := fs.ReadFile(schema.Migrations(), name)
		if err != nil {
			t.Fatal(err)
		}
		up, _, _ := strings.Cut(string(raw), "-- +goose Down")
		for _, m := range made.FindAllStringSubmatch(up, -1) {
			table := cmp.Or(m[2], m[3])
			if strings.EqualFold(m[1], "drop") {
				left = slices.DeleteFunc(left, func(have string) bool { return have == table })
			} else {
				left = append(left, table)
			}
		}
	}
	slices.Sort(left)
	return left
}

func overlay() string {
	var b strings.Builder
	b.WriteString(`-- Places the tables of Yiwang on a Citus cluster. Made by
--   go test ./internal -run Citus -update
-- and never yet run on a cluster: see docs/growing.md. Run it once on the coordinator,
-- as the owner of the tables, after the first start has made them and before there
-- are cases: with cases, it moves them.
begin;
`)
	for _, s := range shards {
		switch s.column {
		case "":
			fmt.Fprintf(&b, "-- %s stays on the coordinator: %s\n", s.table, s.why)
		default:
			with := ", colocate_with => 'cases'"
			if s.table == "cases" {
				with = ", shard_count => 64"
			}
			fmt.Fprintf(&b, "select create_distributed_table('%s', '%s'%s);\n", s.table, s.column, with)
		}
	}
	b.WriteString("commit;\n")
	fmt.Fprintf(&b, "-- On the coordinator because they are the house's as a whole: %s\n", strings.Join(small, ", "))
	return b.String()
}

// across lists the functions with a statement on distributed tables that names no
// case: Citus would send it to every shard.
func across(t *testing.T) string {
	column := map[string]string{}
	for _, s := range shards {
		if s.column != "" {
			column[s.table] = s.column
		}
	}
	named := regexp.MustCompile(`\b(?:from|join|update|into) (\w+)(?: (?:as )?([a-z]\w?)\b)?`)
	found := map[string][]string{}
	for _, s := range statements(t) {
		if !startsSQL.MatchString(s.text) || strings.HasPrefix(s.text, "insert into") && !strings.Contains(s.text, " select ") {
			continue
		}
		for _, m := range named.FindAllStringSubmatch(s.text, -1) {
			key, ok := column[m[1]]
			if !ok || regexp.MustCompile(`\b(?:\w+\.)?`+key+` (?:=|in\b)`).MatchString(s.text) {
				continue
			}
			if !slices.Contains(found[s.where], m[1]) {
				found[s.where] = append(found[s.where], m[1])
			}
		}
	}
	var b strings.Builder
	b.WriteString("# Statements that go to every shard\n\n" +
		"On tables that are distributed by case, without the case's id in the statement as it is written\n" +
		"(one that is put together at run time may still name it). Made by `go test ./internal -run Citus -update`.\n\n" +
		"| function | tables |\n|---|---|\n")
	where := make([]string, 0, len(found))
	for w := range found {
		where = append(where, w)
	}
	slices.Sort(where)
	for _, w := range where {
		slices.Sort(found[w])
		fmt.Fprintf(&b, "| `%s` | %s |\n", w, strings.Join(found[w], ", "))
	}
	return b.String()
}

func golden(t *testing.T, name, want string) {
	t.Helper()
	path := filepath.Join("..", "deploy", "citus", name)
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	have, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(have) != want {
		t.Errorf("%s is not of today: go test ./internal -run Citus -update", path)
	}
}
