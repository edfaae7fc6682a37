package voucher_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/gm"
	"yiwang/internal/base/merkle"
	"yiwang/internal/core/voucher"
)

func checkpoint() voucher.Checkpoint {
	tree := merkle.Hasher(gm.SM.Sum)
	return voucher.Checkpoint{
		Origin: "yiwang.example/futian",
		Size:   20_260_105,
		Root:   tree.Node(tree.Leaf([]byte("登记")), tree.Leaf([]byte("办结"))),
		At:     issued.UnixMilli(),
		Suite:  gm.SM,
	}
}

func sign(t testing.TB, c voucher.Checkpoint, keys ...gm.Signer) []byte {
	t.Helper()
	n, err := voucher.SignCheckpoint(context.Background(), c, keys...)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// A checkpoint signed with Ed25519 opens in the Go project's own reader, which
// is what independent witnesses use.
func TestCheckpointIsASignedNote(t *testing.T) {
	key, c := newKey(t, gm.Intl), checkpoint()
	encoded, err := note.NewEd25519VerifierKey(c.Origin, ed25519.PublicKey(key.Verifier().Public()))
	if err != nil {
		t.Fatal(err)
	}
	verifier, err := note.NewVerifier(encoded)
	if err != nil {
		t.Fatal(err)
	}
	opened, err := note.Open(sign(t, c, newKey(t, gm.SM), key), note.VerifierList(verifier))
	if err != nil {
		t.Fatal(err)
	}
	want := "yiwang.example/futian\n20260105\n"
	if !strings.HasPrefix(opened.Text, want) || !strings.HasSuffix(opened.Text, "\ntime 2026-01-05T01:30:00.000Z\nhash sm3\n") {
		t.Errorf("the text is\n%s", opened.Text)
	}
	if len(opened.Sigs) != 1 || len(opened.UnverifiedSigs) != 1 {
		t.Errorf("%d verified and %d other signatures, want 1 and 1", len(opened.Sigs), len(opened.UnverifiedSigs))
	}
}

// Whichever byte of a checkpoint is changed, left out or added, it is refused.
func TestEveryByteOfACheckpointCounts(t *testing.T) {
	for _, suite := range []gm.Suite{gm.SM, gm.Intl} {
		key, c := newKey(t, suite), checkpoint()
		trusted, whole := gm.NewRing(key.Verifier()), sign(t, c, key)
		refused := func(what string, i int, changed []byte) {
			t.Helper()
			got, err := voucher.VerifyCheckpoint(changed, c.Origin, trusted)
			if err == nil || voucher.FaultOf(err) == voucher.NoFault || got != (voucher.Checkpoint{}) {
				t.Fatalf("%s: %s byte %d gave %v, %v", suite, what, i, got, err)
			}
		}
		for i := range whole {
			for bit := range 8 {
				changed := bytes.Clone(whole)
				changed[i] ^= 1 << bit
				refused("changing", i, changed)
			}
			refused("removing", i, append(bytes.Clone(whole[:i]), whole[i+1:]...))
			refused("doubling", i, append(bytes.Clone(whole[:i+1]), whole[i:]...))
		}
	}
}

func TestCheckpointFaults(t *testing.T) {
	ours, witness, c := newKey(t, gm.SM), newKey(t, gm.Intl), checkpoint()
	trusted := gm.NewRing(ours.Verifier())
	other := c
	other.Origin = "yiwang.example/nanshan"
	good := sign(t, c, ours, witness)
	// A second, wrong line in the name of our key spoils the first.
	lines := bytes.SplitAfter(sign(t, c, ours), []byte("\n"))
	last := lines[len(lines)-2]
	wrong := bytes.Clone(last)
	if at := len(wrong) - 20; wrong[at] == 'A' {
		wrong[at] = 'B'
	} else {
		wrong[at] = 'A'
	}
	for _, test := range []struct {
		name string
		note []byte
		want voucher.Fault
	}{
		{"ours and a witness", good, voucher.NoFault},
		{"a witness only", sign(t, c, witness), voucher.Forged},
		{"another log of ours", sign(t, other, ours), voucher.OtherLog},
		{"a smaller size", bytes.Replace(good, []byte("20260105\n"), []byte("20260104\n"), 1), voucher.Altered},
		{"one good and one bad signature", append(sign(t, c, ours), wrong...), voucher.Altered},
		{"no signature", good[:bytes.Index(good, []byte("\n\n"))+1], voucher.Malformed},
		{"a size with a zero before it", bytes.Replace(good, []byte("20260105\n"), []byte("020260105\n"), 1), voucher.Malformed},
		{"an unknown hash", bytes.Replace(good, []byte("hash sm3"), []byte("hash md5"), 1), voucher.Malformed},
		{"nothing", nil, voucher.Malformed},
	} {
		got, err := voucher.VerifyCheckpoint(test.note, c.Origin, trusted)
		if voucher.FaultOf(err) != test.want || (err == nil) != (test.want == voucher.NoFault) || (err == nil) != (got == c) {
			t.Errorf("%s: %v, %v, want %q", test.name, got, err, test.want)
		}
	}
}

func TestSignCheckpointRefuses(t *testing.T) {
	key := newKey(t, gm.Intl)
	for name, spoil := range map[string]func(*voucher.Checkpoint){
		"no name":        func(c *voucher.Checkpoint) { c.Origin = "" },
		"two lines":      func(c *voucher.Checkpoint) { c.Origin = "a\nb" },
		"a space":        func(c *voucher.Checkpoint) { c.Origin = "福田 日志" },
		"a size below 0": func(c *voucher.Checkpoint) { c.Size = -1 },
		"no suite":       func(c *voucher.Checkpoint) { c.Suite = "" },
	} {
		c := checkpoint()
		spoil(&c)
		if _, err := voucher.SignCheckpoint(t.Context(), c, key); !errs.Is(err, errs.Invalid) {
			t.Errorf("%s = %v, want Invalid", name, err)
		}
	}
	if _, err := voucher.SignCheckpoint(t.Context(), checkpoint()); !errs.Is(err, errs.Invalid) {
		t.Errorf("without a key = %v, want Invalid", err)
	}
}

// A checkpoint that is read says the same when it is written again.
func FuzzParseCheckpoint(f *testing.F) {
	key := newKey(f, gm.Intl)
	note, _ := golden(f, "checkpoint.txt")
	f.Add(note)
	f.Add([]byte("a\n0\n\n— a AAAAAAA=\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := voucher.ParseCheckpoint(data)
		if err != nil {
			if voucher.FaultOf(err) != voucher.Malformed {
				t.Fatalf("refused without a fault: %v", err)
			}
			return
		}
		again, err := voucher.ParseCheckpoint(sign(t, c, key))
		if err != nil || again != c {
			t.Fatalf("%v became %v, %v", c, again, err)
		}
	})
}
