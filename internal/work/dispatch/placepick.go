package dispatch

import (
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"yiwang/internal/base/textzh"
)

const (
	pickBuckets = 1 << 15
	pickShrink  = 0.0005
	pickWidest  = 24 // runes of a name
	pickKept    = 10 // likeliest stretches of each part of a message
	pickRounds  = 10
	pickFolds   = 4
	pickAlso    = 0.25 // probability from which a further stretch is named too
	pickStep    = 0.05
)

// picker chooses among the stretches of a message that may be the place it is
// about. A tagger sees the characters around; which of several names is meant
// shows only beside the others: the finest one, and one that the title names.
type picker struct {
	weight []float32 // pickBuckets
}

// stretch is a name that a message may mean by its place.
type stretch struct {
	Span
	name          []rune // folded
	odds          float64
	title, body   bool
	before, after [2]rune
	from          int
	edges         [3]float64 // odds of beginning, of the last rune, of going on
	times         int
	onward        [2]uint32 // ending of the name with one and two more runes
	columns       []uint32
	score         float64
}

// odds returns, for each character, by how much a name's beginning and going on
// are likelier there than no name.
func (t *tagger) odds(rs []rune) (begin, in []float32) {
	classes := tagClasses(rs)
	begin, in = make([]float32, len(rs)), make([]float32, len(rs))
	for i := range rs {
		s := t.score(classes, i)
		begin[i], in[i] = s[tagBegin]-s[tagOut], s[tagIn]-s[tagOut]
	}
	return begin, in
}

// likeliest returns the stretches of a text with the best odds, the best first.
func (t *tagger) likeliest(rs []rune) []stretch {
	type piece struct {
		odds     float32
		from, to int
	}
	var best [pickKept + 1]piece
	n := 0
	begin, in := t.odds(rs)
	for i := range rs {
		sum := begin[i]
		for j := i + 1; j < len(rs) && j-i < pickWidest; j++ {
			sum += in[j]
			if n == pickKept && sum <= best[n-1].odds {
				continue
			}
			at := n
			for ; at > 0 && best[at-1].odds < sum; at-- {
				best[at] = best[at-1]
			}
			best[at] = piece{sum, i, j + 1}
			n = min(n+1, pickKept)
		}
	}
	out := make([]stretch, n)
	for k, p := range best[:n] {
		out[k] = stretch{from: p.from, odds: float64(p.odds), name: rs[p.from:p.to]}
		out[k].edges = [3]float64{float64(begin[p.from]), float64(in[p.to-1]), -9}
		if p.to < len(rs) {
			out[k].edges[2] = float64(in[p.to])
		}
	}
	return out
}

// stretches returns what may be the place of a message.
func (t *tagger) stretches(msg Message) []stretch {
	all := make([]stretch, 0, 2*pickKept)
	var folded [2]string
	for k, text := range []string{msg.Title, msg.Text} {
		f := foldHead(text)
		rs := f.Runes
		folded[k] = string(rs)
		for _, s := range t.likeliest(rs) {
			if i := indexOf(all, s.name); i >= 0 {
				all[i].odds = max(all[i].odds, s.odds)
				all[i].body = all[i].body || k == 1
				continue
			}
			from, to := f.Span(s.from, s.from+len(s.name))
			s.Span = Span{Text: text[from:to], Title: k == 0, From: from, To: to}
			for d := range 2 {
				if i := s.from - 1 - d; i >= 0 {
					s.before[d] = rs[i]
				}
				if i := s.from + len(s.name) + d; i < len(rs) {
					s.after[d] = rs[i]
					s.onward[d] = ending(rs[s.from : i+1])
				}
			}
			s.title, s.body = k == 0, k == 1
			all = append(all, s)
		}
	}
	for i := range all {
		name := string(all[i].name)
		inBody := strings.Count(folded[1], name)
		all[i].body = all[i].body || inBody > 0
		all[i].times = strings.Count(folded[0], name) + inBody
	}
	describe(all)
	return all
}

// indexOf returns where a name stands among stretches, -1 where it does not.
func indexOf(all []stretch, name []rune) int {
	for i := range all {
		if slices.Equal(all[i].name, name) {
			return i
		}
	}
	return -1
}

// masked reports how many runes at the head of a name are a masked region: a3区.
func masked(rs []rune) int {
	i := 0
	if len(rs) == 0 || rs[0] < 'a' || rs[0] > 'z' {
		return 0
	}
	for i = 1; i < len(rs) && rs[i] >= '0' && rs[i] <= '9'; i++ {
	}
	if i < len(rs) && strings.ContainsRune("市区县", rs[i]) {
		return i + 1
	}
	return 0
}

