package answer

import (
	"regexp"
	"strings"
)

var (
	when = regexp.MustCompile(`[0-9]{1,4}年|[0-9]{1,2}月|[0-9]{1,2}日|今年|去年|明年|本月|上月|下月|月底|年底|年初|上旬|中旬|下旬|上午|下午|当日|当天|当晚|次日|[0-9一二两三]+(个)?(工作日|小时|天|年|个月)(内|以内|之内)|秋季|春季|暑期|寒假|春节前`)
	law  = regexp.MustCompile(`《[^》]{3,}》|[〔\[【（(][0-9]{4}[〕\]】）)][0-9. ]*号|第[0-9一二三四五六七八九十百]+条|政府发文|[0-9]{2,4}号(文|令)`)
	tel  = regexp.MustCompile(`[0-9]{3,4}[-—－ ][0-9]{7,8}|[0-9]{4}[-—－][0-9]{4}[-—－][0-9]{6,8}|\b1[0-9]{4}\b|(电话|热线|致电|拨打|拔打|联系)[^0-9。]{0,14}[0-9]{5,}|[（(][0-9-]{7,}[）)]|https?:`)
	step = regexp.MustCompile(`((?:^|[^许认])可|请|建议|凭|携带|持)[^。；;]{0,40}(申请|起诉|仲裁|复议|诉讼|报案|咨询|反映|投诉|举报|联系|办理|登记|报名|申报|查询|报销|申领|受理|入学)|拨打|致电|来电`)
	own  = regexp.MustCompile(`我[局镇办区市县委乡院校街处中队公们]|已[向请]|现已|正在|努力`)
)

var (
	actors = strings.Fields("我局 我镇 我办 我区 我市 我县 我委 我乡 我院 我校 我街 我处 我中心 我队 我公司 我们 我单位 局 镇 办 委 院 校 处 队 站 所 厅 部 街道 政府 社区 公司 单位 人员 指挥部")
	deeds  = strings.Fields("安排 组织 召开 召集 到现场 现场 约谈 责令 要求 督促 整改 拆除 修复 维修 施工 开工 动工 竣工 完工 建成 启动 纳入 列入 申报 上报 申请 下达 下发 出台 发布 公布 公示 立案 受理 查处 处罚 查封 关停 清理 检查 巡查 整治 开展 实施 改造 建设 安装 更换 签订 支付 发放 补发 办理 完成 验收 投入 协调 联系 沟通 走访 回访 核实 勘查 勘察 开通 招生 开学 执行 批准 批复 通过 调整 招聘 审核 暂停 停止 恢复 供水 回函 致函 报告 递交 考察")
)

// facts finds what a good reply has: deeds with actor and time, provisions,
// contacts and next steps.
func (t *taken) facts() {
	for i := 0; i < len(t.cs); {
		j := i
		for j < len(t.cs) && t.cs[j].sentence == t.cs[i].sentence {
			j++
		}
		t.sentence(t.cs[i:j])
		i = j
	}
}

func (t *taken) sentence(cs []clause) {
	var b strings.Builder
	from, to := -1, -1
	for i := range cs {
		switch cs[i].kind {
		case content, forward, handle, refer, outside, ask, invite, pointer:
		default:
			continue
		}
		if cs[i].kind == content || cs[i].kind == handle {
			b.WriteString(cs[i].text)
			b.WriteByte(' ')
			if from < 0 {
				from = cs[i].from
			}
			to = cs[i].to
		}
		t.named(&cs[i])
	}
	s := b.String()
	if from < 0 || !containsContent(cs) {
		return
	}
	if containsAny(s, deeds) && containsAny(s, actors) && when.MatchString(s) {
		t.deeds = append(t.deeds, Span{From: from, To: to})
	}
}

func containsContent(cs []clause) bool {
	for i := range cs {
		if cs[i].kind == content {
			return true
		}
	}
	return false
}

// named notes the provisions and the ways on of one clause.
func (t *taken) named(c *clause) {
	at := Span{From: c.from, To: c.to}
	if strings.ContainsAny(c.text, "《号条文") && law.MatchString(c.text) && !strings.Contains(c.text, "问政") && !strings.Contains(c.text, "编制") && c.kind != forward && c.kind != pointer {
		t.bases = append(t.bases, at)
	}
	switch c.kind {
	case content:
		if calls(c.text) || strings.ContainsAny(c.text, "可请建凭携持拨致来") && step.MatchString(c.text) && !own.MatchString(c.text) {
			t.ways = append(t.ways, at)
		}
	case refer, pointer:
		t.ways = append(t.ways, at)
	case ask, invite, outside:
		if calls(c.text) || c.kind == ask && strings.Contains(c.text, "请") {
			t.ways = append(t.ways, at)
		}
	}
}

// calls reports whether a clause gives a number to call or a page to open.
func calls(s string) bool { return strings.ContainsAny(s, "0123456789:") && tel.MatchString(s) }
