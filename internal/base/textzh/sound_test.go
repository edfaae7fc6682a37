package textzh

import "testing"

func TestSound(t *testing.T) {
	alike := [][2]rune{{'田', '天'}, {'彩', '菜'}, {'中', '钟'}, {'山', '三'}, {'星', '新'}, {'福', '付'}, {'绿', '路'}, {'座', '做'}}
	for _, p := range alike {
		if Sound(p[0]) != Sound(p[1]) {
			t.Errorf("%c and %c do not sound alike", p[0], p[1])
		}
	}
	for _, p := range [][2]rune{{'田', '云'}, {'南', '北'}, {'坑', '灯'}, {'3', '5'}, {'a', 'b'}, {'埗', '甴'}} {
		if Sound(p[0]) == Sound(p[1]) {
			t.Errorf("%c and %c sound alike", p[0], p[1])
		}
	}
	for _, r := range []rune{'7', 'x', '，', '埗'} {
		if Sound(r) != r {
			t.Errorf("%c has become another", r)
		}
	}
}
