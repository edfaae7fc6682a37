package cases

import (
	"bytes"
	"testing"

	"yiwang/internal/base/gm"
)

// A header that is read is written as the same header again, and folding one that
// anybody might have written ends without a panic.
func FuzzHeader(f *testing.F) {
	f.Add([]byte(`{"v":1,"case":"01","n":1,"kind":"file","at":1,"by":"staff:a","set":{"number":"SF1","data.x":2,"counts.y":1},"pack":"p"}`))
	f.Add([]byte(`{"v":1,"case":"01","n":1,"kind":"erase","at":1,"by":"machine:x","clocks":[{"verb":"start","code":"sign"}]}`))
	f.Add([]byte(`{"set":null}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		h, err := parseHeader(raw)
		if err != nil {
			return
		}
		once, err := h.bytes()
		if err != nil {
			t.Fatal(err)
		}
		again, err := parseHeader(once)
		if err != nil {
			t.Fatalf("%s cannot be read back: %v", once, err)
		}
		twice, err := again.bytes()
		if err != nil || !bytes.Equal(once, twice) {
			t.Fatalf("%s became %s, %v", once, twice, err)
		}
		var c Case
		_, _ = fold(&c, nil, again, nil) // a fold may refuse; it must not fall over
	})
}

// What people type as a number or a code is a number, or refused.
func FuzzNumber(f *testing.F) {
	for _, s := range []string{"SF26112100012 3", "ＳＦ２６", "sf-26-1121-000123", "", "\x00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if n, err := ParseNumber(s); err == nil {
			if again, err := ParseNumber(n); err != nil || again != n {
				t.Fatalf("%q is read as %q and then as %q, %v", s, n, again, err)
			}
		}
		if c := normalCode(s); normalCode(c) != c {
			t.Fatalf("the code %q is not normal", c)
		}
		if p := normalPhone(s); p != "" && len(p) < 7 {
			t.Fatalf("the telephone number %q is too short", p)
		}
	})
}

// Nothing sealed opens when anything of it was changed, and no bytes that come from
// elsewhere make opening fall over.
func FuzzOpenBody(f *testing.F) {
	key, err := gm.NewKey(gm.Intl)
	if err != nil {
		f.Fatal(err)
	}
	sealed, err := sealBody(key, "01", 1, body{"text": "路灯不亮"})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(sealed.salt, sealed.data, "01", 1)
	f.Add([]byte{}, []byte{}, "", 0)
	f.Fuzz(func(t *testing.T, salt, data []byte, id string, n int) {
		b, err := openBody(key, id, n, salt, data, sealed.digest)
		if err == nil && b.text("text") != "路灯不亮" {
			t.Fatalf("%x opens as %v", data, b)
		}
		_, _ = openName(key, id, string(data))
		_, _ = openName(key, id, sealedName+string(data))
	})
}
