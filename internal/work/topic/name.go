package topic

import (
	"cmp"
	"context"
	"math"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"yiwang/internal/base/pace"
	"yiwang/internal/base/textzh"
)

// Bounds of names.
const (
	phraseRunes = 10  // of a phrase
	fullRunes   = 6   // from which a phrase says no more for being longer
	shared      = 0.3 // of the messages that must use a phrase for it to name them
	named       = 0.3 // of the messages that must name a place
	headRunes   = 40  // of a text without a title
)

// namer names groups of messages.
type namer struct {
	messages []Message
	matters  map[string]string
	heads    []string          // what of each message is read for names, folded
	marks    []string          // the area that each message is about by its own words
	pieces   map[string]*piece // of two characters, in the heads
}

// piece is two characters as all heads use them.
type piece struct {
	in            int           // heads
	before, after map[rune]bool // what stands beside it
	first, last   int           // how often nothing does
}

func newNamer(ctx context.Context, messages []Message, matters map[string]string) *namer {
	n := &namer{messages: messages, matters: matters, pieces: map[string]*piece{}}
	n.heads, n.marks = make([]string, len(messages)), make([]string, len(messages))
	parallel(ctx, len(messages), func(from, to int, rest func()) {
		for i := from; i < to; i++ {
			h := head(&messages[i])
			n.marks[i], n.heads[i] = areaMark(h), plain(h)
			rest()
		}
	})
	work := pace.Start(ctx)
	for _, h := range n.heads {
		n.learn([]rune(h))
		work.Rest()
	}
	return n
}

func (n *namer) learn(rs []rune) {
	seen := map[string]bool{}
	for i := 0; i+1 < len(rs); i++ {
		if separates(rs[i]) || separates(rs[i+1]) {
			continue
		}
		s := string(rs[i : i+2])
		p := n.pieces[s]
		if p == nil {
			p = &piece{before: map[rune]bool{}, after: map[rune]bool{}}
			n.pieces[s] = p
		}
		if !seen[s] {
			seen[s] = true
			p.in++
		}
		if i == 0 || separates(rs[i-1]) {
			p.first++
		} else {
			p.before[rs[i-1]] = true
		}
		if i+2 == len(rs) || separates(rs[i+2]) {
			p.last++
		} else {
			p.after[rs[i+2]] = true
		}
	}
}

// whole reports whether a phrase begins and ends where words do: what stands
// before its beginning and after its end differs from use to use.
func (n *namer) whole(rs []rune) bool {
	first, last := n.pieces[string(rs[:2])], n.pieces[string(rs[len(rs)-2:])]
	return first != nil && last != nil && len(first.before)+first.first > 1 && len(last.after)+last.last > 1
}

// head returns the title of a message, or the beginning of its text.
func head(m *Message) string {
	if s := textzh.Fold(m.Title); len(s.Runes) > 3 {
		return s.String()
	}
	rs := textzh.Fold(m.Text).Runes
	return string(rs[:min(headRunes, len(rs))])
}

// areaMarks returns the areas at the first place of a text that marks one, as
// published messages write them: a letter with a number ("A市A2区").
func areaMarks(s string) (marks []string, from, to int) {
	rs := []rune(s)
	for i := 0; i < len(rs); i++ {
		j := i + 1
		for j < len(rs) && rs[j] >= '0' && rs[j] <= '9' {
			j++
		}
		latin := rs[i] >= 'a' && rs[i] <= 'z' && (i == 0 || rs[i-1] < 'a' || rs[i-1] > 'z')
		if latin && j < len(rs) && strings.ContainsRune("市区县", rs[j]) {
			if marks == nil {
				from = len(string(rs[:i]))
			}
			marks, to = append(marks, string(rs[i:j+1])), len(string(rs[:j+1]))
			i = j
		} else if marks != nil {
			break
		}
	}
	return marks, from, to
}

