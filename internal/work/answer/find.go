package answer

import (
	"slices"
	"strings"
)

// findings puts what was seen in a reply into findings, the grave ones first.
func (t *taken) findings(r *Reading) []Finding {
	var out []Finding
	add := func(k Kind, words []Span) {
		if len(words) > 0 || k == Empty {
			out = append(out, Finding{k, few(words)})
		}
	}
	switch {
	case r.Empty:
		words := t.spans(receipt, forward, handle, promise, noted, slogan)
		if len(words) == 0 && t.pair.Reply != "" {
			words = []Span{{To: len(t.pair.Reply)}}
		}
		add(Empty, words)
	case r.Answers == No:
		add(Unanswered, t.evasion())
	}
	add(Personal, t.persons)
	if r.Answers == No {
		return out
	}
	add(Incomplete, t.open())
	if len(t.deeds) == 0 && t.wantsDeed() {
		add(NoDeed, t.clausesWith(func(s string) bool { return containsAny(s, deeds) }))
	}
	if len(t.bases) == 0 {
		add(NoBasis, t.clausesWith(func(s string) bool { return containsAny(s, rulings) }))
	}
	if len(t.ways) == 0 {
		add(NoWayOn, t.clausesWith(func(s string) bool { return containsAny(s, unsolved) }))
	}
	return out
}

var (
	rulings  = strings.Fields("不能 不予 不符合 不可以 不得 不享受 不具备 无法 按规定 按照规定 相关规定 有关规定 相关政策 政策规定 有关政策 相关法律 法律法规 不属于")
	unsolved = strings.Fields("不能 不予 不符合 无法 暂不 暂无 暂未 尚未 未能 不具备 没有 正在 不属实")
	queries  = strings.Fields("咨询 请问 政策 想问 问一下 请教")
)

// wantsDeed holds where the message wants something done, not something told.
func (t *taken) wantsDeed() bool {
	return !containsAny(t.pair.Title, queries) && !(t.pair.Title == "" && containsAny(t.pair.Message, queries))
}

// most words a finding shows.
const fewSpans = 4

func few(words []Span) []Span {
	if len(words) > fewSpans {
		return words[:fewSpans]
	}
	return words
}

// evasion is what stands where the answer should be; where nothing evades, the
// demands themselves.
func (t *taken) evasion() []Span {
	if words := t.spans(ask, outside, refer, pointer, forward, handle); len(words) > 0 {
		return words
	}
	var out []Span
	for _, d := range t.demands {
		out = append(out, d.span)
	}
	if len(out) == 0 {
		out = t.spans(content)
	}
	if len(out) == 0 && t.pair.Message != "" {
		out = []Span{{InMessage: true, To: len(t.pair.Message)}}
	}
	return out
}

// leftOut is the share of a demand's words below which a reply that takes up
// others leaves it out.
const leftOut = 0.06

// open returns the demands that the reply leaves out while it takes up another.
func (t *taken) open() []Span {
	if len(t.demands) < 2 {
		return nil
	}
	var out []Span
	taken := false
	for _, d := range t.demands {
		switch {
		case d.covered > 3*leftOut:
			taken = true
		case d.covered < leftOut && len(d.grams) >= 8:
			out = append(out, d.span)
		}
	}
	if !taken {
		return nil
	}
	return out
}

func (t *taken) spans(ks ...kind) []Span {
	return t.where(func(c *clause) bool { return slices.Contains(ks, c.kind) })
}

func (t *taken) clausesWith(says func(string) bool) []Span {
	return t.where(func(c *clause) bool { return c.kind == content && says(c.text) })
}

func (t *taken) where(ok func(*clause) bool) []Span {
	var out []Span
	for i := range t.cs {
		if ok(&t.cs[i]) {
			out = append(out, Span{From: t.cs[i].from, To: t.cs[i].to})
		}
	}
	return out
}
