package cli

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/text/encoding/simplifiedchinese"
)

// sharedData returns a file of the public data beside the project, or skips.
func sharedData(t *testing.T, name string) string {
	t.Helper()
	path := filepath.Join("../../../shared/data", name)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("../shared/data/%s is not here: the test that needs it is skipped", name)
	}
	return path
}

// The real stream of 4,299 messages goes in completely and once, each dispatched
// or queued with its explanation.
func TestRealStream(t *testing.T) {
	file := sharedData(t, "teddy/stream.jsonl")
	engines(t, func(t *testing.T, _ string, flags []string) {
		var first, second tally
		var v verdict
		run(t, &first, with(flags, "import", file, "--channel", "wenzheng")...)
		run(t, &second, with(flags, "import", file, "--channel", "wenzheng")...)
		run(t, &v, with(flags, "verify")...)
		if first.Created != 4299 || first.Dispatched+first.Queued != 4299 || second.Already != 4299 || second.Created != 0 || !v.OK {
			t.Errorf("first %+v, second %+v, verify %+v", first, second, v)
		}
		if share := float64(first.Dispatched) / 4299; share < 0.15 {
			t.Errorf("the machine sent %.0f %% by itself", 100*share)
		}
		t.Logf("%d sent by machine, %d queued, in %.1f s", first.Dispatched, first.Queued, first.Seconds)
	})
}

// The same stream with one line in twenty damaged: those are refused, all others
// go in.
func TestRealStreamDamaged(t *testing.T) {
	raw, err := os.ReadFile(sharedData(t, "teddy/stream.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(3, 5))
	var b bytes.Buffer
	damaged := map[int]string{}
	n := 0
	for line := range strings.Lines(string(raw)) {
		n++
		line = strings.TrimRight(line, "\r\n")
		if n > 1 && r.IntN(20) == 0 {
			line, damaged[n] = damage(t, r, line)
		}
		b.WriteString(line + "\n")
	}
	file := write(t, "damaged.jsonl", b.Bytes())
	var got tally
	run(t, &got, "import", file, "--channel", "wenzheng", "--data", t.TempDir())
	if got.Rows != n || got.Rejected != len(damaged) || got.Created != n-len(damaged) {
		t.Errorf("%+v; %d of %d lines were damaged", got, len(damaged), n)
	}
	kept, err := os.ReadFile(got.Rejects)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(kept)) {
		var x struct {
			Line   int
			Reason string
		}
		if err := json.Unmarshal([]byte(line), &x); err != nil {
			t.Fatal(err)
		}
		if damaged[x.Line] == "" || x.Reason == "" {
			t.Errorf("line %d was refused (%q), it was not damaged", x.Line, x.Reason)
		}
		delete(damaged, x.Line)
	}
	for n, how := range damaged {
		t.Errorf("line %d (%s) is not among the rejects", n, how)
	}
}

// damage breaks a row in one of the ways that files come broken.
func damage(t *testing.T, r *rand.Rand, line string) (broken, how string) {
	t.Helper()
	var row map[string]any
	if err := json.Unmarshal([]byte(line), &row); err != nil {
		t.Fatal(err)
	}
	again := func() string {
		b, err := json.Marshal(row)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	switch r.IntN(9) {
	case 0:
		return line[:len(line)/2], "truncated"
	case 1:
		gbk, err := simplifiedchinese.GB18030.NewEncoder().String(line)
		if err != nil {
			t.Fatal(err)
		}
		return gbk, "GBK bytes"
	case 2:
		return line[:20] + "\x00" + line[20:], "NUL"
	case 3:
		row["text"] = " "
		return again(), "no text"
	case 4:
		row["time"] = "2019/2/30 10:00:00"
		return again(), "no such day"
	case 5:
		row["time"] = "2099/1/1 10:00:00"
		return again(), "future"
	case 6:
		row["text"] = strings.Repeat("长", 100_001)
		return again(), "too long"
	case 7:
		row["text"] = 12345
		return again(), "a number"
	}
	row["id"] = "188006" // the first row's
	return again(), "reused id"
}
