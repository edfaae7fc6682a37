package cli

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func runCheck(args ...string) (status int, out, errOut string) {
	var o, e bytes.Buffer
	status = Main(args, strings.NewReader(""), &o, &e)
	return status, o.String(), e.String()
}

func TestCheckAGoodPack(t *testing.T) {
	status, out, errOut := runCheck("check", "../../city/demo")
	if status != 0 || out != "可以使用。\n" || errOut != "" {
		t.Errorf("status %d, %q, %q", status, out, errOut)
	}
}

// A pack with a fault: the status says so, and the one JSON object what and where.
func TestCheckABadPack(t *testing.T) {
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("../core/city/testdata/sound")); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "city.yaml")
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	b = bytes.ReplaceAll(b, []byte("centre: centre"), []byte("centre: fenbo"))
	if err := os.WriteFile(file, b, 0o600); err != nil {
		t.Fatal(err)
	}
	status, out, errOut := runCheck("check", dir, "--json", "--lang", "en")
	var got checkedPack
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatalf("%v in %q, %q", err, out, errOut)
	}
	if status != 1 || got.OK || len(got.Findings) != 1 || got.Findings[0].File != "city.yaml" || got.Findings[0].Line != 5 || got.Findings[0].Mend == "" {
		t.Errorf("status %d, %+v", status, got)
	}
	if status, out, _ := runCheck("check", dir); status != 1 || !strings.HasPrefix(out, "city.yaml:5: ") {
		t.Errorf("status %d, %q", status, out)
	}
}

func TestCheckWithoutAPack(t *testing.T) {
	for _, args := range [][]string{{"check"}, {"check", "/nowhere/at/all"}, {"check", "../../city/demo", "--lang", "fr"}} {
		if status, out, errOut := runCheck(args...); status == 0 || out != "" || errOut == "" {
			t.Errorf("%v: status %d, %q, %q", args, status, out, errOut)
		}
	}
}
