package clock_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"yiwang/internal/core/clock"
)

var update = flag.Bool("update", false, "write the golden files anew")

// beat is one line of a story: an event, or, without a name, somebody asking
// what has become due.
type beat struct {
	at      string
	name    string
	title   string
	facts   facts
	effects []clock.Effect
}

// The stories in testdata are for reading by an official: what happens to a case
// and what that does to its clocks, with the times that everyone is shown.
func TestStories(t *testing.T) {
	for _, story := range []struct {
		file  string
		rules []clock.Rule
		beats []beat
	}{
		{"spring-festival", appeal(), []beat{
			{at: "2026-02-12 09:30", name: "file", title: "市民反映"},
			{at: "2026-02-12 09:31", name: "dispatch", title: "分拨给甲单位", facts: facts{"求助"}},
			{at: "2026-02-12 09:36", name: "return", title: "甲单位退单（首接负责，计时不停）"},
			{at: "2026-02-12 09:50", name: "redispatch", title: "改派给乙单位"},
			{at: "2026-02-12 09:57", name: "sign", title: "乙单位签收"},
			{at: "2026-02-12 10:10", name: "note", title: "内部备注"},
			{at: "2026-02-12 10:40", name: "contact", title: "联系反映人"},
			{at: "2026-02-12 17:00", name: "report", title: "阶段性反馈"},
			{at: "2026-02-24 12:00", title: "节后，到点检查"},
			{at: "2026-02-25 15:00", name: "extend", title: "延期三个工作日",
				effects: []clock.Effect{{Verb: clock.Extend, Clock: "handle", By: clock.Limit{N: 3, Unit: clock.Day}}}},
			{at: "2026-02-27 16:00", name: "resolve", title: "提交答复"},
			{at: "2026-02-28 10:00", name: "fail", title: "审核不通过"},
			{at: "2026-02-28 17:00", name: "resolve", title: "再次提交答复"},
			{at: "2026-03-02 09:30", name: "pass", title: "审核通过"},
			{at: "2026-03-02 10:00", name: "close", title: "办结"},
			{at: "2026-03-20 10:00", title: "到点检查"},
		}},
		{"nobody-takes-it", appeal(), []beat{
			{at: "2026-03-06 22:00", name: "file", title: "市民夜间反映"},
			{at: "2026-03-06 23:00", title: "到点检查"},
			{at: "2026-03-07 08:00", title: "到点检查"},
			{at: "2026-03-07 08:00", title: "再检查一次"},
			{at: "2026-03-07 08:30", name: "dispatch", title: "分拨给甲单位", facts: facts{"速办"}},
			{at: "2026-03-07 12:00", title: "到点检查，甲单位一直没有签收"},
			{at: "2026-03-07 12:30", name: "recall", title: "分拨中心收回"},
			{at: "2026-03-07 12:40", name: "dispatch", title: "分拨给乙单位", facts: facts{"速办"}},
			{at: "2026-03-07 12:41", name: "sign", title: "乙单位签收"},
			{at: "2026-03-07 13:30", name: "withdraw", title: "市民撤回"},
		}},
		{"permit-with-hearing", permit(), []beat{
			{at: "2026-01-20 10:00", name: "accept", title: "受理"},
			{at: "2026-02-05 10:00", name: "hearing", title: "开始听证（所需时间不计入期限）",
				effects: []clock.Effect{{Verb: clock.Pause, Clock: "decide"}}},
			{at: "2026-02-13 10:00", title: "到点检查"},
			{at: "2026-02-25 15:00", name: "hearing_done", title: "听证结束",
				effects: []clock.Effect{{Verb: clock.Resume, Clock: "decide"}}},
			{at: "2026-03-10 11:00", name: "grant", title: "准予许可"},
		}},
	} {
		t.Run(story.file, func(t *testing.T) {
			got := tell(t, story.rules, story.beats)
			path := filepath.Join("testdata", story.file+".golden")
			if *update {
				if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("the story has changed (go test -run Stories -update writes it anew):\n%s", got)
			}
		})
	}
}

func tell(t *testing.T, rules []clock.Rule, beats []beat) string {
	t.Helper()
	cal, clocks := office(t), []clock.Clock(nil)
	var out strings.Builder
	for i, b := range beats {
		now := at(t, b.at)
		var ops []clock.Op
		if b.name == "" {
			for _, c := range clocks {
				ops = append(ops, clock.Fire(c, now)...)
			}
		} else {
			var err error
			e := clock.Event{Name: b.name, At: now, N: i + 1, Effects: b.effects, Facts: b.facts}
			if ops, err = clock.Step(rules, cal, clocks, e); err != nil {
				t.Fatal(err)
			}
		}
		fmt.Fprintf(&out, "%s  %s\n", b.at, b.title)
		for _, op := range ops {
			fmt.Fprintf(&out, "    %s 第%d轮 %s\n", op.Code, op.Round, words(op))
		}
		var err error
		if clocks, err = clock.Apply(clocks, ops); err != nil {
			t.Fatal(err)
		}
	}
	out.WriteString("最后\n")
	for _, c := range clocks {
		state := map[clock.State]string{clock.Running: "在走", clock.Paused: "暂停", clock.Met: "按时", clock.Breached: "超期", clock.Cancelled: "作废"}[c.State]
		if c.State == clock.Cancelled && c.Breached {
			state = "作废，曾超期"
		}
		left := time.Duration(clock.Remaining(c, cal, at(t, beats[len(beats)-1].at))) * time.Millisecond
		fmt.Fprintf(&out, "    %s 第%d轮 %s，%s，剩余 %s\n", c.Code, c.Round, c.Limit, state, left)
	}
	return out.String()
}

// words says an operation in Chinese.
func words(op clock.Op) string {
	when := ""
	if op.Plan != nil {
		when = "，" + exact(op.Plan.DueAt) + " 到期"
		for _, m := range op.Plan.Marks {
			when += fmt.Sprintf("，%d%% 在 %s", m.Pct, exact(m.At))
		}
	}
	switch op.Verb {
	case clock.Start:
		return fmt.Sprintf("开始：%s %s%s", op.Terms.Limit, op.Terms.Mode, when)
	case clock.Pause:
		return "暂停"
	case clock.Resume:
		return fmt.Sprintf("继续，共停 %s%s", time.Duration(op.Paused)*time.Millisecond, when)
	case clock.Extend:
		return fmt.Sprintf("延期为 %s%s", op.Terms.Limit, when)
	case clock.Warn:
		return fmt.Sprintf("提醒 %d%%，应在 %s", op.Pct, exact(op.At))
	case clock.Breach:
		return "超期，期限为 " + exact(op.At)
	case clock.Cancel:
		return "作废"
	case clock.Stop:
		s := map[clock.State]string{clock.Met: "停止，按时", clock.Breached: fmt.Sprintf("停止，超期 %s", time.Duration(op.Late)*time.Millisecond)}[op.State]
		if op.Then != "" {
			s += "，由系统执行 " + op.Then
		}
		return s
	}
	return string(op.Verb)
}

func exact(t int64) string { return strings.TrimSuffix(say(t)+time.UnixMilli(t).Format(":05"), ":00") }
