package answer

import (
	"cmp"
	"slices"
	"strings"
)

// most characters of content that can be hollow; who says more says something.
const hollowMost = 40

// hollow empties content that says nothing of the matter: no number, no provision,
// no denial, no deed, and none of the message's own words once the words of
// procedure are taken away. It speaks only of clauses in the company of formulas: a
// bare “welded” is an answer.
func (t *taken) hollow() {
	if t.talk == 0 || t.talk > hollowMost {
		return
	}
	company, turned := t.count(receipt, forward, handle, promise, noted) > 0, t.count(slogan) > 0
	asked := map[[2]rune]bool{}
	keyGrams(stripped(t.pair.Title+" "+t.pair.Message), func(g [2]rune) { asked[g] = true })
	for i := range t.cs {
		c := &t.cs[i]
		if c.kind != content {
			continue
		}
		ahead := strings.Contains(c.text, "将") || strings.Contains(c.text, "会")
		if !(company || turned && ahead) || says(c.text, asked) {
			return
		}
	}
	for i := range t.cs {
		if t.cs[i].kind == content {
			t.cs[i].kind = handle
		}
	}
	t.talk = 0
}

// says reports whether a clause says anything of the matter.
func says(s string, asked map[[2]rune]bool) bool {
	if strings.ContainsAny(s, "0123456789不无没未非暂否《") || containsAny(s, substance) || containsAny(s, results) {
		return true
	}
	left := stripped(s)
	if strings.ContainsAny(left, "修换装拆铺罚退赔停拨栽焊疏抽洒扫拖扣抓判付免领缴补") {
		return true
	}
	own := false
	keyGrams(left, func(g [2]rune) { own = own || asked[g] })
	return own
}

// substance are the acts that are more than procedure.
var substance = without(acts, "办理 目前 经查 由于 原因 因为 正在 已经 已有 已于 宣传 政策 执行")

// results say that it is over.
var results = strings.Fields("经解决 您解决 帮您 为您办 处理好 处理完 妥善处理 得到处理 已处理 解决了 已解决 得到解决 妥善解决 办好 弄好 搞好 属实 建成")

func without(words []string, some string) []string {
	var out []string
	for _, w := range words {
		if !strings.Contains(" "+some+" ", " "+w+" ") {
			out = append(out, w)
		}
	}
	return out
}

// procedure takes out the words of which sentences about handling are made, the
// longest first.
var procedure = func() *strings.Replacer {
	var words, pairs []string
	for i := range formulas {
		if formulas[i].kind == handle {
			for _, same := range formulas[i].only {
				words = append(words, same...)
			}
		}
	}
	slices.SortFunc(words, func(a, b string) int { return cmp.Or(cmp.Compare(len(b), len(a)), cmp.Compare(a, b)) })
	for _, w := range words {
		pairs = append(pairs, w, " ")
	}
	return strings.NewReplacer(pairs...)
}()

func stripped(s string) string { return procedure.Replace(s) }
