package text

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"gopkg.in/yaml.v3"

	"yiwang/internal/base/errs"
)

//go:embed zh en
var files embed.FS

// Lang is a language of the catalogues.
type Lang string

// The languages every key exists in.
const (
	Chinese Lang = "zh"
	English Lang = "en"
)

var catalogue = map[Lang]map[string]string{Chinese: mustLoad(Chinese), English: mustLoad(English)}

// mustLoad reads the embedded catalogues of one language. They are part of the
// program, so a broken one is a build defect and panics at start, in every test.
func mustLoad(l Lang) map[string]string {
	all := map[string]string{}
	names, err := fs.Glob(files, string(l)+"/*.yaml")
	if err != nil {
		panic(err)
	}
	for _, name := range names {
		b, err := files.ReadFile(name)
		if err != nil {
			panic(err)
		}
		var m map[string]string
		if err := yaml.Unmarshal(b, &m); err != nil {
			panic(fmt.Sprintf("catalogue %s: %v", name, err))
		}
		room := strings.TrimSuffix(path.Base(name), ".yaml")
		for k, v := range m {
			all[room+"."+k] = v
		}
	}
	return all
}

// Has reports whether the catalogue of a language knows a key.
func Has(l Lang, key string) bool { _, ok := catalogue[l][key]; return ok }

// Keys returns all keys of a language, in no order.
func Keys(l Lang) []string {
	keys := make([]string, 0, len(catalogue[l]))
	for k := range catalogue[l] {
		keys = append(keys, k)
	}
	return keys
}

// Say returns the sentence for a key with its placeholders filled. An unknown
// key is returned itself, so that a page shows the gap instead of nothing.
func Say(l Lang, key string, args errs.Args) string {
	s, ok := catalogue[l][key]
	if !ok {
		return key
	}
	return Fill(s, args)
}

// Fill replaces {name} in s by the arguments.
func Fill(s string, args errs.Args) string {
	for name, v := range args {
		s = strings.ReplaceAll(s, "{"+name+"}", fmt.Sprint(v))
	}
	return s
}

// Error returns the sentence of an error that is safe to show to a person: its
// own where it has one, a general one of its kind where it has not.
func Error(l Lang, err error) string {
	if e, ok := errors.AsType[*errs.Error](err); ok && e.Kind != errs.Internal && Has(l, e.Key) {
		return Say(l, e.Key, e.Args)
	}
	return Say(l, "errs."+errs.KindOf(err).String(), nil)
}