// areaMark returns the narrowest of the areas that a text marks first, "" for none.
func areaMark(s string) string {
	marks, _, _ := areaMarks(s)
	if marks == nil {
		return ""
	}
	return marks[len(marks)-1]
}

// plain takes from a head what says nothing of its matter: marks of areas, and the
// forms of address that messages begin with.
func plain(h string) string {
	if _, from, to := areaMarks(h); to > 0 {
		h = h[:from] + "|" + h[to:]
	}
	return forms.ReplaceAllString(h, "|")
}

var forms = regexp.MustCompile(`再次|多次|强烈|坚决|请求|请问|咨询|反映|投诉|举报|建议|希望|关于|恳请|要求|尽快|到底|究竟|严重|为什么|怎么|什么时候|何时|是否|的问题|问题`)

// matter returns the likeliest matter of a group.
func (n *namer) matter(rows []int32) string {
	w := map[string]float64{}
	for _, r := range rows {
		for _, m := range n.messages[r].Matters {
			w[m.Code] += m.P
		}
	}
	code, _ := mostOf(w)
	return code
}

// place returns where a group is: the area that most of its messages mark, with
// the place they name most, each if it is common enough.
func (n *namer) place(rows []int32) string {
	areas, names := map[string]float64{}, map[string]float64{}
	for _, r := range rows {
		if a := n.marks[r]; a != "" {
			areas[a]++
			if utf8.RuneCountInString(a) > 2 {
				areas[a]++ // a district says more than its city
			}
		}
		for _, p := range n.messages[r].Places {
			if p = bare(textzh.Fold(p).String()); utf8.RuneCountInString(p) > 1 {
				names[p] = 0
			}
		}
	}
	for p := range names {
		for _, r := range rows {
			if strings.Contains(n.heads[r], p) {
				names[p]++
			}
		}
		if names[p] < named*float64(len(rows)) {
			delete(names, p)
			continue
		}
		names[p] *= math.Sqrt(float64(min(utf8.RuneCountInString(p), 8)))
	}
	area, k := mostOf(areas)
	if k < named*float64(len(rows)) {
		area = ""
	}
	name, _ := mostOf(names)
	return spell(area) + spell(n.extend(rows, name))
}

// extend adds to a name what nearly always follows it in the heads of a group.
func (n *namer) extend(rows []int32, name string) string {
	for added := 0; name != "" && added < 3 && utf8.RuneCountInString(name) < phraseRunes; added++ {
		after, all := map[string]float64{}, 0.0
		for _, r := range rows {
			if _, rest, ok := strings.Cut(n.heads[r], name); ok {
				all++
				if c, size := utf8.DecodeRuneInString(rest); size > 0 && !separates(c) && !strings.ContainsRune(notLast, c) {
					after[rest[:size]]++
				}
			}
		}
		c, k := mostOf(after)
		if all < 3 || k < 0.8*all {
			break
		}
		name += c
	}
	return name
}

// bare takes marks of areas from the beginning of a place's name.
func bare(p string) string {
	for {
		m := areaMark(p)
		if m == "" || !strings.HasPrefix(p, m) {
			return p
		}
		p = p[len(m):]
	}
}

// spell writes a folded name as people do: Latin letters in capitals.
func spell(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' {
			return r - 'a' + 'A'
		}
		return r
	}, s)
}

// title names a group: its place, and the one or two phrases that most of its
// messages share. A group that shares none is called by its matter.
func (n *namer) title(rows []int32, place, matter string) string {
	object := strings.ToLower(place)
	if m := areaMark(object); m != "" && strings.HasPrefix(object, m) {
		object = object[len(m):]
	}
	var heads []string
	for _, r := range rows {
		h := n.heads[r]
		if object != "" {
			h = strings.ReplaceAll(h, object, "|")
		}
		heads = append(heads, h)
	}
	phrases := n.phrases(heads)
	var words []string
	for _, p := range phrases {
		words = append(words, spell(p))
	}
	if len(words) == 0 && n.matters[matter] != "" {
		words = []string{n.matters[matter]}
	}
	if len(words) == 0 && place == "" {
		return matter
	}
	if place == "" || len(words) == 0 {
		return place + strings.Join(words, "、")
	}
	return place + "：" + strings.Join(words, "、")
}

