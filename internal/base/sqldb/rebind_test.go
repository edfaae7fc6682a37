package sqldb

import (
	"regexp"
	"strings"
	"testing"
)

func TestRebind(t *testing.T) {
	tests := map[string]string{
		"select 1":              "select 1",
		"a = ? and b in (?, ?)": "a = $1 and b in ($2, $3)",
		"a = '?' and b = ?":     "a = '?' and b = $1",
		"a = 'it''s ?' or ?":    "a = 'it''s ?' or $1",
		`"odd?" = ?`:            `"odd?" = $1`,
		"? -- why?\n, ?":        "$1 -- why?\n, $2",
		"? /* ? */ ?":           "$1 /* ? */ $2",
		"路灯 = ?":                "路灯 = $1",
		"'open ?":               "'open ?",
		"1 - ? / ?":             "1 - $1 / $2",
		"--":                    "--",
	}
	for query, want := range tests {
		if got := rebind(query); got != want {
			t.Errorf("rebind(%q) = %q, want %q", query, got, want)
		}
	}
}

// Whatever the text, rebinding changes nothing but question marks, and twice is
// as good as once.
func FuzzRebind(f *testing.F) {
	for _, s := range []string{"?", "a='?'", "--?\n?", "/*?*/?", `"?"`, "'", "", "$1 ?"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, query string) {
		got := rebind(query)
		if strings.Count(query, "?") == 0 && got != query {
			t.Errorf("rebind(%q) = %q", query, got)
		}
		if again := rebind(got); again != got {
			t.Errorf("rebind twice: %q, then %q", got, again)
		}
		// No SQL has a digit right after a place; there "$1" and "0" could not be told from "$10".
		if !strings.ContainsRune(query, '$') && !digitAfter.MatchString(query) {
			back := got
			for n := strings.Count(query, "?"); n > 0; n-- {
				back = strings.ReplaceAll(back, place(n), "?")
			}
			if back != query {
				t.Errorf("rebind(%q) = %q changes more than the places", query, got)
			}
		}
	})
}

var digitAfter = regexp.MustCompile(`\?[0-9]`)

func place(n int) string {
	return rebind(strings.Repeat("?", n))[len(rebind(strings.Repeat("?", n-1))):]
}

func TestRebinderForgets(t *testing.T) {
	var r rebinder
	for i := range 2*rebound + 1 {
		if got := r.rebind(strings.Repeat(" ", i%100) + "?" + strings.Repeat(" ", i/100)); !strings.Contains(got, "$1") {
			t.Fatal(got)
		}
	}
	if len(r.done) > rebound {
		t.Errorf("%d queries remembered, bound %d", len(r.done), rebound)
	}
}
