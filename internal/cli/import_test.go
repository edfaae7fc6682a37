package cli

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/text/encoding/simplifiedchinese"

	"yiwang/internal/base/sqldb"
)

// A file goes in once; coming again it adds nothing.
func TestImportTwice(t *testing.T) {
	engines(t, func(t *testing.T, _ string, flags []string) {
		file := messages(t, 300)
		var first, second tally
		run(t, &first, with(flags, "import", file, "--channel", "wenzheng")...)
		if first.Rows != 300 || first.Created != 300 || first.Created != first.Dispatched+first.Queued || first.Rejected != 0 {
			t.Errorf("first import: %+v", first)
		}
		run(t, &second, with(flags, "import", file, "--channel", "wenzheng")...)
		if second.Created != 0 || second.Already != 300 {
			t.Errorf("second import: %+v", second)
		}
		var v verdict
		if status := run(t, &v, with(flags, "verify")...); status != 0 || !v.OK || v.Cases != 300 {
			t.Errorf("verify: status %d, %+v", status, v)
		}
	})
}

// Rows without ids of their own are told apart by content and occurrence, and
// the same words under two ids make two cases that are linked.
func TestImportWithoutIDs(t *testing.T) {
	_, flags := t.TempDir(), []string{"--data", t.TempDir()}
	const row = `{"title":"路灯不亮","text":"莲花街道红荔路的路灯不亮已经三天。","time":"2026-10-01 20:00:00"}` + "\n"
	file := write(t, "same.jsonl", []byte(row+row+strings.Replace(row, "路灯不亮", "灯坏了", 1)))
	var first, second tally
	run(t, &first, with(flags, "import", file, "--channel", "wenzheng")...)
	run(t, &second, with(flags, "import", file, "--channel", "wenzheng")...)
	if first.Created != 3 || second.Created != 0 || second.Already != 3 {
		t.Errorf("first %+v, second %+v", first, second)
	}
	var v verdict
	run(t, &v, with(flags, "verify")...)
	// Three filings, and two that the machine linked with the first, at least.
	if v.Actions < 5 {
		t.Errorf("%d actions: the same words were not linked", v.Actions)
	}
}

// A spreadsheet saved as GBK, with Chinese column names and a line break in a cell.
func TestImportGBKSpreadsheet(t *testing.T) {
	sheet := "编号,时间,标题,内容,电话\r\n" +
		"1,2026/10/1 9:00,噪声,\"工地夜间施工\r\n吵得睡不着\",13800000000\r\n" +
		"2,2026/10/1 9:05,积水,福强路积水,\r\n"
	gbk, err := simplifiedchinese.GBK.NewEncoder().String(sheet)
	if err != nil {
		t.Fatal(err)
	}
	var got tally
	run(t, &got, "import", write(t, "留言.csv", []byte(gbk)), "--channel", "wenzheng", "--data", t.TempDir())
	if got.Created != 2 || got.Rejected != 0 {
		t.Errorf("%+v", got)
	}
}

// Everything that can be wrong with a row is refused with its line and reason,
// and all other rows go in.
func TestImportDamaged(t *testing.T) {
	good := func(id string) string {
		return `{"id":"` + id + `","time":"2026/10/1 9:00:00","title":"积水","text":"福强路积水严重，编号` + id + `。"}`
	}
	future := time.Now().AddDate(0, 0, 3).Format("2006/1/2 15:04:05")
	gbk, err := simplifiedchinese.GBK.NewEncoder().String(good("gbk"))
	if err != nil {
		t.Fatal(err)
	}
	rows := []struct{ name, line, want string }{
		{"good", good("a1"), ""},
		{"truncated", good("a2")[:30], "intake.bad_json"},
		{"GBK in a UTF-8 file", gbk, "intake.encoding"},
		{"NUL byte", strings.Replace(good("a3"), "福", "\x00福", 1), "intake.nul"},
		{"NUL escaped", strings.Replace(good("a4"), "福", `\u0000福`, 1), "intake.nul"},
		{"no text", `{"id":"a5","title":"只有标题"}`, "intake.no_text"},
		{"blank text", `{"id":"a6","text":"  \n "}`, "intake.no_text"},
		{"no such day", strings.Replace(good("a7"), "10/1 ", "2/30 ", 1), "intake.bad_time"},
		{"future", strings.Replace(good("a8"), "2026/10/1 9:00:00", future, 1), "intake.future"},
		{"too long", `{"id":"a9","text":"` + strings.Repeat("长", 100_001) + `"}`, "intake.too_long"},
		{"line over 10 MB", `{"id":"b1","text":"x","pad":"` + strings.Repeat("x", 10<<20) + `"}`, "intake.long_line"},
		{"number for text", `{"id":"b2","text":42}`, "intake.wrong_type"},
		{"reused id", strings.Replace(good("a1"), "积水严重", "路面塌陷", 1), "cases.id_reused"},
		{"not an object", `["a"]`, "intake.wrong_type"},
		{"good again", good("a1"), "already"},
		{"last good", good("z9"), ""},
	}
	var b bytes.Buffer
	want := map[int]string{}
	created := 0
	for i, r := range rows {
		b.WriteString(r.line + "\n")
		switch r.want {
		case "":
			created++
		case "already":
		default:
			want[i+1] = r.want
		}
	}
	file := write(t, "damaged.jsonl", b.Bytes())
	var got tally
	run(t, &got, "import", file, "--channel", "wenzheng", "--data", t.TempDir())
	if got.Rows != len(rows) || got.Created != created || got.Rejected != len(want) || got.Already != 1 {
		t.Errorf("%+v; want %d created, %d rejected", got, created, len(want))
	}
	raw, err := os.ReadFile(got.Rejects)
	if err != nil {
		t.Fatal(err)
	}
	have := map[int]string{}
	for line := range strings.Lines(string(raw)) {
		var r struct {
			Line         int
			Code, Reason string
			Raw          string
			Base64       string `json:"raw_base64"`
		}
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			t.Fatal(err)
		}
		if r.Reason == "" || (r.Raw == "" && r.Base64 == "") {
			t.Errorf("line %d is kept without reason or content", r.Line)
		}
		have[r.Line] = r.Code
	}
	for i, r := range rows {
		if have[i+1] != want[i+1] {
			t.Errorf("line %d (%s): %q, want %q", i+1, r.name, have[i+1], want[i+1])
		}
	}
}

