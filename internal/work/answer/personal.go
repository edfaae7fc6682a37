package answer

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

const surnames = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤温欧符洪"

// firm are surnames that are hardly ever another word.
var firm = strings.NewReplacer("于", "", "向", "", "方", "", "何", "", "高", "", "江", "", "金", "", "白", "", "万", "", "温", "", "常", "", "石", "", "龙", "", "程", "", "任", "", "严", "", "段", "", "马", "", "洪", "", "夏", "", "黄", "黄", "毛", "").Replace(surnames)

var (
	number  = regexp.MustCompile(`[1-9][0-9]{5}(19|20)[0-9]{2}[0-9]{7}[0-9Xx]|[0-9]{16,19}`)
	mobile  = regexp.MustCompile(`1[3-9][0-9]{9}`)
	plate   = regexp.MustCompile(`[京津沪渝冀豫云辽黑湘楚皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-Z][·.]?[A-HJ-NP-Z0-9]{5,6}`)
	room    = regexp.MustCompile(`[0-9]+(栋|幢|号楼|座)[0-9]*(单元)?[0-9]{3,4}(室|房|号房)`)
	role    = regexp.MustCompile(`(信访人|投诉人|举报人|反映人|来信人|当事人|申请人|被执行人|患者|死者|户主|其父|其母|其妻|其夫|其子|其女|本人叫|村民|学生|业主)(?:[:：是]?)([` + surnames + `]\p{Han}{1,2})`)
	subject = regexp.MustCompile(`(?:^|[。，、；：！\s及为因由对])([` + firm + `]\p{Han}{1,2})(?:系[^统列]|患|承认|否认|自称|一家|一户|以及其|多年在外|因患|家庭|的房屋|开办)`)
	self    = regexp.MustCompile(`(?:我叫|我是|本人叫|姓名[:：]?|举报人[:：]?|求助人[:：]?|反映人[:：]?)\s*([` + surnames + `]\p{Han}{1,2})`)
	office  = regexp.MustCompile(`(电话|热线|致电|拨打|联系人|联系方式|号码|主任|所长|科长|局长)[^。；]{0,16}$`)
)

// cues are the words without which a pattern finds nothing; most replies have none.
var cues = map[*regexp.Regexp][]string{
	role:    strings.Fields("人 者 户主 其父 其母 其妻 其夫 其子 其女 村民 学生 业主"),
	subject: strings.Fields("系 患 承认 否认 自称 一家 一户 以及其 多年在外 家庭 的房屋 开办"),
}

// personal finds what a reply tells of private persons: numbers of identity,
// mobile numbers that are not an office's, plates, rooms, full names of those who
// wrote or are written about. Names that are masked already do not count.
func personal(p Pair) []Span {
	var out []Span
	add := func(from, to int) { out = append(out, Span{From: from, To: to}) }
	for _, re := range []*regexp.Regexp{number, plate, room} {
		if !strings.ContainsAny(p.Reply, "0123456789") {
			break
		}
		for _, m := range re.FindAllStringIndex(p.Reply, 20) {
			add(m[0], m[1])
		}
	}
	for _, m := range mobile.FindAllStringIndex(p.Reply, 20) {
		digits := func(i int) bool { return i >= 0 && i < len(p.Reply) && p.Reply[i] >= '0' && p.Reply[i] <= '9' }
		if !digits(m[0]-1) && !digits(m[1]) && !office.MatchString(p.Reply[:m[0]]) {
			add(m[0], m[1])
		}
	}
	for _, re := range []*regexp.Regexp{role, subject} {
		if !containsAny(p.Reply, cues[re]) {
			continue
		}
		for _, m := range re.FindAllStringSubmatchIndex(p.Reply, 20) {
			i, j := m[len(m)-2], m[len(m)-1]
			if fullName(p.Reply[i:j], p.Reply[j:]) {
				add(i, j)
			}
		}
	}
	if !containsAny(p.Message, []string{"我叫", "我是", "本人叫", "姓名", "报人", "助人", "映人"}) {
		return out
	}
	for _, m := range self.FindAllStringSubmatch(p.Message, 5) {
		if i := strings.Index(p.Reply, m[1]); i >= 0 && fullName(m[1], "") {
			add(i, i+len(m[1]))
		}
	}
	return out
}

// notNames are words that begin like a name.
var notNames = strings.Fields("高度 方面 万元 任何 石材 金额 江西 江边 江北 毛坯 白天 向市 向政 方式 严格 严重 许多 许可 于今 于年 余户 余名 任职 任课 任教 成员 高中 高速 黄金 夏季 方可 程序 段时 唐山 龙头 马上 马路 向县 向区 向社 向有 向相 向我 何时 何人 于上 于下 付款 付清 孔雀 石油 汤圆 温度 符合 洪水 欧式 武术 万人")

// fullName reports whether two or three characters are a person's name and not
// masked by what follows.
func fullName(name, after string) bool {
	for _, w := range notNames {
		if strings.HasPrefix(name, w) {
			return false
		}
	}
	if strings.ContainsAny(name, "某") || strings.HasPrefix(after, "某") || strings.HasPrefix(after, "x") || strings.HasPrefix(after, "*") {
		return false
	}
	return utf8.RuneCountInString(name) >= 2 && !strings.ContainsAny(name, "的地得和与及是在了等为已未镇乡村县市区路街山湾潭岭桥城园北南东西帝向要处去求普劳大动")
}
