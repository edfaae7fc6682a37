package city_test

import (
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"yiwang/internal/base/decl"
	"yiwang/internal/base/text"
	"yiwang/internal/core/city"
)

var update = flag.Bool("update", false, "write what is found into the golden files")

// sound is a small pack with nothing wrong with it.
func sound(t testing.TB) fstest.MapFS {
	t.Helper()
	pack := fstest.MapFS{}
	root := os.DirFS("testdata/sound")
	err := fs.WalkDir(root, ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		b, err := fs.ReadFile(root, name)
		pack[name] = &fstest.MapFile{Data: b}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return pack
}

func TestTheSoundPackIsSound(t *testing.T) {
	c, findings := city.Load(sound(t))
	for _, f := range findings {
		t.Error(f.Say(text.Chinese))
	}
	if c == nil || c.Calendar == nil || c.Version == "" {
		t.Error("it does not load")
	}
}

// Each file of testdata/broken says what somebody did to the sound pack and what
// check then says. Lines of an edit:
//
//	~ FILE       the file that is edited
//	- LINE       a line of it (without its indentation) that is taken out
//	+ LINE       what stands in its place, or at the end where nothing was taken out
//	x FILE       the file is removed
//
// Below "== " are the findings, as yiwang check prints them.
func TestBrokenPacks(t *testing.T) {
	files, err := filepath.Glob("testdata/broken/*.txt")
	if err != nil || len(files) < 25 {
		t.Fatalf("%d cases, %v", len(files), err)
	}
	said := map[string]bool{}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			b, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			edits, want, _ := strings.Cut(string(b), "==\n")
			pack := sound(t)
			edit(t, pack, edits)
			c, findings := city.Load(pack)
			if (c == nil) != decl.Faulty(findings) {
				t.Errorf("city %v with findings %v", c, findings)
			}
			got := sentences(t, findings, said)
			if *update {
				if err := os.WriteFile(file, []byte(edits+"==\n"+got), 0o644); err != nil {
					t.Fatal(err)
				}
			} else if got != want {
				t.Errorf("found:\n%swanted:\n%s", got, want)
			}
			if got == "" {
				t.Error("nothing found")
			}
		})
	}
	// Every sentence that check knows is said by some case; "unfit" alone stands
	// for what the other checks should have caught.
	for _, key := range text.Keys(text.Chinese) {
		if strings.HasPrefix(key, "check.") && text.Has(text.Chinese, key+"_mend") && !said[key] && key != "check.unfit" {
			t.Errorf("no case for %s", key)
		}
	}
}

// sentences writes findings as check prints them, and sees that nothing is left
// unfilled in either language.
func sentences(t *testing.T, findings []decl.Finding, said map[string]bool) string {
	t.Helper()
	var b strings.Builder
	for _, f := range findings {
		said[f.Key] = true
		for _, l := range []text.Lang{text.Chinese, text.English} {
			if s := f.Say(l); strings.Contains(s, f.Key) || !strings.Contains(s, "“{") && !strings.Contains(s, `"{`) && strings.Contains(s, "{") {
				t.Errorf("bare sentence: %s", s)
			}
		}
		if f.Doubt {
			b.WriteString("存疑 ")
		}
		b.WriteString(f.Say(text.Chinese) + "\n")
	}
	return b.String()
}

// edit changes a pack as the lines say.
func edit(t *testing.T, pack fstest.MapFS, edits string) {
	t.Helper()
	var file string
	var out, in []string
	flush := func() {
		if file == "" || len(out)+len(in) == 0 {
			return
		}
		if pack[file] == nil {
			pack[file] = &fstest.MapFile{}
		}
		pack[file].Data = replace(t, string(pack[file].Data), out, in)
		out, in = nil, nil
	}
	for line := range strings.SplitSeq(edits, "\n") {
		mark, rest, _ := strings.Cut(line, " ")
		switch mark {
		case "~":
			flush()
			file = rest
		case "x":
			flush()
			delete(pack, rest)
		case "-":
			if len(in) > 0 {
				flush()
			}
			out = append(out, rest)
		case "+":
			in = append(in, rest)
		}
	}
	flush()
}

// replace takes lines that follow one another out of a file and puts others in
// their place, with the same indentation.
func replace(t *testing.T, content string, out, in []string) []byte {
	t.Helper()
	lines := strings.Split(strings.TrimSuffix(content, "\n"), "\n")
	if content == "" {
		lines = nil
	}
	if len(out) == 0 {
		return []byte(strings.Join(append(lines, in...), "\n") + "\n")
	}
	for i := range lines {
		if i+len(out) > len(lines) {
			break
		}
		same := true
		for j, want := range out {
			same = same && strings.TrimSpace(lines[i+j]) == want
		}
		if !same {
			continue
		}
		indent := lines[i][:len(lines[i])-len(strings.TrimLeft(lines[i], " "))]
		var put []string
		for _, line := range in {
			put = append(put, indent+line)
		}
		rest := append(put, lines[i+len(out):]...)
		return []byte(strings.Join(append(lines[:i:i], rest...), "\n") + "\n")
	}
	t.Fatalf("%q does not stand in the file", out)
	return nil
}
