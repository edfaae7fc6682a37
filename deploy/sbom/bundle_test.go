package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// What a script in the bundle calls beside it is in the bundle: there is no source around
// it where it was installed.
func TestBundleIsWhole(t *testing.T) {
	release, err := os.ReadFile("../../script/release")
	if err != nil {
		t.Fatal(err)
	}
	line := regexp.MustCompile(`git archive "\$commit" ([^|]*)\|`).FindSubmatch(release)
	if line == nil {
		t.Fatal("script/release does not say what it archives")
	}
	bundled := strings.Fields(string(line[1]))
	has := func(path string) bool {
		return slices.ContainsFunc(bundled, func(b string) bool { return path == b || strings.HasPrefix(path, b+"/") })
	}
	beside := regexp.MustCompile(`\$0"\)"?/([\w./-]+)|(?:^|[\s"'(/])(script/[\w-]+)`)
	scripts := 0
	for _, root := range bundled {
		err := filepath.WalkDir("../../"+root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			raw, err := os.ReadFile(path)
			if err != nil || !strings.HasPrefix(string(raw), "#!") {
				return err
			}
			scripts++
			from := strings.TrimPrefix(filepath.ToSlash(path), "../../")
			for line := range strings.Lines(string(raw)) {
				if strings.HasPrefix(strings.TrimSpace(line), "#") {
					continue
				}
				for _, m := range beside.FindAllStringSubmatch(line, -1) {
					called := m[2]
					if m[1] != "" {
						called = filepath.ToSlash(filepath.Join(filepath.Dir(from), m[1]))
					}
					if called != from && !has(called) {
						t.Errorf("%s calls %s, which script/release leaves out", from, called)
					}
				}
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	}
	if scripts == 0 {
		t.Error("no script in the bundle was looked at")
	}
}
