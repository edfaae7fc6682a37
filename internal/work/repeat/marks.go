package repeat

import (
	"strings"
	"unicode"

	"yiwang/internal/base/textzh"
)

// mostMarks and mostSpots bound what a print keeps of the names in a message.
const (
	mostMarks = 8
	mostSpots = 4
)

// kind tells apart names that sound alike: a road and the estate beside it.
type kind uint32

const (
	road kind = iota + 1
	site
	quoted
)

// endings end the names of places and firms, the longest first.
var endings = func() map[rune][]ending {
	m := map[rune][]ending{}
	add := func(k kind, list string) {
		for _, w := range strings.Fields(list) {
			rs := []rune(w)
			last := rs[len(rs)-1]
			m[last] = append(m[last], ending{rs, k})
		}
	}
	add(road, `快速路 高速 大道 立交 胡同 路 街 巷 桥`)
	add(site, `地铁站 公交站 火车站 汽车站 派出所 幼儿园 电影院 文化宫 少年宫 工业园 科技园 产业园 小区 花园 家园 新村 公寓 大厦 广场 市场 商场 公园 医院
		小学 中学 学校 大学 学院 酒店 超市 宾馆 餐厅 饭店 药店 工地 公司 集团 银行 中心 码头 水库 花城 名苑 雅苑 华府 豪庭
		新城 宿舍 国际 城 苑 村 府 湾 庭 轩 居 园 厦 厂 店 馆 站 河 湖 江 山 坊 楼盘`)
	return m
}()

type ending struct {
	word []rune
	kind kind
}

// plain words end like names and are none.
var plain = func() map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(`马 公 道 铁 网 线 电 水 走 修 让 堵 问 半 一 出 思 回 开 该 条 整 县 全 农 乡 进 商 车 法 本 我 这 那 们 每
		各 几 老 新 旧 大 小 多 家 住 店 门 面 饭 酒 药 工 建 总 分 到 在 的 家里 城里 夜里 这里 那里 哪里 心里 手里 屋里 院里 邻居 民居 定居 政府
		居民 住宅 本小 我们 这个 那个 整个 某个 每个 开发 物业 管理 建筑 施工 责任 有限 股份 农贸 公共 建设 服务 购物 活动 健身 相关 一个 我家
		这家 那家 该 贵 附近 旁边 对面 门口 周边 周围 前面 后面 一条 这条 那条 整条 多条 某 人行 机动 非机 车行 行车 街道 道路 马路 公路 交通`) {
		m[w] = true
	}
	return m
}()

// sorts stand between the name of a firm or a landmark and its ending.
var sorts = func() map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(`健身 培训 教育 五金 电子 装饰 装修 火锅 烧烤 人民 农贸 水产 服务 活动 文化 购物 商务 创意 科技 物业 地产 置业 投资 实业
		建筑 劳务 人力 餐饮 美容 美发 养生 足浴 家政 汽车 修理 维修 生活 连锁 便利 实验 第一 第二 第三 附属 中医 儿童 妇幼 口腔 社区 拉面 小面 海鲜
		咖啡 手机 制衣 塑胶 模具 印刷 食品 家具 建材 物流 快递 汽配 游泳 艺术 少儿 英语 舞蹈 驾驶 老年 体育 图书 博物 展览 科技 会展 川菜 湘菜 粤菜
		早餐 小吃 水果 服装 化工 机械 有限 责任 股份 发展 集团 开发 管理 网络 信息 传媒 广告 旅游 运输 环保 工程 资源 保洁 保安 中心 综合 批发 贸易 卫生`) {
		m[w] = true
	}
	return m
}()

// notAfter are what makes another word of a short ending: 路灯, 站台, 店员.
var notAfter = map[rune]string{
	'路': "灯面边基牌程线过人障况费费怒霸", '街': "坊道头边", '桥': "梁墩面", '站': "台牌点长不在着岗", '店': "门铺员主家内面", '村': "民委里干",
	'城': "管市区建中", '园': "区林丁长", '河': "道水边涌面床", '湖': "边水面", '厂': "房家区", '居': "民住委室", '府': "部的", '里': "面头边",
	'山': "上体区", '馆': "子里", '厦': "里",
}

// breaks end a name to the left: words that stand before one.
const breaks = "的在是从到和与及于位对了有我们你他她这那该本每某哪条个家住往至把被向由经过来去说请问区市县镇省乡街道"

// spotUnits are what a number names a spot by; those that mean the same share a digit.
var spotUnits = map[rune]uint16{'号': 1, '弄': 1, '栋': 2, '幢': 2, '座': 2, '单': 3, '期': 4, '路': 5, '线': 5, '口': 6, '门': 7}

// tails tells most characters that end neither a name nor a spot from those that may.
var tails = func() (t some) {
	for r := range endings {
		t.note(r)
	}
	for r := range spotUnits {
		t.note(r)
	}
	return t
}()

// some is a set of characters, with others that are taken for them.
type some [1 << 10]uint64

