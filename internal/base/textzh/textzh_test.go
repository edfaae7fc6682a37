package textzh_test

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"yiwang/internal/base/textzh"
)

func TestNormalise(t *testing.T) {
	for _, c := range []struct{ why, in, want string }{
		{"full width becomes half width and lower case", "ＡＢＣ　１２３４５！", "abc 12345!"},
		{"traditional becomes simplified", "違規停車，請處理", "违规停车,请处理"},
		{"spaces between Han characters go", "路 灯 不 亮", "路灯不亮"},
		{"spaces between words stay, as one", "A3  区 \t wifi  坏了", "a3 区 wifi 坏了"},
		{"invisible characters go", "噪\u200b声\ufeff扰\u00ad民", "噪声扰民"},
		{"digits of other scripts", "٣号楼③单元", "3号楼3单元"},
		{"bytes that are no text go", "路\xff灯", "路灯"},
		{"nothing", "  \n ", ""},
	} {
		if got := textzh.Normalise(c.in); got != c.want {
			t.Errorf("%s: Normalise(%q) = %q, want %q", c.why, c.in, got, c.want)
		}
	}
}

func TestKey(t *testing.T) {
	if a, b := textzh.Key("路灯不亮，请处理！"), textzh.Key(" 路燈不亮 請處理"); a != b {
		t.Errorf("keys differ: %q, %q", a, b)
	}
}

func TestNormaliseProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.String().Draw(t, "s")
		f := textzh.Fold(s)
		if once := f.String(); textzh.Normalise(once) != once {
			t.Fatalf("not idempotent: %q then %q", once, textzh.Normalise(once))
		}
		if len(f.Offsets) != len(f.Runes)+1 || f.Offsets[len(f.Runes)] != len(s) {
			t.Fatalf("offsets do not fit: %v for %q", f.Offsets, s)
		}
		for i := range f.Runes {
			if f.Offsets[i] >= f.Offsets[i+1] {
				t.Fatalf("offsets do not rise: %v", f.Offsets)
			}
		}
	})
}

func TestSentences(t *testing.T) {
	s := "路灯坏了！！请修。他说：“马上。”\n  谢谢 \n。。。\n电话12345"
	var got []string
	for _, p := range textzh.Sentences(s) {
		got = append(got, p.Of(s))
	}
	if want := "路灯坏了！！|请修。|他说：“马上。”|谢谢|电话12345"; strings.Join(got, "|") != want {
		t.Errorf("got %q, want %q", strings.Join(got, "|"), want)
	}
}

func TestTokens(t *testing.T) {
	for in, want := range map[string]string{
		"噪声大":        "噪声 声大 大",
		"噪":          "噪",
		"A3区，WiFi坏了": "a3 区 wifi 坏了 了",
		"":           "",
	} {
		if got := textzh.Tokens(in); got != want {
			t.Errorf("Tokens(%q) = %q, want %q", in, got, want)
		}
	}
}

// Whatever piece of a text is searched for, the text is found.
func TestQueryFindsText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rs := rapid.SliceOfN(rapid.RuneFrom([]rune("路灯坏了噪声大a3 ，。")), 1, 30).Draw(t, "text")
		i := rapid.IntRange(0, len(rs)-1).Draw(t, "i")
		j := rapid.IntRange(i+1, len(rs)).Draw(t, "j")
		if i > 0 && rs[i] < 0x80 && rs[i] > ' ' { // a query begins at a word
			t.Skip()
		}
		index := " " + textzh.Tokens(string(rs)) + " "
		for _, term := range textzh.QueryTokens(string(rs[i:j])) {
			want := " " + strings.Join(term.Words, " ")
			if !term.Prefix {
				want += " "
			}
			if !strings.Contains(index, want) {
				t.Fatalf("%q not found in %q", want, index)
			}
		}
	})
}

func TestNGrams(t *testing.T) {
	var got []string
	rs := []rune("路灯,坏")
	textzh.NGrams(rs, 1, 2, func(r rune) bool { return r == ',' }, func(h uint64, i, j int) {
		got = append(got, string(rs[i:j]))
		if h != textzh.Hash(string(rs[i:j])) {
			t.Errorf("hash of %q differs", string(rs[i:j]))
		}
	})
	if want := "路 路灯 灯 坏"; strings.Join(got, " ") != want {
		t.Errorf("got %v, want %s", got, want)
	}
	for _, sep := range []func(rune) bool{nil, func(r rune) bool { return r == ',' }} {
		var one []uint64
		textzh.NGrams(rs, 2, 3, sep, func(h uint64, _, _ int) { one = append(one, h) })
		if all := textzh.AppendNGrams(nil, rs, 2, 3, sep); !slices.Equal(one, all) || len(all) == 0 {
			t.Errorf("one by one %x, all at once %x", one, all)
		}
	}
	if textzh.Hash("路灯") != 0xfff1330a0790ea29 {
		t.Errorf("the hash has changed (%#x): stored models become noise", textzh.Hash("路灯"))
	}
}

func TestGazetteer(t *testing.T) {
	g := textzh.NewGazetteer(map[string]string{"福田": "1", "福田街道": "2", "街道口": "3", "梅林": "4"})
	text := "福田街道口，梅 林和福田"
	var got []string
	for _, h := range g.Find(text) {
		got = append(got, h.ID+":"+h.Of(text))
	}
	if want := "2:福田街道|4:梅 林|1:福田"; strings.Join(got, "|") != want {
		t.Errorf("got %s, want %s", strings.Join(got, "|"), want)
	}
}

func TestAlike(t *testing.T) {
	a := "我是A3区联丰路米兰春天小区的业主，楼下烧烤店每天营业到凌晨两点，油烟噪声严重扰民，多次投诉没有结果。"
	b := "我是A3区联丰路米兰春天小区业主，楼下烧烤店每天营业到凌晨三点，油烟噪声严重扰民，多次投诉都没有结果！"
	c := "请问今年小学新生入学报名从什么时候开始，户口不在本地的孩子需要准备哪些材料，到哪里办理？"
	exact, guess := textzh.Jaccard(a, b), textzh.MinHash(a).Resemblance(textzh.MinHash(b))
	if exact < 0.6 || guess < exact-0.2 || guess > exact+0.2 {
		t.Errorf("Jaccard %.2f, estimated %.2f", exact, guess)
	}
	if r := textzh.MinHash(a).Resemblance(textzh.MinHash(c)); r > 0.1 {
		t.Errorf("unrelated texts resemble each other: %.2f", r)
	}
	if r := textzh.MinHash("！").Resemblance(textzh.MinHash("？")); r != 0 {
		t.Errorf("texts without letters resemble each other: %v", r)
	}
}

func FuzzFold(f *testing.F) {
	f.Add("路灯坏了，請處理 ＡＢ\x00\xff")
	f.Fuzz(func(t *testing.T, s string) {
		if n := textzh.Normalise(s); !utf8.ValidString(n) {
			t.Errorf("%q is not valid UTF-8", n)
		}
		for _, p := range textzh.Sentences(s) {
			if p.From >= p.To || p.To > len(s) {
				t.Errorf("bad span %v", p)
			}
		}
		textzh.QueryTokens(textzh.Tokens(s))
	})
}

func BenchmarkTokens(b *testing.B) {
	s := strings.Repeat("楼下烧烤店每天营业到凌晨两点，油烟噪声严重扰民。", 5)
	b.SetBytes(int64(len(s)))
	for b.Loop() {
		textzh.Tokens(s)
	}
}
