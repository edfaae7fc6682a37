package answer

import (
	"strings"

	"yiwang/internal/base/textzh"
)

// A demand is a sentence of the message that wants something.
type demand struct {
	span    Span
	grams   [][2]rune
	covered float64 // share of its words that the reply takes up
}

var wants = strings.Fields("请问 请求 请教 恳请 希望 要求 建议 盼望 强烈 呼吁 咨询 能否 能不能 是否 可否 可不可以 何时 什么 怎么 怎样 为何 如何 哪里 多少 几时 吗 ? 望 求 投诉 举报 想知道 解决 多久 谁")

var pleas = strings.Fields("尽快回复 请回复 望回复 盼复 盼回复 谢谢 感谢 此致 敬礼 您好")

// demandsOf finds what the message wants and how much of it the reply takes up.
// The second result is the share for the message as a whole, title included.
func demandsOf(p Pair, said string) ([]demand, float64) {
	reply := map[[2]rune]bool{}
	keyGrams(said, func(g [2]rune) { reply[g] = true })
	share := func(grams [][2]rune) float64 {
		n := 0
		for _, g := range grams {
			if reply[g] {
				n++
			}
		}
		return float64(n) / float64(max(1, len(grams)))
	}
	var all [][2]rune
	seen := map[[2]rune]bool{}
	add := func(s string, to *[][2]rune) {
		keyGrams(textzh.Normalise(s), func(g [2]rune) {
			*to = append(*to, g)
			if !seen[g] {
				seen[g] = true
				all = append(all, g)
			}
		})
	}
	var title [][2]rune
	add(p.Title, &title)
	var out []demand
	for _, sp := range textzh.Sentences(p.Message) {
		s := sp.Of(p.Message)
		if !containsAny(s, wants) || containsAny(s, pleas) && len(s) < 90 {
			continue
		}
		d := demand{span: Span{InMessage: true, From: sp.From, To: sp.To}}
		add(s, &d.grams)
		if len(d.grams) < 4 {
			continue
		}
		d.covered = share(d.grams)
		out = append(out, d)
	}
	if len(all) > 60 && len(title) > 3 {
		return out, 0.5*share(title) + 0.5*share(all)
	}
	return out, share(all)
}

func containsAny(s string, words []string) bool {
	for _, w := range words {
		if strings.Contains(s, w) {
			return true
		}
	}
	return false
}
