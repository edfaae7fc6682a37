package text_test

import (
	"testing"
	"time"

	"yiwang/internal/base/text"
)

// 21 November 2026, 15:46 in China.
var noon = time.Date(2026, 11, 21, 15, 46, 30, 0, text.CST)

func TestWhen(t *testing.T) {
	for _, c := range []struct {
		at     time.Time
		zh, en string
	}{
		{noon, "今天 15:46", "today 15:46"},
		{noon.Add(-24 * time.Hour), "昨天 15:46", "yesterday 15:46"},
		{noon.Add(-16 * time.Hour), "昨天 23:46", "yesterday 23:46"},
		{noon.Add(9 * time.Hour), "明天 00:46", "tomorrow 00:46"},
		{noon.AddDate(0, 0, -18), "11月3日 15:46", "3 November 15:46"},
		{noon.AddDate(-1, 0, 0), "2025年11月21日 15:46", "21 November 2025 15:46"},
		{time.Date(2026, 12, 31, 23, 59, 0, 0, text.CST), "12月31日 23:59", "31 December 23:59"},
	} {
		if got := text.When(text.Chinese, c.at.UTC(), noon); got != c.zh {
			t.Errorf("When(%v) = %q, want %q", c.at, got, c.zh)
		}
		if got := text.When(text.English, c.at.UTC(), noon); got != c.en {
			t.Errorf("When(%v) = %q, want %q", c.at, got, c.en)
		}
	}
}

// A limit at midnight belongs to the day that ends with it.
func TestUntil(t *testing.T) {
	for _, c := range []struct{ at, zh, en, exact string }{
		{"2026-12-01T00:00:00+08:00", "11月30日 24:00", "30 November 24:00", "2026年11月30日 24:00"},
		{"2026-11-22T00:00:30+08:00", "今天 24:00", "today 24:00", "2026年11月21日 24:00"},
		{"2027-01-01T00:00:00+08:00", "12月31日 24:00", "31 December 24:00", "2026年12月31日 24:00"},
		{"2026-12-01T18:00:00+08:00", "12月1日 18:00", "1 December 18:00", "2026年12月1日 18:00"},
	} {
		at, err := time.Parse(time.RFC3339, c.at)
		if err != nil {
			t.Fatal(err)
		}
		if zh, en, exact := text.Until(text.Chinese, at.UTC(), noon), text.Until(text.English, at.UTC(), noon), text.UntilExact(text.Chinese, at.UTC()); zh != c.zh || en != c.en || exact != c.exact {
			t.Errorf("%s: %q, %q, %q", c.at, zh, en, exact)
		}
	}
}

func TestDay(t *testing.T) {
	at := time.Date(2026, 11, 22, 17, 0, 0, 0, time.UTC) // one in the morning in China
	if zh, en := text.Day(text.Chinese, at), text.Day(text.English, at); zh != "11月23日 周一" || en != "Monday, 23 November" {
		t.Errorf("%s, %s", zh, en)
	}
}

func TestAgoAndLeft(t *testing.T) {
	for _, c := range []struct {
		by        time.Duration
		ago, left string
	}{
		{0, "刚刚", "还剩 不到 1 分钟"},
		{26 * time.Minute, "26 分钟前", "还剩 26 分钟"},
		{3*time.Hour + 10*time.Minute, "3 小时 10 分钟前", "还剩 3 小时 10 分钟"},
		{16 * time.Hour, "昨天 23:46", "还剩 16 小时"},
		{52 * time.Hour, "11月19日 11:46", "还剩 2 天 4 小时"},
		{300 * time.Hour, "11月9日 03:46", "还剩 12 天"},
	} {
		if got := text.Ago(text.Chinese, noon.Add(-c.by), noon); got != c.ago {
			t.Errorf("Ago(%v) = %q, want %q", c.by, got, c.ago)
		}
		if got := text.Left(text.Chinese, noon.Add(c.by), noon); got != c.left {
			t.Errorf("Left(%v) = %q, want %q", c.by, got, c.left)
		}
	}
	if got := text.Left(text.Chinese, noon.Add(-90*time.Minute), noon); got != "已超过 1 小时 30 分钟" {
		t.Errorf("Left of a missed moment = %q", got)
	}
	if got := text.Left(text.English, noon.Add(time.Minute), noon); got != "1 minute left" {
		t.Errorf("Left in English = %q", got)
	}
}

func TestLimit(t *testing.T) {
	for _, c := range []struct{ limit, mode, zh, en string }{
		{"10m", "natural", "10 分钟", "10 minutes"},
		{"2h", "natural", "2 小时", "2 hours"},
		{"1d", "working", "1 个工作日", "1 working day"},
		{"10d", "working", "10 个工作日", "10 working days"},
		{"soon", "natural", "soon", "soon"},
	} {
		if got := text.Limit(text.Chinese, c.limit, c.mode); got != c.zh {
			t.Errorf("Limit(%s, %s) = %q, want %q", c.limit, c.mode, got, c.zh)
		}
		if got := text.Limit(text.English, c.limit, c.mode); got != c.en {
			t.Errorf("Limit(%s, %s) = %q, want %q", c.limit, c.mode, got, c.en)
		}
	}
}
