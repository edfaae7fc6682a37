package answer

import (
	"math"
	"strings"

	"yiwang/internal/base/textzh"
)

// taken is a reply taken to pieces, with what its message demands.
type taken struct {
	pair    Pair
	cs      []clause
	demands []demand
	deeds   []Span // sentences that say who did what and when
	bases   []Span // provisions named
	ways    []Span // contacts and next steps
	persons []Span // personal data
	talk    int    // Chinese characters of content
	covered float64
}

func take(p Pair) *taken {
	p.Title, p.Message, p.Reply = trim(p.Title), trim(p.Message), trim(p.Reply)
	t := &taken{pair: p, cs: clauses(p.Reply)}
	for i := range t.cs {
		if c := &t.cs[i]; c.kind == content {
			t.talk += c.han
		}
	}
	t.hollow()
	t.demands, t.covered = demandsOf(p, t.said())
	t.facts()
	t.persons = personal(p)
	return t
}

// said is the content of the reply, folded.
func (t *taken) said() string {
	var b strings.Builder
	for i := range t.cs {
		if k := t.cs[i].kind; k == content || k == outside || k == refer {
			b.WriteString(t.cs[i].text)
			b.WriteByte(' ')
		}
	}
	return b.String()
}

func (t *taken) count(ks ...kind) int {
	n := 0
	for i := range t.cs {
		for _, k := range ks {
			if t.cs[i].kind == k {
				n++
			}
		}
	}
	return n
}

// scraps is how many characters of content a formula may carry along.
const scraps = 2

// empty holds where nothing is said, nothing asked, and nobody named to turn to.
func (t *taken) empty() bool {
	return t.talk <= scraps && t.count(refer, ask, outside, pointer) == 0 && len(t.ways) == 0
}

// features of a reply; their names stand in weights.tsv.
func (t *taken) features() map[string]float64 {
	has := func(ks ...kind) float64 { return float64(min(1, t.count(ks...))) }
	flag := func(b bool) float64 {
		if b {
			return 1
		}
		return 0
	}
	talk := float64(t.talk)
	return map[string]float64{
		"one":     1,
		"bare":    flag(t.talk <= scraps),
		"little":  flag(t.talk > scraps && t.talk <= 15),
		"some":    flag(t.talk > 15 && t.talk <= 40),
		"talk":    math.Log1p(talk) / 5,
		"covered": t.covered,
		"refer":   has(refer),
		"ask":     has(ask),
		"outside": has(outside),
		"pointer": has(pointer),
		"deed":    flag(len(t.deeds) > 0),
		"basis":   flag(len(t.bases) > 0),
		"demands": math.Log1p(float64(len(t.demands))),
		"verbs":   math.Log1p(float64(t.verbs())),
		"bend":    flag(t.talk > scraps && (t.count(refer, ask, outside) > 0) && t.talk < 40),
	}
}

// acts are words that say what was done or is so, beyond looking into it.
var acts = strings.Fields("已完成 完成 已处理 处理完 处理好 修好 换好 补好 清运 清走 整改 责令 约谈 施工 修复 修缮 维修 更换 纳入 列入 计划 规划 立案 查处 拆除 清理 关停 停工 安装 建设 开工 竣工 " +
	"批复 批准 审批 验收 办理 发放 补贴 补助 缴纳 报销 申请 携带 凭 可以 不能 不得 应当 规定 标准 政策 条件 属实 不属实 符合 未发现 不存在 暂无 尚未 取消 调整 增加 开通 开设 招生 入学 检查 执法 处罚 协调会 征收 赔偿 退还 承诺 协议 合同 查看 勘查 勘察 走访 宣传 劝导 巡查 检测 监测 扣押 抓获 拘留 侦办 停靠 就读 迁入 落户 退休 领取 核发 出台 公示 送达 接种 收取 执行 供电 供水 通水 开馆 转乘 发车 换证 补办 需经 需要 属于 已经 已有 已于 正在 计划 预计 目前 经查 未 没有 因为 由于 原因")

func (t *taken) verbs() int {
	n := 0
	for i := range t.cs {
		if t.cs[i].kind != content {
			continue
		}
		for _, a := range acts {
			if strings.Contains(t.cs[i].text, a) {
				n++
				break
			}
		}
	}
	return n
}

// keyGrams returns the two-character words of a folded text that may mean
// something.
func keyGrams(s string, fn func(g [2]rune)) {
	var last rune
	for _, r := range s {
		if !textzh.IsHan(r) || strings.ContainsRune(emptyRunes, r) {
			last = 0
			continue
		}
		if last != 0 {
			fn([2]rune{last, r})
		}
		last = r
	}
}

// emptyRunes are characters of grammar and courtesy.
const emptyRunes = "的了是我你您他她它们在有和与或及就都而也很不没无能可会要请问吗呢吧啊哦为什么怎样这那哪个些一二三四五六七八九十上下里到从向对把被让给以于之其所者此等但却又再还更最太好"
