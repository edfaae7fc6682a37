package sqldb

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestVector(t *testing.T) {
	tests := map[string]string{
		"":                               "",
		"路灯 灯不 路灯":                       "'灯不':2 '路灯':1,3",
		`o'clock c:\x`:                   `'c:\\x':2 'o''clock':1`,
		" spaced \t\n words":             "'spaced':1 'words':2",
		strings.Repeat("长", 1000) + " 短": "'短':2",
	}
	for words, want := range tests {
		if got := vector(words); got != want {
			t.Errorf("vector(%.20q) = %.60q, want %q", words, got, want)
		}
	}
	if got := vector(strings.Repeat("a ", 300)); strings.Count(got, ",") != mostPositions-1 {
		t.Errorf("%d positions for a word, want %d", strings.Count(got, ",")+1, mostPositions)
	}
}

// Whatever a person types, the query for FTS5 has its quotes in pairs and holds
// exactly the words typed.
func TestQueryHoldsTheWords(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		typed := strings.ReplaceAll(rapid.String().Draw(t, "typed"), "*", "")
		q := fts5query(parseQuery(typed))
		if strings.Count(q, `"`)%2 != 0 {
			t.Errorf("%q → %s", typed, q)
		}
		want := strings.Join(strings.Fields(strings.ReplaceAll(strings.ToLower(typed), `"`, " ")), " ")
		if got := strings.Join(strings.Fields(strings.ReplaceAll(q, `"`, " ")), " "); got != want {
			t.Errorf("%q → %s: words %q, want %q", typed, q, got, want)
		}
	})
}

func TestQueryOfBeginnings(t *testing.T) {
	for typed, want := range map[string][2]string{
		`噪*`:      {`"噪"*`, `('噪':*)`},
		`"噪声 大*"`: {`"噪声 大"*`, `('噪声' <-> '大':*)`},
		`*`:       {`"*"`, `('*')`},
		`a* b`:    {`"a"* "b"`, `('a':*) & ('b')`},
	} {
		if got := [2]string{fts5query(parseQuery(typed)), tsquery(parseQuery(typed))}; got != want {
			t.Errorf("%s → %q, want %q", typed, got, want)
		}
	}
}
