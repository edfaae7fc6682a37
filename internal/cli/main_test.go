package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"yiwang/internal/base/sqldb/sqldbtest"
	"yiwang/internal/work/intake"
)

// asCommand makes the test binary run as the program itself, so that tests can
// start it in a process of its own, and kill it.
const asCommand = "YIWANG_TEST_AS_COMMAND"

func TestMain(m *testing.M) {
	if os.Getenv(asCommand) != "" {
		os.Exit(Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
	}
	os.Exit(m.Run())
}

// command is the program in a process of its own.
func command(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.CommandContext(t.Context(), self, args...)
	c.Env = append(os.Environ(), asCommand+"=1")
	c.Stderr = t.Output()
	return c
}

// run runs a command in this process and decodes its one JSON object.
func run(t *testing.T, into any, args ...string) int {
	t.Helper()
	var out, errOut bytes.Buffer
	status := Main(append(args, "--json"), nil, &out, &errOut)
	if into == nil {
		return status
	}
	d := json.NewDecoder(&out)
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		t.Fatalf("yiwang %s: status %d, %v\n%s", strings.Join(args, " "), status, err, errOut.String())
	}
	if d.More() {
		t.Fatalf("yiwang %s printed more than one object", strings.Join(args, " "))
	}
	return status
}

// engines runs fn for each engine with the flags that choose a fresh database.
func engines(t *testing.T, fn func(t *testing.T, data string, flags []string)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		data := t.TempDir()
		fn(t, data, []string{"--data", data})
	})
	t.Run("postgres", func(t *testing.T) {
		data := t.TempDir()
		fn(t, data, []string{"--data", data, "--db", sqldbtest.PostgresURL(t, nil)})
	})
}

// messages writes a file of synthetic messages, one JSON object a line.
func messages(t *testing.T, n int) string {
	t.Helper()
	r := rand.New(rand.NewPCG(1, 2))
	streets := []string{"香蜜湖街道", "莲花街道", "南园街道", "沙头街道", "梅林街道"}
	troubles := []string{"夜间施工噪声很大", "路灯不亮", "垃圾没有人清运", "电梯坏了没人修", "小区门口占道经营", "自来水发黄"}
	var b bytes.Buffer
	for i := range n {
		row := map[string]any{
			"id": fmt.Sprintf("T%06d", i), "time": fmt.Sprintf("2026/10/%d %d:%02d:00", 1+r.IntN(28), r.IntN(24), r.IntN(60)),
			"user": fmt.Sprintf("U%04d", r.IntN(500)), "title": troubles[r.IntN(len(troubles))],
			"text": fmt.Sprintf("%s第%d号附近%s，已经%d天了，请尽快处理。", streets[r.IntN(len(streets))], i, troubles[r.IntN(len(troubles))], 1+r.IntN(30)),
		}
		line, err := json.Marshal(row)
		if err != nil {
			t.Fatal(err)
		}
		b.Write(line)
		b.WriteByte('\n')
	}
	return write(t, "messages.jsonl", b.Bytes())
}

func write(t *testing.T, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

type tally = intake.Tally

type verdict struct {
	Actions int64    `json:"actions"`
	Root    string   `json:"root"`
	OK      bool     `json:"ok"`
	Cases   int64    `json:"cases"`
	Faults  []string `json:"faults"`
}

func with(flags []string, args ...string) []string { return append(args, flags...) }
