package app

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"yiwang/internal/base/gm"
	"yiwang/internal/core/cases"
	"yiwang/internal/core/org"
	"yiwang/internal/work/intake"
)

// A copy of the data directory without its keys shows nothing of what people wrote
// and left of themselves: not in the database, not in its log, not in the files.
func TestNothingPersonalLiesInClear(t *testing.T) {
	dir := t.TempDir()
	a := open(t, dir)
	defer a.Close() // the test is over
	const said = "我住在翠竹花园九栋，姓司徒，丈夫皇甫仲谋欠薪三个月，身份证440304198811223344"
	kept, err := a.Files.Keep(t.Context(), "欠条.txt", strings.NewReader("欠条：今欠皇甫仲谋工资三万元整。"))
	if err != nil {
		t.Fatal(err)
	}
	filed, err := a.Desk.File(t.Context(), intake.Message{Channel: "counter", Actor: org.Machine("test"), Title: "欠薪", Text: said, Name: "司徒清荷",
		Phone: "13712349876", Address: "翠竹花园九栋", Files: []cases.File{kept}, Fields: map[string]any{"email": "situ.qinghe@example.org"}})
	if err != nil {
		t.Fatal(err)
	}
	by, _ := a.Staff.Directory().Actor("fenbo")
	if _, err := a.Cases.Act(t.Context(), by, cases.Deed{Case: filed.ID, Action: "reject",
		Input: map[string]any{"reason": "statutory", "explain": "皇甫仲谋先生可以申请劳动仲裁，电话13712349876。"}}); err != nil {
		t.Fatal(err)
	}
	secrets := []string{"皇甫", "仲谋", "司徒", "清荷", "翠竹", "欠条", "13712349876", "440304198811223344", "situ", filed.Code}
	looked := 0
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.Contains(path, "/"+keysDir+"/") || !d.Type().IsRegular() {
			return err
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		looked++
		for _, s := range secrets {
			if at := bytes.Index(raw, []byte(s)); at >= 0 {
				t.Errorf("%s holds %q: …%q…", filepath.Base(path), s, raw[max(0, at-60):min(len(raw), at+60)])
			}
		}
		return nil
	})
	if err != nil || looked < 3 {
		t.Errorf("%d files, %v", looked, err)
	}
}

// Nothing of a case that was erased lies in any file: neither its title nor the key that
// opened it. That is so beside a server that goes on, where many are erased among some that
// stay, and when one is erased by command.
func TestErasedLeavesNoTrace(t *testing.T) {
	dir := t.TempDir()
	a := open(t, dir)
	type trace struct {
		id, number string
		title, key []byte
	}
	by, _ := a.Staff.Directory().Actor("fenbo")
	var all []trace
	for n := range 300 {
		title := fmt.Sprintf("翠竹花园%03d栋夜间施工", n)
		filed, err := a.Desk.File(t.Context(), intake.Message{Channel: "counter", Actor: org.Machine("test"), Title: title, Text: "工地夜里打桩，睡不着", Phone: "13712349876"})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := a.Cases.Act(t.Context(), by, cases.Deed{Case: filed.ID, Action: "reject", Input: map[string]any{"reason": "statutory", "explain": "可以申请仲裁。"}}); err != nil {
			t.Fatal(err)
		}
		x := trace{id: filed.ID, number: filed.Number, title: []byte(title)}
		if err := a.DB.Read().QueryRow(t.Context(), `select wrapped from case_key where case_id = ?`, filed.ID).Scan(&x.key); err != nil {
			t.Fatal(err)
		}
		all = append(all, x)
	}
	look := func(when string, gone func(n int) bool) {
		t.Helper()
		var held []byte
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || !d.Type().IsRegular() {
				return err
			}
			raw, err := os.ReadFile(path)
			held = append(held, raw...)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		for n, x := range all {
			if title, key := bytes.Contains(held, x.title), bytes.Contains(held, x.key); title == gone(n) || key == gone(n) {
				t.Errorf("%s: case %d, erased %v: its title is there %v, its key %v", when, n, gone(n), title, key)
			}
		}
	}
	look("before", func(int) bool { return false })

	const stays = 20 // one of so many
	most := func(n int) bool { return n%stays != 0 }
	for n, x := range all {
		if most(n) {
			if err := a.Cases.Erase(t.Context(), org.Machine("retention"), x.id, "保存期满"); err != nil {
				t.Fatal(err)
			}
		}
	}
	a.scrub(t.Context())
	look("beside the server", most)

	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	if err := Erase(t.Context(), Config{Data: dir}, all[0].number, "个人申请删除，已核准"); err != nil {
		t.Fatal(err)
	}
	look("by command", func(n int) bool { return most(n) || n == 0 })
}