// Killed at any moment and run again, an import is exact: each row is there
// once, and the log fits.
func TestImportKilled(t *testing.T) {
	engines(t, func(t *testing.T, _ string, flags []string) {
		const n = 1500
		file := messages(t, n)
		kills := 0
		for delay := 200 * time.Millisecond; ; delay += delay / 4 {
			c := command(t, with(flags, "import", file, "--channel", "wenzheng", "--json")...)
			if err := c.Start(); err != nil {
				t.Fatal(err)
			}
			killer := time.AfterFunc(delay, func() { _ = c.Process.Kill() }) // it may have ended
			err := c.Wait()
			killer.Stop()
			if err == nil {
				break
			}
			if status, ok := c.ProcessState.Sys().(syscall.WaitStatus); !ok || !status.Signaled() {
				t.Fatal(err)
			}
			kills++
		}
		var again tally
		var v verdict
		run(t, &again, with(flags, "import", file, "--channel", "wenzheng")...)
		run(t, &v, with(flags, "verify")...)
		if again.Created != 0 || again.Already != n || !v.OK || v.Cases != n {
			t.Errorf("after %d kills: %+v, %+v", kills, again, v)
		}
		if kills == 0 {
			t.Error("the import was never killed")
		}
	})
}

// Imported while a server runs on the same directory, through it.
func TestImportIntoRunningServer(t *testing.T) {
	engines(t, func(t *testing.T, data string, flags []string) {
		server := command(t, with(flags, "serve", "--addr", "127.0.0.1:0")...)
		out, err := server.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := server.Start(); err != nil {
			t.Fatal(err)
		}
		defer func() {
			_ = server.Process.Signal(os.Interrupt)
			if err := server.Wait(); err != nil {
				t.Errorf("the server ended with %v", err)
			}
		}()
		if _, err := out.Read(make([]byte, 4096)); err != nil { // it greets when it listens
			t.Fatal(err)
		}
		file := messages(t, 200)
		var first, second tally
		for deadline := time.Now().Add(5 * time.Second); ; time.Sleep(50 * time.Millisecond) {
			if run(t, nil, with(flags, "verify")...) == 0 || time.Now().After(deadline) {
				break
			}
		}
		run(t, &first, with(flags, "import", file, "--channel", "wenzheng")...)
		run(t, &second, with(flags, "import", file, "--channel", "wenzheng")...)
		var v verdict
		run(t, &v, with(flags, "verify")...)
		// The house that runs also opens cases for who has a right to an allowance.
		appeals := appealsOf(t, data, flags)
		if first.Created != 200 || second.Already != 200 || !v.OK || appeals != 200 {
			t.Errorf("%+v, %+v, %+v, %d appeals", first, second, v, appeals)
		}
	})
}

// appealsOf counts the appeals that a house holds.
func appealsOf(t *testing.T, data string, flags []string) (n int) {
	t.Helper()
	url := "sqlite:" + filepath.Join(data, "yiwang.db")
	if i := slices.Index(flags, "--db"); i >= 0 {
		url = flags[i+1]
	}
	db, err := sqldb.Open(t.Context(), sqldb.Config{URL: url, Conns: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}()
	if err := db.Read().QueryRow(t.Context(), `select count(*) from cases where family = 'appeal'`).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}
