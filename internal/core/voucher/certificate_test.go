package voucher_test

import (
	"bytes"
	"math/rand/v2"
	"testing"
	"time"

	"yiwang/internal/base/gm"
	"yiwang/internal/core/voucher"
	"yiwang/internal/core/voucher/vouchertest"
)

var dayOfIssue = vouchertest.Issued

// certificate is one that is valid, its neighbours being revoked and suspended.
func certificate(t testing.TB, suite gm.Suite) (voucher.File, gm.Ring) {
	t.Helper()
	f, ring, err := vouchertest.Certificate(t.Context(), suite, voucher.Valid)
	if err != nil {
		t.Fatal(err)
	}
	return f, ring
}

// No change of a byte, no lost or doubled piece, no splice of two certificates makes
// a voucher that passes.
func TestMutantsAreRefused(t *testing.T) {
	for _, suite := range []gm.Suite{gm.Intl, gm.SM} {
		f, ring := certificate(t, suite)
		other, _ := certificate(t, suite)
		r := rand.New(rand.NewPCG(36904, uint64(len(suite))))
		mutants := 50_000
		if testing.Short() {
			mutants = 2_000
		}
		faults := map[voucher.Fault]int{}
		for range mutants {
			m := vouchertest.Mutate(r, f.Voucher, other.Voucher)
			if bytes.Equal(m, f.Voucher) {
				continue
			}
			_, err := voucher.Verify(m, ring, dayOfIssue)
			if err == nil {
				t.Fatalf("a mutant passed: %s", m)
			}
			faults[voucher.FaultOf(err)]++
		}
		if faults[voucher.NoFault] > 0 || faults[voucher.Altered] == 0 || faults[voucher.Malformed] == 0 || faults[voucher.Forged] == 0 {
			t.Errorf("%s: the faults were %v", suite, faults)
		}
	}
}

// A list says the state of each certificate and nothing of which one was asked for;
// after its minute it says only what was so.
func TestStatusList(t *testing.T) {
	f, ring := certificate(t, gm.SM)
	for _, c := range []struct {
		after time.Duration
		fresh bool
	}{{0, true}, {voucher.ListLife - time.Millisecond, true}, {voucher.ListLife, false}} {
		v, err := f.Check(ring, dayOfIssue.Add(c.after))
		if err != nil || v.State != voucher.Valid || v.Fresh != c.fresh || v.Good() != c.fresh {
			t.Errorf("after %s: %+v, %v", c.after, v.State, err)
		}
	}
	l, err := voucher.ReadList(f.List, ring, dayOfIssue)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range map[int]voucher.State{0: voucher.Valid, 6: voucher.Revoked, 7: voucher.Valid, 8: voucher.Suspended} {
		if got, ok := l.State(i); !ok || got != want {
			t.Errorf("the state at %d is %s, want %s", i, got, want)
		}
	}
	for _, i := range []int{-1, 9, 1 << 20} {
		if _, ok := l.State(i); ok {
			t.Errorf("the list speaks of %d", i)
		}
	}
	other, _ := certificate(t, gm.SM)
	f.List = other.List
	if v, err := f.Check(ring, dayOfIssue); err == nil || v.Good() {
		t.Error("a list that another signed was believed")
	}
}

// Of a full list every state survives, and the list remains a voucher in size.
func TestFullStatusList(t *testing.T) {
	key, err := gm.GenerateKey(gm.Intl)
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 2))
	states := map[int]voucher.State{}
	for range 20_000 {
		states[r.IntN(voucher.ListSize)] = voucher.State("0" + string(rune('1'+r.IntN(7))))
	}
	signed, err := voucher.SignList(t.Context(), key, "chengguan", voucher.NewList("stall-0", voucher.ListSize, states), dayOfIssue)
	if err != nil {
		t.Fatal(err)
	}
	l, err := voucher.ReadList(signed, gm.NewRing(key.Verifier()), dayOfIssue)
	if err != nil {
		t.Fatal(err)
	}
	for i := range voucher.ListSize {
		want, ok := states[i]
		if !ok {
			want = voucher.Valid
		}
		if got, _ := l.State(i); got != want {
			t.Fatalf("the state at %d is %s, want %s", i, got, want)
		}
	}
}

func TestSpanEnds(t *testing.T) {
	for _, c := range []struct{ span, from, want string }{
		{"1d", "2026-11-23", "2026-11-24"},
		{"30d", "2026-11-23", "2026-12-23"},
		{"1m", "2027-01-31", "2027-02-28"},
		{"3m", "2026-11-30", "2027-02-28"},
		{"1y", "2028-02-29", "2029-02-28"},
		{"10y", "2026-11-23", "2036-11-23"},
	} {
		p, ok := voucher.ParseSpan(c.span)
		from, err := time.ParseInLocation("2006-01-02", c.from, dayOfIssue.Location())
		if !ok || err != nil {
			t.Fatal(c.span, err)
		}
		last := time.UnixMilli(p.End(from.Add(15*time.Hour)) - 1).In(dayOfIssue.Location())
		if got := last.Format("2006-01-02 15:04:05"); got != c.want+" 23:59:59" {
			t.Errorf("%s from %s ends %s, want the end of %s", c.span, c.from, got, c.want)
		}
	}
	for _, wrong := range []string{"", "0d", "d", "10", "1w", "-1d", "99999y"} {
		if _, ok := voucher.ParseSpan(wrong); ok {
			t.Errorf("%q was read", wrong)
		}
	}
}

func FuzzParseFile(f *testing.F) {
	file, ring := certificate(f, gm.Intl)
	raw, err := file.Bytes()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(raw)
	f.Add([]byte(`{"kind":"status_list"}`))
	f.Add([]byte("{}\n{\"checkpoint\":\"\"}\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		parsed, err := voucher.ParseFile(b)
		if err != nil {
			return
		}
		if v, err := parsed.Check(ring, dayOfIssue); err == nil && v.Good() && !bytes.Equal(parsed.Voucher, file.Voucher) {
			t.Errorf("%q passed", b)
		}
	})
}

func BenchmarkCheckFile(b *testing.B) {
	for _, suite := range []gm.Suite{gm.Intl, gm.SM} {
		b.Run(string(suite), func(b *testing.B) {
			f, ring := certificate(b, suite)
			raw, err := f.Bytes()
			if err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				file, err := voucher.ParseFile(raw)
				if err != nil {
					b.Fatal(err)
				}
				if v, err := file.Check(ring, dayOfIssue); err != nil || !v.Good() {
					b.Fatal(err)
				}
			}
		})
	}
}