// endings are what the names of places of one sort end with.
var endings = func() map[string]uint32 {
	m := map[string]uint32{}
	for i, words := range []string{
		"路 街 道 大道 巷 弄 高速 国道 省道 线 公路", "小区 花园 苑 城 府 庭 湾 园 郡 公馆 家园 新村 山庄 华府 国际 公寓 宿舍 安置区",
		"村 组 社区 屯 塘 冲 庄", "镇 乡 街道 办事处", "区 县 市 省", "栋 号 楼 单元 期 座 室 层",
		"学校 中学 小学 幼儿园 大学 学院 一中 二中 三中 中心", "医院 卫生院 诊所 卫生室", "公司 厂 店 场 集团 酒店 超市 银行 ktv 会所 馆",
		"局 所 院 队 站 政府 委员会 中心", "桥 河 湖 山 水库 江 港 沟", "广场 公园 市场 商场 大厦 景区 步行街 工地 工业园 产业园",
		"路口 交汇处 交叉口 附近 旁 旁边 对面 门口 北门 南门 东门 西门 段",
	} {
		for _, w := range strings.Fields(words) {
			m[w] = uint32(i + 1)
		}
	}
	return m
}()

// lastOfEndings are the last characters of endings, a bit for each, which others share:
// most names end with none of them.
var lastOfEndings = func() (last [1 << 10]uint64) {
	for w := range endings {
		r, _ := utf8.DecodeLastRuneInString(w)
		last[uint16(r)>>6] |= 1 << (r & 63)
	}
	return last
}()

// ending returns the sort of place that a name ends like, by its longest ending.
func ending(rs []rune) uint32 {
	if len(rs) == 0 {
		return 0
	}
	if r := rs[len(rs)-1]; lastOfEndings[uint16(r)>>6]>>(r&63)&1 == 0 {
		return 0
	}
	for n := min(3, len(rs)); n > 0; n-- {
		if k := endings[string(rs[len(rs)-n:])]; k > 0 {
			return k
		}
	}
	return 0
}

// usualColumns is the room for the columns of a stretch; few have more.
const usualColumns = 80

// describe fills in the columns of every stretch.
func describe(all []stretch) {
	best, bestFine := math.Inf(-1), math.Inf(-1)
	for _, s := range all {
		best = max(best, s.odds)
		if masked(s.name) < len(s.name) {
			bestFine = max(bestFine, s.odds)
		}
	}
	class := func(r rune) uint32 {
		switch {
		case r >= '0' && r <= '9':
			return '0'
		case r >= 'a' && r <= 'z':
			return 'a'
		}
		return uint32(r)
	}
	columns := make([]uint32, usualColumns*len(all))
	for i := range all {
		s := &all[i]
		put := func(kind, a, b, c uint32) {
			h := kind*2654435761 ^ a*2246822519 ^ b*3266489917 ^ c*668265263
			h ^= h >> 15
			h *= 2246822519
			s.columns = append(s.columns, h>>3%pickBuckets)
		}
		s.columns = columns[i*usualColumns : i*usualColumns : (i+1)*usualColumns]
		n := len(s.name)
		end := func(k int) uint32 { // k-th from the end
			if k < n {
				return class(s.name[n-1-k])
			}
			return 1
		}
		where := uint32(one(s.title) + 2*one(s.body))
		grade := func(x float64) uint32 { return uint32(int(math.Floor(max(-12, min(12, x/2))))) }
		mask := masked(s.name)
		kind := uint32(0) // none, begins with a masked region, is one, follows one
		switch {
		case mask == n:
			kind = 2
		case mask > 0:
			kind = 1
		case s.before[0] == '市' || s.before[0] == '区' || s.before[0] == '县':
			kind = 3
		}
		put(1, grade(s.odds), 0, 0)
		put(40, grade(s.edges[0]), 0, 0)
		put(41, grade(s.edges[1]), 0, 0)
		put(42, grade(s.edges[2]), 0, 0)
		put(43, grade(s.edges[2]), grade(s.edges[1]), 0)
		put(44, grade(s.edges[2]), end(0), 0)
		put(2, grade(s.odds), where, kind)
		put(3, grade(s.odds-best), 0, 0)
		put(4, grade(s.odds-best), where, 0)
		put(5, where, kind, 0)
		put(6, uint32(min(s.times, 5)), 0, 0)
		put(7, uint32(min(s.times, 5)), where, 0)
		put(8, uint32(n), kind, 0)
		put(9, end(0), 0, 0)
		put(10, end(0), end(1), 0)
		put(11, end(0), end(1), end(2))
		put(12, end(0), kind, where)
		e, on := ending(s.name), s.onward
		put(50, e, 0, 0)
		put(51, e, kind, where)
		put(52, e, class(s.after[0]), 0)
		put(53, e, on[0], on[1])
		put(54, e, uint32(n), 0)
		put(55, e, grade(s.odds), 0)
		put(13, class(s.name[0]), 0, 0)
		put(14, class(s.name[0]), class(s.name[1]), 0)
		put(15, class(s.before[0]), 0, 0)
		put(16, class(s.before[0]), class(s.before[1]), 0)
		put(17, class(s.after[0]), 0, 0)
		put(18, class(s.after[0]), class(s.after[1]), 0)
		put(19, end(0), class(s.after[0]), 0)
		put(20, end(0), end(1), class(s.after[0]))
		put(21, class(s.before[0]), class(s.name[0]), 0)
		put(22, uint32(min(s.from, 40)/4), where, 0)
		put(23, end(0), uint32(n), 0)
		put(24, kind, grade(bestFine), where)
		put(25, kind, grade(bestFine-s.odds), 0)
		if mask > 0 && mask < n {
			put(26, class(s.name[mask]), end(0), uint32(n-mask))
			put(27, end(1), end(0), uint32(n-mask))
		}
		wider, narrower := 0, 0
		for k := range all {
			o := &all[k]
			if k == i || o.Title != s.Title {
				continue
			}
			if o.from <= s.from && o.from+len(o.name) >= s.from+n {
				wider++
				put(35, uint32(min(s.times, 4)), uint32(min(o.times, 4)), 0)
				put(30, uint32(min(len(o.name)-n, 8)), uint32(min(s.from-o.from, 6)), grade(o.odds-s.odds))
			} else if s.from <= o.from && s.from+n >= o.from+len(o.name) {
				narrower++
				put(36, uint32(min(s.times, 4)), uint32(min(o.times, 4)), 0)
				put(31, uint32(min(n-len(o.name), 8)), uint32(min(o.from-s.from, 6)), grade(o.odds-s.odds))
			}
		}
		put(32, uint32(wider), uint32(narrower), 0)
		rank := 0
		for k := range all {
			rank += one(all[k].odds > s.odds)
		}
		put(33, uint32(rank), where, 0)
	}
}

