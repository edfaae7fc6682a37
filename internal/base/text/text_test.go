package text_test

import (
	"errors"
	"regexp"
	"sort"
	"testing"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/text"
)

// Every key exists in both languages with the same placeholders: a sentence
// that is missing in one of them would show as a bare key on a page.
func TestLanguagesMatch(t *testing.T) {
	placeholder := regexp.MustCompile(`\{[a-z_]+\}`)
	for _, pair := range [][2]text.Lang{{text.Chinese, text.English}, {text.English, text.Chinese}} {
		for _, k := range text.Keys(pair[0]) {
			if !text.Has(pair[1], k) {
				t.Errorf("%s stands in %s but not in %s", k, pair[0], pair[1])
				continue
			}
			a := placeholder.FindAllString(text.Say(pair[0], k, nil), -1)
			b := placeholder.FindAllString(text.Say(pair[1], k, nil), -1)
			sort.Strings(a)
			sort.Strings(b)
			if !equalSets(a, b) {
				t.Errorf("%s: placeholders %v in %s, %v in %s", k, a, pair[0], b, pair[1])
			}
		}
	}
}

func equalSets(a, b []string) bool {
	seen := map[string]bool{}
	for _, x := range a {
		seen[x] = true
	}
	for _, x := range b {
		if !seen[x] {
			return false
		}
		delete(seen, x)
	}
	return len(seen) == 0
}

// What nobody classified is never shown: its text may hold anything.
func TestInternalTextIsHidden(t *testing.T) {
	for _, err := range []error{errors.New("pq: password for zhang"), errs.E(errs.Internal, "errs.invalid", nil)} {
		if got, want := text.Error(text.English, err), text.Say(text.English, "errs.internal", nil); got != want {
			t.Errorf("Error(%v) = %q, want %q", err, got, want)
		}
	}
}
