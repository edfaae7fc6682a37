package answer

import (
	"os"
	"strings"
	"testing"
	"unicode/utf8"
)

const asked = "工地半夜打桩，吵得睡不着，请尽快处理，并说明夜间施工有没有许可。"

// What counts as empty, as no answer, and as an answer.
func TestRead(t *testing.T) {
	for _, c := range []struct {
		reply   string
		empty   bool
		answers Degree
	}{
		{"", true, No},
		{"您好！2026年11月20日", true, No},
		{"网友：您好！留言已收悉", true, No},
		{"您的留言已收悉，已转区住建局调查处理，处理情况将及时回复。", true, No},
		{"感谢您的宝贵意见，我们将认真研究，一如既往做好工作。", true, No},
		{"您的建议已如实上报上级主管部门。", true, No},
		{"您反映的问题不属于我局职责范围，建议您向区生态环境局反映。", false, No},
		{"因您未留下联系方式，我局无法核实，请提供工地名称和具体地址。", false, No},
		{"该问题已经答复，详见http://example.cn/1。", false, No},
		{"已修好。", false, Full},
		{"您的留言已收悉。现回复如下 工地已于11月19日停工整改。", false, Full},
		{"夜间施工的审批权、处罚权在市里，请向市城管局反映。", false, No},
		{"经现场核实，该工地11月19日夜间施工未取得许可，我局已责令停工并立案查处。", false, Full},
	} {
		r := Read(Pair{Title: "工地夜间施工", Message: asked, Reply: c.reply})
		if r.Empty != c.empty || r.Answers != c.answers {
			t.Errorf("%q: empty %v, answers %s (%.2f)", c.reply, r.Empty, r.Answers, r.NotP)
		}
	}
}

// Formulas that no collection taught, replies that turn the writer away, and short
// ones that say something.
func TestInvented(t *testing.T) {
	raw, err := os.ReadFile("testdata/invented.tsv")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(raw)) {
		is, reply, _ := strings.Cut(strings.TrimSpace(line), "\t")
		r := Read(Pair{Title: "小区门口路灯不亮", Message: "小区门口路灯坏了一个月了，晚上很黑，请尽快修好。", Reply: reply})
		if r.Empty != (is == "empty") || is != "empty" && (r.Answers == No) != (is == "unanswered") {
			t.Errorf("%s: empty %v, answers %s: %s", is, r.Empty, r.Answers, reply)
		}
	}
}

// What a reply has, and what is found in one that has it not.
func TestFindings(t *testing.T) {
	good := Read(Pair{"工地夜间施工", asked, "11月19日晚，我局执法队到场责令停工。根据《中华人民共和国噪声污染防治法》第四十三条立案查处。如再发现，请拨打12345。"})
	if !good.Deed || !good.Basis || !good.WayOn || good.Grave() {
		t.Errorf("a good reply: %+v", good)
	}
	for reply, kind := range map[string]Kind{
		"经核实，举报人王建国反映的情况属实，已责令停工。":               Personal,
		"经核实，已责令停工，请联系投诉人13812345678确认。":         Personal,
		"根据有关规定，该工地不能停工，我局已要求施工单位加强管理。":          NoBasis,
		"该工地夜间施工许可尚未办理完毕，目前正在协调施工单位调整工序，降低噪声影响。": NoWayOn,
		"该工地连续浇筑混凝土，工艺上要求不间断施工，现已要求采取降噪措施。":      NoDeed,
	} {
		r := Read(Pair{"工地夜间施工", asked, reply})
		if !r.Has(kind) {
			t.Errorf("%q: no %s in %+v", reply, kind, r.Findings)
		}
	}
	masked := Read(Pair{"工地夜间施工", asked, "经核实，举报人王某反映的情况属实，已责令停工。"})
	if masked.Has(Personal) {
		t.Errorf("a masked name is found: %+v", masked.Findings)
	}
}

// A demand that the reply leaves out is found where it stands in the message.
func TestIncomplete(t *testing.T) {
	p := Pair{"小区的两个问题", "请问小区门口的红绿灯什么时候启用？另外，幼儿园的学位今年够不够，外地户籍儿童怎么报名？",
		"小区门口的红绿灯正在调试，预计12月1日启用。如有疑问请拨打83456789。"}
	r := Read(p)
	for _, f := range r.Findings {
		if f.Kind == Incomplete {
			if w := f.Words[0].Of(p); !f.Words[0].InMessage || !strings.Contains(w, "学位") {
				t.Errorf("left out: %q", w)
			}
			return
		}
	}
	t.Errorf("nothing left out: %+v", r.Findings)
}

// Whatever stands in the texts, the words of findings are pieces of them.
func FuzzRead(f *testing.F) {
	f.Add("工地夜间施工", asked, "您好，留言已收悉。")
	f.Add("", "\xff\n", "“”：：\x00。。，“我叫")
	f.Fuzz(func(t *testing.T, title, message, reply string) {
		p := Pair{title, message, reply}
		r := Read(p)
		for _, x := range r.Findings {
			for _, s := range x.Words {
				if w := s.Of(p); w == "" || utf8.ValidString(message) && utf8.ValidString(reply) && !utf8.ValidString(w) {
					t.Errorf("%s rests on %q", x.Kind, w)
				}
			}
		}
		if r.Empty && r.Answers != No {
			t.Error("empty, and yet it answers")
		}
	})
}