func (t *some) note(r rune) { t[uint16(r)>>6] |= 1 << (r & 63) }

func (t *some) may(r rune) bool { return t[uint16(r)>>6]>>(r&63)&1 == 1 }

// names finds what a message is about by name: marks of roads, estates and firms
// by their sound, spots by their number, each once and in order, and beside the
// names the things it speaks of.
func (p *Print) names(parts ...string) {
	marks, spots := p.Marks, p.Spots
	for _, part := range parts {
		rs := textzh.Fold(part).Runes
		rs = rs[:min(len(rs), mostRunes)]
		named := make([]bool, len(rs))
		for i, r := range rs {
			if tails.may(r) {
				if m, from, ok := nameAt(rs, i); ok {
					marks = once(marks, m, mostMarks)
					for k := from; k <= i; k++ {
						named[k] = true
					}
				}
				if s, ok := spotAt(rs, i); ok {
					spots = once(spots, s, mostSpots)
				}
			}
			if r == '“' || r == '《' || r == '【' {
				if m, ok := quoteAt(rs, i); ok {
					marks = once(marks, m, mostMarks)
				}
			}
		}
		c := conceptsIn(rs, named)
		p.Concepts[0], p.Concepts[1] = p.Concepts[0]|c[0], p.Concepts[1]|c[1]
	}
	p.Marks, p.Spots = marks, spots
}

// mostRunes bounds what of a text is read: an event is told early.
const mostRunes = 1500

func once[T comparable](list []T, v T, most int) []T {
	for _, x := range list {
		if x == v {
			return list
		}
	}
	if len(list) == most {
		return list
	}
	return append(list, v)
}

// nameAt returns the mark of the name that ends with rune i: how the two
// characters before its ending sound, and what kind of place it is.
func nameAt(rs []rune, i int) (m uint32, begin int, ok bool) {
	for _, e := range endings[rs[i]] {
		from := i + 1 - len(e.word)
		if from < 1 || string(rs[from:i+1]) != string(e.word) {
			continue
		}
		if len(e.word) == 1 && i+1 < len(rs) && strings.ContainsRune(notAfter[rs[i]], rs[i+1]) {
			return 0, 0, false
		}
		core := coreBefore(rs, from)
		if len(core) == 0 || plain[string(core)] || plain[string(core[len(core)-1:])] && len(core) == 1 {
			return 0, 0, false
		}
		if len(e.word) == 1 && plain[string(core[len(core)-1:])] && e.kind == road {
			return 0, 0, false
		}
		return mark(e.kind, core), max(0, from-len(core)), true
	}
	return 0, 0, false
}

// coreBefore returns the two characters that tell a name from others, before its
// ending and what sort of place or firm it is.
func coreBefore(rs []rune, end int) []rune {
	for {
		from := end
		for from > 0 && end-from < 2 {
			r := rs[from-1]
			if !unicode.IsLetter(r) && !unicode.IsDigit(r) || strings.ContainsRune(breaks, r) {
				break
			}
			from--
		}
		core := rs[from:end]
		switch {
		case len(core) == 2 && sorts[string(core)]:
			end = from
		case len(core) == 2, len(core) == 1 && !textzh.IsHan(core[0]):
			return core
		default:
			return nil
		}
	}
}

// mark digests a name; its last two bits are the kind.
func mark(k kind, core []rune) uint32 {
	h := uint64(k) * 0x9e3779b97f4a7c15
	for _, r := range core {
		h = (h ^ uint64(textzh.Sound(r))) * 1099511628211
	}
	h ^= h >> 29
	h *= 0xbf58476d1ce4e5b9
	return uint32(h>>32)&^3 | uint32(k)
}

// spotAt returns the spot that ends with rune i: 12号, 3栋, A口, 东门.
func spotAt(rs []rune, i int) (uint16, bool) {
	unit, ok := spotUnits[rs[i]]
	if !ok || i == 0 {
		return 0, false
	}
	if unit == 7 {
		if gate := strings.IndexRune("东南西北正后侧", rs[i-1]); gate >= 0 {
			return unit<<13 | uint16(gate), true
		}
		return 0, false
	}
	from := i
	h := uint32(0)
	for from > 0 && i-from < 5 {
		r := rs[from-1]
		if !(r >= '0' && r <= '9' || r >= 'a' && r <= 'z') {
			break
		}
		h = h*37 + uint32(r)
		from--
	}
	if from == i || unit == 6 && i-from > 2 {
		return 0, false
	}
	if from > 0 && rs[from-1] == '*' {
		return 0, false // masked
	}
	return unit<<13 | uint16(h%8191), true
}

func quoteAt(rs []rune, i int) (uint32, bool) {
	end := i + 1
	for end < len(rs) && end-i <= 12 && (unicode.IsLetter(rs[end]) || unicode.IsDigit(rs[end])) {
		end++
	}
	if end-i < 3 || end-i > 12 {
		return 0, false
	}
	return mark(quoted, rs[i+1:min(end, i+5)]), true
}
