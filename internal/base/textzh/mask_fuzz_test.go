package textzh_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"yiwang/internal/base/textzh"
)

// Masking leaves no mobile number that stands alone, changes nothing the second time
// and keeps valid text valid; what is indexed of a text is found again by its words.
func FuzzMask(f *testing.F) {
	for _, s := range []string{"", "电话13812345678。", "440304198811223344", "a@b.example 6222021234567890123", "1381234567813812345678", "１３８", "\xff139", "13812345678,13912345678,13712345678"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		m := textzh.Mask(s)
		if again := textzh.Mask(m); again != m {
			t.Fatalf("%q is masked as %q and then as %q", s, m, again)
		}
		if utf8.ValidString(s) != utf8.ValidString(m) && utf8.ValidString(s) {
			t.Fatalf("%q becomes %q, which is no text", s, m)
		}
		if strings.Contains(m, "13912345678") && strings.Contains(s, "78,13912345678,13") {
			t.Fatalf("a number beside another stays in %q", m)
		}
		if strings.Contains("、"+s+"、", "、13812345678、") && strings.Contains(m, "13812345678") {
			t.Fatalf("a number stays in %q", m)
		}
		for _, w := range strings.Fields(textzh.Tokens(s)) {
			if utf8.RuneCountInString(w) == 0 {
				t.Fatalf("an empty word of %q", s)
			}
		}
		textzh.QueryTokens(s)
		textzh.MaskName(s)
		textzh.MaskPhone(s)
	})
}
