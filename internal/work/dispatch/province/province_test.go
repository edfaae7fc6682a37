package province_test

import (
	"reflect"
	"sync"
	"testing"

	"yiwang/internal/work/dispatch"
	"yiwang/internal/work/dispatch/province"
)

func TestDuty(t *testing.T) {
	seen := map[string]bool{}
	for _, e := range province.Duty() {
		if seen[e.Code] || len(e.Code) != 6 || e.Name == "" || len(e.Path) != 2 || len(e.Words) == 0 || len(e.Examples) < 5 || len(e.Units) == 0 {
			t.Errorf("bad or repeated entry %+v", e)
		}
		seen[e.Code] = true
	}
	if len(seen) != 515 {
		t.Errorf("%d matters, want 515", len(seen))
	}
}

// The base model understands plain messages under the province's codes, and a
// matter of a city's own by its description alone.
func TestBase(t *testing.T) {
	own := dispatch.Entry{Code: "CITY01", Name: "低空物流", Path: []string{"交通出行", "低空经济"}, Description: "无人机送货航线、起降点、噪声和坠落", Words: []string{"无人机送货", "起降点", "无人机坠落"}}
	m, err := dispatch.Base(append(province.Duty(), own))
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"楼下工地凌晨两点还在施工，噪音太大睡不着":      "040201",
		"小区电梯又坏了，老人被困在里面":           "070901",
		"公司拖欠我们三个月工资，老板电话不接":        "080508",
		"请问异地就医医保怎么报销，需要什么材料":       "080102",
		"路口的共享单车押金一直不退":             "050305",
		"无人机送货的起降点就在我家窗外，昨天还有无人机坠落": "CITY01",
	} {
		r := m.Read(dispatch.Message{Text: text})
		if r.Matters[0].Label != want {
			t.Errorf("%q read as %v, want %s", text, r.Matters[:3], want)
		}
		if r.Nature.Label == "" || r.Urgency.Label == "" || len(r.Units) == 0 || r.Category.Label == "" {
			t.Errorf("%q: nature, urgency, units or category are missing: %+v", text, r)
		}
	}
	without, err := dispatch.Base(province.Duty()[1:])
	if err != nil {
		t.Fatal(err)
	}
	if m.Version() == without.Version() {
		t.Error("two duty lists, one version")
	}
}

// A message that is read and split at once is read and split as one by one, and what
// was made of it stays when others are read after it, by many at a time.
func TestReadParts(t *testing.T) {
	m, err := dispatch.Base(province.Duty())
	if err != nil {
		t.Fatal(err)
	}
	l := dispatch.NewLearner(m)
	l.Correct(dispatch.Message{Text: "操场的塑胶跑道有刺鼻气味"}, "NEW001") // from now on corrections are laid over
	var msgs []dispatch.Message
	for _, e := range province.Duty() {
		one, other, third := e.Examples[0], province.Duty()[len(msgs)*7%500].Examples[1], province.Duty()[len(msgs)*13%500].Examples[2]
		msgs = append(msgs, one, dispatch.Message{Title: "反映三个问题", Text: "1、" + one.Text + "。2、" + other.Text + "。3、另外，" + third.Text + "。"})
	}
	type made struct {
		reading dispatch.Reading
		parts   []dispatch.Part
	}
	all, split := make([]made, len(msgs)), 0
	var g sync.WaitGroup
	for part := range 4 {
		g.Go(func() {
			for i := part; i < len(msgs); i += 4 {
				all[i].reading, all[i].parts = l.ReadParts(msgs[i])
			}
		})
	}
	g.Wait()
	for i, msg := range msgs {
		if want := (made{l.Read(msg), m.Parts(msg)}); !reflect.DeepEqual(all[i], want) {
			t.Fatalf("%q at once %+v, one by one %+v", msg.Text, all[i], want)
		}
		split += len(all[i].parts)
	}
	if split < 100 {
		t.Errorf("only %d parts", split)
	}
}

func BenchmarkRead(b *testing.B) {
	m, err := dispatch.Base(province.Duty())
	if err != nil {
		b.Fatal(err)
	}
	msg := dispatch.Message{Title: "小区旁工地夜间施工扰民", Text: "您好，我是和平路阳光小区的业主，小区东侧的工地从上个月开始每天晚上十一点以后还在施工，打桩机和渣土车的噪音非常大，家里有老人和准备高考的孩子，根本没有办法休息。多次打电话给物业和城管，来了以后停一会儿，走了又开始。请有关部门尽快处理，还居民一个安静的环境，谢谢！"}
	for b.Loop() {
		m.Read(msg)
	}
}