// phrase is what heads have in common, and where it stands in them.
type phrase struct {
	text  string
	in    int     // heads
	at    float64 // mean position
	score float64
}

// phrases returns at most two phrases that heads share, in the order they stand.
func (n *namer) phrases(heads []string) []string {
	if len(heads) < 2 {
		return nil
	}
	found := map[string]*phrase{}
	for _, h := range heads {
		seen := map[string]bool{}
		rs := []rune(h)
		for i := range rs {
			for j := i + 1; j <= len(rs) && j-i <= phraseRunes && !separates(rs[j-1]); j++ {
				if j-i < 2 {
					continue
				}
				s := string(rs[i:j])
				if seen[s] {
					continue
				}
				seen[s] = true
				p := found[s]
				if p == nil {
					p = &phrase{text: s}
					found[s] = p
				}
				p.in++
				p.at += float64(i) / float64(len(rs))
			}
		}
	}
	least := max(2, int(math.Ceil(shared*float64(len(heads)))))
	var all []*phrase
	for _, p := range found {
		if p.in < least || !wordlike(p.text) || !n.whole([]rune(p.text)) {
			continue
		}
		p.at /= float64(p.in)
		p.score = float64(p.in) / float64(len(heads)) * n.telling(p.text)
		all = append(all, p)
	}
	slices.SortFunc(all, func(a, b *phrase) int {
		return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.text, b.text))
	})
	var kept []*phrase
	for _, p := range all {
		if len(kept) == 2 {
			break
		}
		if len(kept) == 1 && (overlap(kept[0].text, p.text) || utf8.RuneCountInString(p.text) < 2) {
			continue
		}
		kept = append(kept, p)
	}
	slices.SortFunc(kept, func(a, b *phrase) int { return cmp.Compare(a.at, b.at) })
	var out []string
	for _, p := range kept {
		out = append(out, p.text)
	}
	return out
}

// telling is how much a phrase says: the rarer its pieces are among all heads, and
// the more of them it has.
func (n *namer) telling(s string) float64 {
	rs := []rune(s)
	x := 0.0
	for i := 0; i+1 < min(len(rs), fullRunes); i++ {
		x += math.Log(float64(len(n.heads)+1) / float64(n.count(rs[i:i+2])+1))
	}
	return max(x, 0)
}

func (n *namer) count(rs []rune) int {
	if p := n.pieces[string(rs)]; p != nil {
		return p.in
	}
	return 0
}

// Characters that no name begins or ends with.
const (
	notFirst = "的了吗呢吧和与及或者在于对从被把将就都也很太不没无是有为请望再又还到之其该这那个们区市县镇号期内里外上下前后旁边附近何"
	notLast  = "的了吗呢吧和与及或在于对从被把将就都也很太不没是有为请再又还之其该这那个们何能否要会让给使"
)

func wordlike(s string) bool {
	first, _ := utf8.DecodeRuneInString(s)
	last, _ := utf8.DecodeLastRuneInString(s)
	if strings.ContainsRune(notFirst, first) || strings.ContainsRune(notLast, last) {
		return false
	}
	letters := 0
	for _, r := range s {
		if textzh.IsHan(r) {
			letters++
		}
	}
	return letters >= 2 && !unicode.IsDigit(last)
}

// overlap reports whether two phrases say partly the same.
func overlap(a, b string) bool {
	rs := []rune(a)
	for i := 0; i+1 < len(rs); i++ {
		if strings.Contains(b, string(rs[i:i+2])) {
			return true
		}
	}
	return false
}
