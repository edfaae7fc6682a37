package discreet_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"yiwang/internal/base/discreet"
)

// What errors of libraries and the runtime say of the values they fail on is left out,
// and what the operator needs to find the place stays.
func TestClean(t *testing.T) {
	_, number := strconv.Atoi("13922221111x")
	_, address := url.Parse("http://one.example/show/9K3M2Q7T?code=ABCD2345\x7f")
	_, day := time.Parse("2006-01-02", "司马若兰")
	for _, c := range []struct{ in, keeps string }{
		{number.Error(), "strconv.Atoi: parsing"},
		{address.Error(), "invalid control character"},
		{day.Error(), "parsing time"},
		{"Post http://sms.example/send?to=13922221111&text=x: connection refused", "connection refused"},
		{"ERROR: invalid input syntax for type bigint: \"13922221111\" (SQLSTATE 22P02)", "(SQLSTATE 22P02)"},
		{"550 no mailbox sima.ruolan@example.org here", "550 no mailbox"},
		{"case 01KAN8Q0Z3V8T6M4R2C9X7W5Y1: 家住翠竹花园九栋", "case 01KAN8Q0Z3V8T6M4R2C9X7W5Y1"},
		{"session yTQ2n8sJvP0aXc3Lr7kW-9dEfGh1iJ_kLmNoPqRs4", "session"},
		{"key ABCD2345 was tried", "was tried"},
		{"identity 440304198811223344 or +86 139 2222 1111", "identity"},
		{"index out of range [5] with length 3", "index out of range [5] with length 3"},
		{"dial tcp 127.0.0.1:5432: connect: connection refused", "127.0.0.1:5432"},
		{"UNIQUE constraint failed: notice.case_id, notice.n (2067)", "notice.case_id, notice.n (2067)"},
		{"goroutine 12 [running]: internal/door/api/outer.go:78 +0x1d4 main(0xc0001122)", "outer.go:78 +0x1d4"},
		{"unfinished \"13922221111 司马", "unfinished"},
		{"it's the citizen's page", "it's the citizen's page"},
	} {
		got := discreet.Clean(c.in)
		if !strings.Contains(got, c.keeps) {
			t.Errorf("%q became %q, which lacks %q", c.in, got, c.keeps)
		}
		for _, secret := range []string{"13922221111", "2222", "司马", "翠竹", "ruolan", "ABCD2345", "9K3M2Q7T", "440304", "yTQ2n8"} {
			if strings.Contains(got, secret) {
				t.Errorf("%q became %q, which shows %q", c.in, got, secret)
			}
		}
	}
}

// No way that a value takes into a record leads around.
func TestHandler(t *testing.T) {
	var b bytes.Buffer
	log := slog.New(discreet.Handler(slog.NewTextHandler(&b, nil)))
	const who = "司马若兰13922221111"
	log.With("by", who).WithGroup("g").Error("of "+who, "error", fmt.Errorf("x: %w", errors.New(who)), "any", []string{who},
		slog.Group("in", "deep", who), "value", valuer(who), "n", 12345678901, "took", time.Second)
	line := b.String()
	if strings.Contains(line, "司马") || strings.Contains(line, "2222") || strings.Count(line, discreet.Hidden) < 6 {
		t.Errorf("the line is %s", line)
	}
	if !strings.Contains(line, "12345678901") || !strings.Contains(line, "took=1s") {
		t.Errorf("counts and times are gone: %s", line)
	}
}

type valuer string

func (v valuer) LogValue() slog.Value { return slog.StringValue(string(v)) }
