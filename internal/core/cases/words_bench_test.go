package cases

import (
	"strings"
	"testing"

	"yiwang/internal/base/gm"
)

// BenchmarkWords blinds the words of a message of some two hundred characters.
func BenchmarkWords(b *testing.B) {
	key, err := gm.NewKey(gm.Intl)
	if err != nil {
		b.Fatal(err)
	}
	var words blindWords
	if words.by, err = key.Blinder("words"); err != nil {
		b.Fatal(err)
	}
	said := body{"text": strings.Repeat("香蜜湖街道农林路口的工地夜里两点还在打桩睡不着觉，", 8)}
	for b.Loop() {
		words.said(said)
	}
}