// The master key is exchanged and the old one thrown away; everything opens as before,
// and a case that was erased stays closed. A read-only copy of the old key opens no
// key that was wrapped since.
func TestKeysRotateAndRetire(t *testing.T) {
	dir := t.TempDir()
	cfg := Config{Data: dir}
	a := open(t, dir)
	var ids []string
	for range 3 {
		filed, err := a.Desk.File(t.Context(), intake.Message{Channel: "counter", Actor: org.Machine("test"), Text: "翠竹花园九栋的路灯不亮了", Phone: "13712349876"})
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, filed.ID)
	}
	by, _ := a.Staff.Directory().Actor("fenbo")
	if _, err := a.Cases.Act(t.Context(), by, cases.Deed{Case: ids[2], Action: "reject", Input: map[string]any{"reason": "statutory", "explain": "可以申请仲裁。"}}); err != nil {
		t.Fatal(err)
	}
	gone, err := a.Cases.Get(t.Context(), ids[2])
	if err != nil {
		t.Fatal(err)
	}
	if err := a.keep(t.Context(), "learnt", "翠竹花园"); err != nil {
		t.Fatal(err)
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	if err := Erase(t.Context(), cfg, gone.Number, "个人申请删除，已核准"); err != nil {
		t.Fatal(err)
	}
	before, err := gm.LoadMaster(filepath.Join(dir, keysDir, masterFile))
	if err != nil {
		t.Fatal(err)
	}
	k, err := RotateKeys(t.Context(), cfg, gm.SM, nil)
	if err != nil || k.Old != 0 || k.Cases != 2 || len(k.Suites) != 2 {
		t.Fatalf("rotated: %+v, %v", k, err)
	}
	if k, err = RetireKeys(t.Context(), cfg); err != nil || len(k.Suites) != 1 || k.Suites[0] != gm.SM {
		t.Fatalf("retired: %+v, %v", k, err)
	}
	a = open(t, dir)
	defer a.Close() // the test is over
	for _, id := range ids[:2] {
		v, err := a.Cases.Open(t.Context(), org.Appellant(), id, "")
		if err != nil || len(v.Fields) == 0 || !strings.Contains(v.Fields[len(v.Fields)-1].Text+v.Fields[0].Text, "1") {
			t.Errorf("after the rotation: %+v, %v", v.Fields, err)
		}
		var wrapped []byte
		if err := a.DB.Read().QueryRow(t.Context(), `select wrapped from case_key where case_id = ?`, id).Scan(&wrapped); err != nil {
			t.Fatal(err)
		}
		if _, err := before.Unwrap(t.Context(), wrapped, []byte(id)); err == nil {
			t.Error("the old master key opens what was wrapped anew")
		}
	}
	var learnt string
	if !a.kept(t.Context(), "learnt", &learnt) || learnt != "翠竹花园" {
		t.Errorf("what the machine kept is read as %q", learnt)
	}
	for _, name := range houseKeys {
		raw, err := a.houseKey(t.Context(), name)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if _, err := before.Unwrap(t.Context(), raw, []byte(name)); err == nil {
			t.Errorf("the old master key opens %s", name)
		}
	}
	if ids, err := a.Cases.ByPhone(t.Context(), "13712349876", 10); err != nil || len(ids) != 2 {
		t.Errorf("by telephone: %v, %v", ids, err)
	}
	v, err := a.Cases.Verify(t.Context(), nil, nil)
	if err != nil || !v.OK {
		t.Errorf("verify: %v, %v", v.Faults, err)
	}
}
