package voucher_test

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/gm"
	"yiwang/internal/base/text"
	"yiwang/internal/core/voucher"
)

var update = flag.Bool("update", false, "sign the golden files anew, with new keys")

var issued = time.Date(2026, 1, 5, 9, 30, 0, 0, time.FixedZone("CST", 8*3600))

// receipt is the statement of the golden files.
func receipt() voucher.Statement {
	return voucher.Statement{
		ID:         "01JGTXR8Q0C2M5V7N9W3E1K6ZB",
		Kind:       "receipt",
		Subject:    "person:01JGTXQ2",
		Case:       "01JGTXR8PZ",
		Matter:     "appeal.lighting",
		Issuer:     "futian.fubao",
		IssuedAt:   issued.UnixMilli(),
		ValidUntil: issued.AddDate(1, 0, 0).UnixMilli(),
		Fields: map[string]any{
			"事项": "路灯不亮", "回执号": "FT20260105-000123", "受理": true, "办理期限_工作日": 5,
			"经办": []any{"福保街道", "市政服务中心"}, "附注": "引号\"、反斜杠\\、换行\n都照原样",
		},
	}
}

func newKey(t testing.TB, s gm.Suite) gm.Signer {
	t.Helper()
	key, err := gm.GenerateKey(s)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func Example() {
	key, err := gm.GenerateKey(gm.SM)
	if err != nil {
		panic(err)
	}
	paper, err := voucher.Issue(context.Background(), key, voucher.Statement{
		ID: "R-1", Kind: "receipt", Issuer: "futian.fubao", IssuedAt: issued.UnixMilli(),
		Fields: map[string]any{"事项": "路灯不亮"},
	})
	if err != nil {
		panic(err)
	}
	trusted := gm.NewRing(key.Verifier())
	s, err := voucher.Verify(paper, trusted, issued)
	fmt.Println(s.Fields["事项"], err)

	changed := bytes.Replace(paper, []byte("路灯"), []byte("红灯"), 1)
	_, err = voucher.Verify(changed, trusted, issued)
	fmt.Println(voucher.FaultOf(err))
	fmt.Println(text.Error(text.Chinese, err))
	// Output:
	// 路灯不亮 <nil>
	// altered
	// 这份凭证的内容与签名不符，可能被改动过，不能采信。
}

// A voucher issued once must verify for as long as it is valid: the golden files
// were signed when the form was fixed, and are not signed again.
func TestGolden(t *testing.T) {
	if *update {
		writeGolden(t)
	}
	for _, suite := range []gm.Suite{gm.SM, gm.Intl} {
		paper, trusted := golden(t, "receipt-"+string(suite)+".json")
		got, err := voucher.Verify(paper, trusted, issued)
		if err != nil {
			t.Errorf("%s: %v", suite, err)
			continue
		}
		want := receipt()
		want.Suite, want.KeyID = got.Suite, got.KeyID
		if fmt.Sprint(got) != fmt.Sprint(want) || got.Suite != suite {
			t.Errorf("%s says\n%v\nwant\n%v", suite, got, want)
		}
	}
	note, trusted := golden(t, "checkpoint.txt")
	if c, err := voucher.VerifyCheckpoint(note, checkpoint().Origin, trusted); err != nil || c != checkpoint() {
		t.Errorf("checkpoint = %v, %v", c, err)
	}
}

func writeGolden(t *testing.T) {
	var pem []byte
	var signers []gm.Signer
	files := map[string][]byte{}
	for _, suite := range []gm.Suite{gm.SM, gm.Intl} {
		key := newKey(t, suite)
		public, err := gm.EncodePublic(key.Verifier())
		if err != nil {
			t.Fatal(err)
		}
		pem, signers = append(pem, public...), append(signers, key)
		paper, err := voucher.Issue(t.Context(), key, receipt())
		if err != nil {
			t.Fatal(err)
		}
		files["receipt-"+string(suite)+".json"] = paper
	}
	note, err := voucher.SignCheckpoint(t.Context(), checkpoint(), signers...)
	if err != nil {
		t.Fatal(err)
	}
	files["checkpoint.txt"], files["keys.pem"] = note, pem
	for name, data := range files {
		if err := os.WriteFile(filepath.Join("testdata", name), data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// Whichever byte of a voucher is changed, left out or added, it is refused.
func TestEveryByteCounts(t *testing.T) {
	for _, suite := range []gm.Suite{gm.SM, gm.Intl} {
		key := newKey(t, suite)
		trusted := gm.NewRing(key.Verifier())
		paper, err := voucher.Issue(t.Context(), key, receipt())
		if err != nil {
			t.Fatal(err)
		}
		refused := func(what string, i int, changed []byte) {
			t.Helper()
			s, err := voucher.Verify(changed, trusted, issued)
			if err == nil || voucher.FaultOf(err) == voucher.NoFault || !errs.Is(err, errs.Invalid) || s.ID != "" {
				t.Fatalf("%s: %s byte %d of %d (%q) gave %v", suite, what, i, len(paper), paper[i:min(i+1, len(paper))], err)
			}
		}
		for i := range paper {
			for bit := range 8 {
				changed := bytes.Clone(paper)
				changed[i] ^= 1 << bit
				refused("changing", i, changed)
			}
			refused("removing", i, append(bytes.Clone(paper[:i]), paper[i+1:]...))
			refused("doubling", i, append(bytes.Clone(paper[:i+1]), paper[i:]...))
		}
		refused("adding after", len(paper), append(bytes.Clone(paper), '\n'))
		refused("adding before", 0, append([]byte(" "), paper...))
	}
}

// Each way to be wrong has its own name, and its own sentence.
func TestFaults(t *testing.T) {
	ours, theirs := newKey(t, gm.SM), newKey(t, gm.SM)
	trusted := gm.NewRing(ours.Verifier())
	issue := func(key gm.Signer) []byte {
		paper, err := voucher.Issue(t.Context(), key, receipt())
		if err != nil {
			t.Fatal(err)
		}
		return paper
	}
	// A forger who knows the form can name our key, but not sign with it.
	lie := bytes.Replace(issue(theirs), []byte(theirs.Verifier().KeyID()), []byte(ours.Verifier().KeyID()), 1)
	for _, c := range []struct {
		name  string
		paper []byte
		at    time.Time
		want  voucher.Fault
	}{
		{"genuine", issue(ours), issued, voucher.NoFault},
		{"its last moment", issue(ours), issued.AddDate(1, 0, 0).Add(-time.Millisecond), voucher.NoFault},
		{"over", issue(ours), issued.AddDate(1, 0, 0), voucher.Expired},
		{"another's key", issue(theirs), issued, voucher.Forged},
		{"another's key under our name", lie, issued, voucher.Altered},
		{"one word changed", bytes.Replace(issue(ours), []byte("路灯"), []byte("绿灯"), 1), issued, voucher.Altered},
		{"half a voucher", issue(ours)[:100], issued, voucher.Malformed},
		{"not a voucher", []byte("你好"), issued, voucher.Malformed},
		{"nothing", nil, issued, voucher.Malformed},
		{"a later form", bytes.Replace(issue(ours), []byte(`"v":1`), []byte(`"v":2`), 1), issued, voucher.Newer},
	} {
		s, err := voucher.Verify(c.paper, trusted, c.at)
		if voucher.FaultOf(err) != c.want || (err == nil) != (c.want == voucher.NoFault) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
		if shown := s.ID != ""; shown != (c.want == voucher.NoFault || c.want == voucher.Expired) {
			t.Errorf("%s: its statement is %v", c.name, s)
		}
	}
}

// A statement that cannot be said for ever in one form is not signed at all.
func TestIssueRefuses(t *testing.T) {
	key := newKey(t, gm.Intl)
	for _, c := range []struct {
		field string
		spoil func(*voucher.Statement)
	}{
		{"id", func(s *voucher.Statement) { s.ID = "" }},
		{"id", func(s *voucher.Statement) { s.ID = "a b" }},
		{"kind", func(s *voucher.Statement) { s.Kind = "Receipt" }},
		{"issuer", func(s *voucher.Statement) { s.Issuer = "" }},
		{"issued_at", func(s *voucher.Statement) { s.IssuedAt = 0 }},
		{"valid_until", func(s *voucher.Statement) { s.ValidUntil = s.IssuedAt }},
		{"fields", func(s *voucher.Statement) { s.Fields = map[string]any{"金额": 1.5} }},
		{"fields", func(s *voucher.Statement) { s.Fields = map[string]any{"大数": int64(1) << 53} }},
		{"fields", func(s *voucher.Statement) { s.Fields = map[string]any{"乱码": "\xff"} }},
		{"fields", func(s *voucher.Statement) { s.Fields = map[string]any{"时间": time.Now()} }},
		{"fields", func(s *voucher.Statement) {
			var deep any = "底"
			for range 40 {
				deep = []any{deep}
			}
			s.Fields = map[string]any{"深": deep}
		}},
	} {
		s := receipt()
		c.spoil(&s)
		_, err := voucher.Issue(t.Context(), key, s)
		if e, ok := errors.AsType[*errs.Error](err); !ok || e.Kind != errs.Invalid || e.Field != c.field {
			t.Errorf("%s: %v", c.field, err)
		}
	}
	long := receipt()
	long.Fields = map[string]any{"长": strings.Repeat("长", 30_000)}
	if _, err := voucher.Issue(t.Context(), key, long); !errs.Is(err, errs.TooLarge) {
		t.Errorf("a long statement = %v, want TooLarge", err)
	}
}

// Whatever strings and numbers a statement holds come back as they were.
func TestRoundTrip(t *testing.T) {
	key := newKey(t, gm.Intl)
	trusted := gm.NewRing(key.Verifier())
	rapid.Check(t, func(t *rapid.T) {
		s := receipt()
		fields := rapid.MapOf(rapid.String(), rapid.String()).Draw(t, "fields")
		s.Fields = map[string]any{"n": rapid.Int64Range(-1<<53+1, 1<<53-1).Draw(t, "n"), "b": rapid.Bool().Draw(t, "b"), "nil": nil}
		for name, value := range fields {
			s.Fields["x"+name] = []string{value}
		}
		s.Subject = rapid.String().Draw(t, "subject")
		paper, err := voucher.Issue(context.Background(), key, s)
		if err != nil {
			t.Fatal(err)
		}
		got, err := voucher.Verify(paper, trusted, issued)
		if err != nil || got.Subject != s.Subject || fmt.Sprint(got.Fields) != fmt.Sprint(s.Fields) {
			t.Fatalf("%v, %v\n%v", got.Fields, err, s.Fields)
		}
		again, err := voucher.Issue(context.Background(), key, got)
		if err != nil || !bytes.Equal(again, paper) {
			t.Fatalf("the same statement has two forms, %v:\n%s\n%s", err, paper, again)
		}
	})
}

// golden returns a golden file and the keys of all of them.
func golden(t testing.TB, name string) ([]byte, gm.Ring) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	pem, err := os.ReadFile(filepath.Join("testdata", "keys.pem"))
	if err != nil {
		t.Fatal(err)
	}
	keys, err := gm.ParsePublic(pem)
	if err != nil {
		t.Fatal(err)
	}
	return data, gm.NewRing(keys...)
}

func FuzzVerify(f *testing.F) {
	sm, trusted := golden(f, "receipt-sm.json")
	intl, _ := golden(f, "receipt-intl.json")
	f.Add(sm)
	f.Add(intl)
	f.Add([]byte(`{"alg":"ed25519","v":1}`))
	f.Add([]byte(`{"fields":{"a":[[[[1e9]]]]},"v":1}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		_, err := voucher.Verify(data, trusted, issued)
		if err == nil && !bytes.Equal(data, sm) && !bytes.Equal(data, intl) {
			t.Fatalf("a voucher nobody signed: %q", data)
		}
		if err != nil && voucher.FaultOf(err) == voucher.NoFault {
			t.Fatalf("refused without a fault: %v", err)
		}
	})
}

func BenchmarkVerify(b *testing.B) {
	for _, suite := range []gm.Suite{gm.SM, gm.Intl} {
		key := newKey(b, suite)
		trusted := gm.NewRing(key.Verifier())
		paper, err := voucher.Issue(b.Context(), key, receipt())
		if err != nil {
			b.Fatal(err)
		}
		b.Run(string(suite), func(b *testing.B) {
			for b.Loop() {
				if _, err := voucher.Verify(paper, trusted, issued); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
