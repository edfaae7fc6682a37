package intake_test

import (
	"bytes"
	"testing"

	"yiwang/internal/work/exchange"
	"yiwang/internal/work/intake"
)

// A file of any bytes is read row by row to its end, each row a message or refused.
func FuzzRows(f *testing.F) {
	for _, s := range []string{"", "{\"text\":\"路灯不亮\"}\n{", "标题,内容\n路灯,不亮\n\"", "\xef\xbb\xbftitle,text\na,b", "\xb1\xea\xcc\xe2,\xc4\xda\xc8\xdd\n\xc2\xb7,\xb5\xc6\n", "\x00\x00{"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		n := 0
		_ = intake.Rows(bytes.NewReader(raw), func(r intake.Row) bool {
			n++
			return n < 1000
		})
		_, _, _, _ = exchange.Check(bytes.NewReader(raw))
	})
}
