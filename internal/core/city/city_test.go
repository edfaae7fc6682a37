package city_test

import (
	"testing"

	"io/fs"
	packs "yiwang/city"
	"yiwang/internal/base/text"
	"yiwang/internal/core/city"
)

func demo(t testing.TB) fs.FS {
	t.Helper()
	sub, err := fs.Sub(packs.Demo(), "demo")
	if err != nil {
		t.Fatal(err)
	}
	return sub
}

// The demo city that is part of the program has nothing wrong with it.
func TestTheDemoLoads(t *testing.T) {
	c, findings := city.Load(demo(t))
	for _, f := range findings {
		if f.Doubt {
			t.Log(f.Say(text.Chinese))
		} else {
			t.Error(f.Say(text.Chinese))
		}
	}
	if c == nil {
		t.Fatal("no city")
	}
	if again, err := city.Embedded(); err != nil || again.Version != c.Version {
		t.Errorf("Embedded: %v, %v", again, err)
	}
}

func BenchmarkLoad(b *testing.B) {
	fsys := demo(b)
	for b.Loop() {
		if c, f := city.Load(fsys); c == nil {
			b.Fatal(f[0].Say(text.English))
		}
	}
}
