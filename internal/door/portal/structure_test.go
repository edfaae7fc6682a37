package portal_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const maxPage = 50 << 10

var (
	tags     = regexp.MustCompile(`(?s)<([a-z0-9]+)((?:\s+[a-z0-9:_-]+(?:="[^"]*")?)*)\s*/?>`)
	attrs    = regexp.MustCompile(`([a-z0-9:_-]+)(?:="([^"]*)")?`)
	headings = regexp.MustCompile(`<h([1-6])`)
)

// faults checks the structure of a page: what a screen reader, a strict content
// policy and a slow telephone need.
func faults(page string) []string {
	var out []string
	bad := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	if len(page) > maxPage {
		bad("%d bytes, more than %d", len(page), maxPage)
	}
	if !regexp.MustCompile(`<html lang="(zh-CN|en)"`).MatchString(page) {
		bad("the page does not say its language")
	}
	if n := strings.Count(page, "<h1"); n != 1 {
		bad("%d first headings, want one", n)
	}
	if n := strings.Count(page, "<main "); n != 1 {
		bad("%d main parts, want one", n)
	}
	last := 0
	for _, h := range headings.FindAllStringSubmatch(page, -1) {
		level := int(h[1][0] - '0')
		if level > last+1 && last > 0 {
			bad("a heading of level %d follows one of level %d", level, last)
		}
		last = level
	}
	if m := regexp.MustCompile(`portal\.[a-z_0-9]+`).FindAllString(blocks.ReplaceAllString(page, ""), -1); m != nil {
		bad("texts are missing: %v", m)
	}
	return append(out, tagFaults(page)...)
}

func tagFaults(page string) []string {
	var out []string
	bad := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	ids := map[string]bool{}
	labels := regexp.MustCompile(`for="([^"]+)"`).FindAllStringSubmatch(page, -1)
	for _, m := range tags.FindAllStringSubmatchIndex(page, -1) {
		name, at := page[m[2]:m[3]], map[string]string{}
		for _, a := range attrs.FindAllStringSubmatch(page[m[4]:m[5]], -1) {
			at[a[1]] = a[2]
			if strings.HasPrefix(a[1], "on") || a[1] == "style" {
				bad("<%s> carries %s", name, a[1])
			}
			if (a[1] == "src" || a[1] == "href" || a[1] == "action") && strings.Contains(a[2], "//") {
				bad("<%s> points outside: %s", name, a[2])
			}
		}
		if id := at["id"]; id != "" {
			if ids[id] {
				bad("id %s stands twice", id)
			}
			ids[id] = true
		}
		switch name {
		case "script":
			if at["src"] == "" {
				bad("a script stands in the page")
			}
		case "img":
			if _, ok := at["alt"]; !ok {
				bad("a picture without words: %v", at)
			}
		case "input", "textarea", "select":
			labelled := slices.ContainsFunc(labels, func(l []string) bool { return l[1] == at["id"] }) ||
				at["alt"] != "" || strings.HasSuffix(strings.TrimSpace(before(page, m[0], "<label")), `">`) ||
				strings.Contains(before(page, m[0], "<label"), "choice")
			if at["type"] != "hidden" && !labelled {
				bad("a field without a label: %v", at)
			}
		}
		for _, ref := range strings.Fields(at["aria-describedby"]) {
			if !strings.Contains(page, `id="`+ref+`"`) {
				bad("%s is described by %s, which is not there", at["id"], ref)
			}
		}
	}
	return out
}

// before returns what stands between the last opening of a tag and a place.
func before(page string, at int, tag string) string {
	i := strings.LastIndex(page[:at], tag)
	if i < 0 || strings.Contains(page[i:at], "</label>") {
		return ""
	}
	return page[i:at]
}

// A telephone on a bad line gets all there is in one breath.
func TestAssetsAreSmall(t *testing.T) {
	for name, most := range map[string]int64{"portal.js": 20 << 10, "portal.css": 20 << 10, "icon.svg": 1 << 10} {
		info, err := os.Stat(filepath.Join("asset", name))
		if err != nil {
			t.Fatal(err)
		}
		if info.Size() > most {
			t.Errorf("%s has %d bytes, more than %d", name, info.Size(), most)
		}
	}
}
