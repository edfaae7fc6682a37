package portal_test

import (
	"bytes"
	"strings"
	"testing"
)

// What people mistype or send by mistake gets a clear word, and what they wrote is
// still there.
func TestMistakesAreSaidClearly(t *testing.T) {
	b := open(t)
	number, code := filed(b)
	mine, other := number, []byte(number)
	for i := range other { // one digit wrong: the check digit catches it
		if other[i] >= '0' && other[i] <= '8' {
			other[i]++
			break
		}
	}
	_, foreign := filed(b.other())
	o := b.other()
	for _, x := range []struct{ number, code string }{{string(other), code}, {mine, foreign}, {"12345", code}, {mine + "0", code}, {strings.Repeat("9", 60), code}, {"' or 1=1 --", code}} {
		o.post("/track", form("number", x.number, "code", x.code)).sees("编号或查询码不对").seesNot("路灯不亮")
		b.house.clock.pass(5 * 60 * 1e9) // whoever guesses has to wait
	}

	const said = "梅林一村3栋楼下的井盖不见了"
	exe := upload{"井盖.png", append([]byte("MZ\x90\x00\x03\x00\x00\x00"), bytes.Repeat([]byte{7}, 4096)...)}
	p := b.other()
	p.post("/file", form("text", said, "_go", "next"), exe).sees("井盖.png", "没有收下", said)
	large := upload{"大.png", append(photo(t, "").body, bytes.Repeat([]byte("x"), 21<<20)...)}
	p.post("/file", form("text", said, "_go", "next"), large)
	if p.status != 413 && p.status != 422 {
		t.Errorf("a file of 21 MB: %d", p.status)
	}
	p.get("/file").sees(said).seesNot("大.png")
}