// judge turns the scores of stretches into probabilities that sum to one.
func (p *picker) judge(all []stretch) {
	top := math.Inf(-1)
	for i := range all {
		s := 0.0
		for _, c := range all[i].columns {
			s += float64(p.weight[c])
		}
		all[i].score = s
		top = max(top, s)
	}
	sum := 0.0
	for i := range all {
		all[i].score = math.Exp(all[i].score - top)
		sum += all[i].score
	}
	for i := range all {
		all[i].score /= sum
	}
}

// pickLesson is what may be the place of a message, and which of them are.
type pickLesson struct {
	all   []stretch
	right []bool
}

func (t *tagger) lesson(d Decided) (l pickLesson, ok bool) {
	l.all = t.stretches(d.Message)
	for _, s := range l.all {
		hit := slices.ContainsFunc(d.Places, func(p string) bool { return textzh.Key(p) == textzh.Key(s.Text) })
		l.right = append(l.right, hit)
		ok = ok || hit
	}
	return l, ok
}

// learnPicker learns by conditional logit, steps shrinking with what a column has
// moved already (AdaGrad), averaged over the later rounds.
func learnPicker(lessons []pickLesson) *picker {
	p := &picker{make([]float32, pickBuckets)}
	moved := make([]float64, pickBuckets)
	mean := make([]float64, pickBuckets)
	for round := range pickRounds {
		for _, l := range lessons {
			p.judge(l.all)
			good := 0.0
			for i, s := range l.all {
				if l.right[i] {
					good += s.score
				}
			}
			for i, s := range l.all {
				g := -s.score
				if l.right[i] {
					g += s.score / max(good, 1e-9)
				}
				if math.Abs(g) < 1e-4 {
					continue
				}
				for _, c := range s.columns {
					moved[c] += g * g
					p.weight[c] += float32(pickStep * (g/math.Sqrt(moved[c]+1) - pickShrink*float64(p.weight[c])))
				}
			}
		}
		if round >= pickRounds/2 {
			for c, w := range p.weight {
				mean[c] += float64(w) / float64(pickRounds-pickRounds/2)
			}
		}
	}
	for c := range mean {
		p.weight[c] = float32(mean[c])
	}
	return p
}
