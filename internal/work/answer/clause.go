package answer

import (
	"slices"
	"strings"
	"unicode"

	"yiwang/internal/base/textzh"
)

// A clause is what stands between two stops of a reply.
type clause struct {
	kind     kind
	text     string // folded
	han      int    // Chinese characters in it
	from, to int    // bytes of the original
	sentence int    // number of the sentence it stands in
}

// maxClauses bounds the work on a text: no reply says more.
const maxClauses = 1500

const (
	quoted  = 50 // a quotation longer than this, in characters, is no title
	leading = 30 // “… is as follows” within so many characters leads, whatever stop is missing after it
)

// clauses takes a text to pieces. Stops inside a short quotation do not count: it
// is the title of the letter, mostly.
func clauses(s string) []clause {
	var out []clause
	sentence, at := 0, 0
	for line := range strings.Lines(s) {
		f := textzh.Fold(line)
		from, quote := 0, -1
		cut := func(to int) {
			if c, ok := newClause(f, from, to); ok && len(out) < maxClauses {
				c.from, c.to, c.sentence = c.from+at, c.to+at, sentence
				out = append(out, c)
			}
			from = to
		}
		for i, r := range f.Runes {
			switch {
			case r == '“' && slices.Contains(f.Runes[i:min(len(f.Runes), i+quoted)], '”'):
				quote = i
			case r == '”':
				quote = -1
			case quote >= 0 && i-quote < quoted:
			case strings.ContainsRune("。!?;…", r):
				cut(i + 1)
				sentence++
			case r == ',' || r == ' ' || r == ':' && !(digitAt(f.Runes, i+1) && digitAt(f.Runes, i-1)):
				cut(i + 1)
			case i > from && i-from < leading && leads(f.Runes, i):
				cut(i + 1)
			}
		}
		cut(len(f.Runes))
		at += len(line)
		sentence++
	}
	for i := range out {
		out[i].kind = kindOf(&out[i])
	}
	settle(out)
	return out
}

// leads holds where “如下” ends at i, and not “如下次”, “如下雨”.
func leads(rs []rune, i int) bool {
	return rs[i] == '下' && rs[i-1] == '如' && (i+1 == len(rs) || !strings.ContainsRune("次雨周个", rs[i+1]))
}

func digitAt(rs []rune, i int) bool { return i >= 0 && i < len(rs) && rs[i] >= '0' && rs[i] <= '9' }

// newClause returns the runes [i, j) without what is not words at both ends.
func newClause(f textzh.Folded, i, j int) (clause, bool) {
	word := func(r rune) bool {
		return unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("《》“”()[]", r)
	}
	for i < j && !word(f.Runes[i]) {
		i++
	}
	for j > i && !word(f.Runes[j-1]) {
		j--
	}
	if i == j {
		return clause{}, false
	}
	c := clause{text: string(f.Runes[i:j])}
	c.from, _ = f.Span(i, i)
	_, c.to = f.Span(j, j)
	if j < len(f.Offsets) {
		c.to = f.Offsets[j]
	}
	for _, r := range f.Runes[i:j] {
		if textzh.IsHan(r) {
			c.han++
		}
	}
	return c, true
}

// kindOf reads one clause by itself.
func kindOf(c *clause) kind {
	s := bare(c.text)
	n := len([]rune(s))
	if c.han == 0 && !strings.Contains(s, "http") {
		return sign
	}
	if signs(s, n) {
		return sign
	}
	for i := range formulas {
		if formulas[i].fits(s, n) {
			return formulas[i].kind
		}
	}
	return content
}

// settle reads clauses beside their neighbours: whom to call after “if anything is
// unclear” is courtesy, not the answer; and a day on which something was done
// (“… on 6 March, …”) is what the rest of its sentence is. What is said a second
// time, as in a reply pasted twice, says nothing more.
func settle(cs []clause) {
	said := map[string]bool{}
	for i := range cs {
		if cs[i].kind == content && said[cs[i].text] {
			cs[i].kind = echo
		}
		said[cs[i].text] = true
	}
	for i := 1; i < len(cs); i++ {
		before := &cs[i-1]
		switch {
		case cs[i].kind == refer && before.kind == invite:
			cs[i].kind = invite
		case before.kind == content && before.sentence == cs[i].sentence && strings.HasSuffix(bare(before.text), "于"):
			before.kind = cs[i].kind
		}
	}
}

// bare takes names of accounts and dates at the end out of a clause.
func bare(s string) string {
	var b strings.Builder
	rs := []rune(s)
	for i := 0; i < len(rs); i++ {
		if rs[i] == '“' {
			j := i + 1
			for j < len(rs) && j < i+24 && rs[j] != '”' && !textzh.IsHan(rs[j]) {
				j++
			}
			if j < len(rs) && rs[j] == '”' {
				i = j
				continue
			}
		}
		if rs[i] == 'u' && i+2 < len(rs) && rs[i+1] == 'u' && digitAt(rs, i+2) {
			for i+1 < len(rs) && (digitAt(rs, i+1) || rs[i+1] == 'u') {
				i++
			}
			continue
		}
		b.WriteRune(rs[i])
	}
	s = b.String()
	if i := strings.Index(s, "日"); i > 0 && i < 20 && strings.Trim(s[:i], "0123456789年月 ") == "" && strings.Contains(s[:i], "月") {
		s = s[i+len("日"):]
	}
	if cut := strings.TrimRight(s, "0123456789年月日.-/ 〇○一二三四五六七八九十"); strings.HasSuffix(s, "日") && strings.Contains(s[len(cut):], "月") {
		return cut
	}
	if cut := strings.TrimRight(s, "0123456789.-/ "); len(s)-len(cut) >= len("2019.1.1") && strings.ContainsAny(s[len(cut):], "./-") {
		return cut // a date written 2019.1.1, or a number to call: no words either way
	}
	return s
}

var offices = []string{"局", "办", "政府", "中心", "委", "公司", "办公室", "大队", "支队", "办事处", "部", "街道", "支行", "院", "学校", "处", "站", "所"}

// signs reports whether a clause is a signature: the name of an office and nothing
// that it did.
func signs(s string, n int) bool {
	if n > 22 {
		return n == 0
	}
	if n == 0 {
		return true
	}
	for _, w := range []string{"已", "请", "由", "转", "经", "向", "到", "将", "是", "为", "联系", "咨询", "在", "根据", "属"} {
		if strings.Contains(s, w) {
			return false
		}
	}
	for _, o := range offices {
		if strings.HasSuffix(s, o) {
			return true
		}
	}
	return false
}
