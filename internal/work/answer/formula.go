package answer

import (
	"bufio"
	"cmp"
	_ "embed"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"yiwang/internal/base/textzh"
)

// kind is what a clause of a reply does.
type kind uint8

const (
	content kind = iota // says something on the matter
	greet
	receipt
	lead
	forward // hands the letter to somebody
	handle  // says that it is being looked into
	promise // says that there will be news
	noted   // takes a suggestion to heart
	slogan  // thanks, wishes, resolutions
	echo    // repeats what was asked
	ask     // wants to know more
	outside // says that it is another's business
	invite  // says whom to call if anything is unclear
	refer   // says whom to ask instead
	pointer // says that it was answered elsewhere
	sign    // signature, date
)

var kinds = map[string]kind{
	"greet": greet, "receipt": receipt, "lead": lead, "forward": forward, "handle": handle, "promise": promise,
	"noted": noted, "slogan": slogan, "echo": echo, "ask": ask, "outside": outside, "invite": invite,
	"refer": refer, "pointer": pointer,
}

//go:embed formulas.tsv
var formulaTable string

var formulas = readFormulas(formulaTable)

// A formula is one line of the table.
type formula struct {
	kind  kind
	parts [][]string
	start bool // the first part stands at the beginning
	end   bool // the last part stands at the end
	none  []string
	only  map[rune][]string // the clause is made of these, by their first character, the longest first
	most  int               // characters; 0 is any number
}

func readFormulas(table string) []formula {
	var out []formula
	lines := bufio.NewScanner(strings.NewReader(table))
	for lines.Scan() {
		name, pattern, ok := strings.Cut(lines.Text(), "\t")
		if !ok || strings.HasPrefix(name, "#") {
			continue
		}
		k, known := kinds[name]
		if !known {
			panic("formulas.tsv: no kind " + name)
		}
		out = append(out, readPattern(k, pattern))
	}
	return out
}

func readPattern(k kind, pattern string) formula {
	f := formula{kind: k}
	for i, part := range strings.Fields(pattern) {
		switch {
		case part[0] == '!':
			f.none = strings.Split(part[1:], "|")
		case part[0] == '=':
			f.only = byFirst(strings.Split(part[1:], "|"))
		case part[0] == '<':
			n, err := strconv.Atoi(part[1:])
			if err != nil {
				panic("formulas.tsv: " + pattern)
			}
			f.most = n
		default:
			if i == 0 {
				part, f.start = strings.CutPrefix(part, "^")
			}
			var last bool
			part, last = strings.CutSuffix(part, "$")
			f.end = f.end || last
			f.parts = append(f.parts, strings.Split(part, "|"))
		}
	}
	return f
}

// fits reports whether the clause, n characters long, is this formula.
func (f *formula) fits(s string, n int) bool {
	if f.most > 0 && n > f.most {
		return false
	}
	if f.only != nil {
		return madeOf(s, f.only) && !containsAny(s, f.none)
	}
	rest := s
	for i, part := range f.parts {
		at := -1
		for _, w := range part {
			var to int
			switch {
			case i == 0 && f.start:
				to = -1
				if strings.HasPrefix(rest, w) {
					to = len(w)
				}
			case f.end && i == len(f.parts)-1:
				to = -1
				if strings.HasSuffix(rest, w) {
					to = len(rest)
				}
			default:
				if to = strings.Index(rest, w); to >= 0 {
					to += len(w)
				}
			}
			if to >= 0 && (at < 0 || to < at) {
				at = to
			}
		}
		if at < 0 {
			return false
		}
		rest = rest[at:]
	}
	return !containsAny(s, f.none)
}

// madeOf reports whether a clause is nothing but these words, at least one; one
// Chinese character may remain.
func madeOf(s string, words map[rune][]string) bool {
	used, left := false, 0
next:
	for s != "" {
		r, size := utf8.DecodeRuneInString(s)
		for _, w := range words[r] {
			if strings.HasPrefix(s, w) {
				s, used = s[len(w):], true
				continue next
			}
		}
		if textzh.IsHan(r) {
			left++
		}
		s = s[size:]
		if left > 1 {
			return false
		}
	}
	return used
}

func byFirst(words []string) map[rune][]string {
	out := map[rune][]string{}
	for _, w := range words {
		r, _ := utf8.DecodeRuneInString(w)
		out[r] = append(out[r], w)
	}
	for _, same := range out {
		slices.SortFunc(same, func(a, b string) int { return cmp.Or(cmp.Compare(len(b), len(a)), cmp.Compare(a, b)) })
	}
	return out
}
