package gm_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/gm"
)

var suites = []gm.Suite{gm.SM, gm.Intl}

func Example() {
	key, err := gm.GenerateKey(gm.SM)
	if err != nil {
		panic(err)
	}
	message := []byte("福保街道 受理回执")
	signature, err := key.Sign(context.Background(), message)
	if err != nil {
		panic(err)
	}
	fmt.Println(key.Verifier().Verify(message, signature))
	fmt.Println(key.Verifier().Verify([]byte("福保街道 办结回执"), signature))
	// Output:
	// <nil>
	// invalid: gm.signature_wrong
}

// A key written to a file is the same key when it is read again, and so is its
// public half.
func TestKeyFileRoundTrip(t *testing.T) {
	for _, s := range suites {
		t.Run(string(s), func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "sign.pem")
			key, err := gm.GenerateKey(s)
			if err != nil {
				t.Fatal(err)
			}
			if err := gm.SaveKey(path, key); err != nil {
				t.Fatal(err)
			}
			if err := gm.SaveKey(path, key); !errs.Is(err, errs.Exists) {
				t.Errorf("a second SaveKey = %v, want Exists", err)
			}
			loaded, err := gm.LoadKey(path)
			if err != nil {
				t.Fatal(err)
			}
			text, err := gm.EncodePublic(key.Verifier())
			if err != nil {
				t.Fatal(err)
			}
			public, err := gm.ParsePublic(text)
			if err != nil {
				t.Fatal(err)
			}
			signature, err := loaded.Sign(t.Context(), []byte("件"))
			if err != nil {
				t.Fatal(err)
			}
			if err := public[0].Verify([]byte("件"), signature); err != nil {
				t.Error(err)
			}
			if ring := gm.NewRing(public...); ring[key.Verifier().KeyID()] == nil || len(key.Verifier().KeyID()) != 16 {
				t.Errorf("key identifiers differ: %v, %s", ring, key.Verifier().KeyID())
			}
		})
	}
}

// A file that others may read, that is missing, or that is something else is
// refused with the kind that tells the operator what to do.
func TestLoadKeyRefuses(t *testing.T) {
	dir := t.TempDir()
	key, err := gm.GenerateKey(gm.Intl)
	if err != nil {
		t.Fatal(err)
	}
	open := filepath.Join(dir, "open.pem")
	if err := gm.SaveKey(open, key); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(open, 0o640); err != nil {
		t.Fatal(err)
	}
	public := filepath.Join(dir, "public.pem")
	text, err := gm.EncodePublic(key.Verifier())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(public, text, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		path string
		want errs.Kind
	}{
		{open, errs.Forbidden},
		{public, errs.Invalid},
		{filepath.Join(dir, "none.pem"), errs.NotFound},
	} {
		if _, err := gm.LoadKey(c.path); !errs.Is(err, c.want) {
			t.Errorf("LoadKey(%s) = %v, want %v", filepath.Base(c.path), err, c.want)
		}
		if _, err := gm.LoadMaster(c.path); !errs.Is(err, c.want) {
			t.Errorf("LoadMaster(%s) = %v, want %v", filepath.Base(c.path), err, c.want)
		}
	}
}

// What is sealed opens with the same key and the same binding, and with nothing
// else; no changed byte goes unseen.
func TestSealProperties(t *testing.T) {
	keys := map[gm.Suite][2]gm.Key{}
	for _, s := range suites {
		a, errA := gm.NewKey(s)
		b, errB := gm.NewKey(s)
		if errA != nil || errB != nil {
			t.Fatal(errA, errB)
		}
		keys[s] = [2]gm.Key{a, b}
	}
	rapid.Check(t, func(t *rapid.T) {
		k := keys[rapid.SampledFrom(suites).Draw(t, "suite")]
		plain := rapid.SliceOf(rapid.Byte()).Draw(t, "plain")
		about := rapid.SliceOf(rapid.Byte()).Draw(t, "about")
		sealed, err := k[0].Seal(plain, about)
		if err != nil {
			t.Fatal(err)
		}
		if len(sealed) != len(plain)+gm.SealOverhead {
			t.Fatalf("%d bytes became %d", len(plain), len(sealed))
		}
		if got, err := k[0].Open(sealed, about); err != nil || !bytes.Equal(got, plain) {
			t.Fatalf("Open = %x, %v", got, err)
		}
		if _, err := k[0].Open(sealed, append(about, 0)); !errs.Is(err, errs.Invalid) {
			t.Fatalf("opened for another record: %v", err)
		}
		if _, err := k[1].Open(sealed, about); !errs.Is(err, errs.Invalid) {
			t.Fatalf("opened with another key: %v", err)
		}
		i := rapid.IntRange(0, len(sealed)-1).Draw(t, "i")
		sealed[i] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
		if _, err := k[0].Open(sealed, about); !errs.Is(err, errs.Invalid) {
			t.Fatalf("a changed byte %d went unseen: %v", i, err)
		}
	})
}

// A master key file outlives its rotation: the new key wraps, the old one still
// unwraps, and a key wrapped for one case does not open for another.
func TestMaster(t *testing.T) {
	path := filepath.Join(t.TempDir(), "master.pem")
	if err := gm.CreateMaster(path, gm.SM); err != nil {
		t.Fatal(err)
	}
	if err := gm.CreateMaster(path, gm.SM); !errs.Is(err, errs.Exists) {
		t.Errorf("a second CreateMaster = %v, want Exists", err)
	}
	before, err := gm.LoadMaster(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := gm.RotateMaster(path, gm.Intl); err != nil {
		t.Fatal(err)
	}
	after, err := gm.LoadMaster(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range suites {
		k, err := gm.NewKey(s)
		if err != nil {
			t.Fatal(err)
		}
		sealed, err := k.Seal([]byte("诉求人"), nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range []*gm.Master{before, after} {
			wrapped, err := m.Wrap(t.Context(), k, []byte("case-1"))
			if err != nil {
				t.Fatal(err)
			}
			got, err := after.Unwrap(t.Context(), wrapped, []byte("case-1"))
			if err != nil {
				t.Fatal(err)
			}
			if plain, err := got.Open(sealed, nil); err != nil || string(plain) != "诉求人" {
				t.Errorf("Open = %q, %v", plain, err)
			}
			if _, err := after.Unwrap(t.Context(), wrapped, []byte("case-2")); !errs.Is(err, errs.Invalid) {
				t.Errorf("unwrapped for another case: %v", err)
			}
		}
	}
	k, err := gm.NewKey(gm.SM)
	if err != nil {
		t.Fatal(err)
	}
	wrapped, err := after.Wrap(t.Context(), k, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := before.Unwrap(t.Context(), wrapped, nil); !errs.Is(err, errs.Invalid) {
		t.Errorf("the old file unwraps the new key: %v", err)
	}
	old, err := before.Wrap(t.Context(), k, nil)
	if err != nil {
		t.Fatal(err)
	}
	if !after.Newest(wrapped) || after.Newest(old) || len(after.Suites()) != 2 {
		t.Errorf("newest: %v, %v of %v", after.Newest(wrapped), after.Newest(old), after.Suites())
	}
	if err := gm.RetireMaster(path); err != nil {
		t.Fatal(err)
	}
	alone, err := gm.LoadMaster(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := alone.Unwrap(t.Context(), wrapped, nil); err != nil {
		t.Errorf("the newest key went with the old one: %v", err)
	}
	if _, err := alone.Unwrap(t.Context(), old, nil); !errs.Is(err, errs.Invalid) {
		t.Errorf("the old key is still there: %v", err)
	}
}

// A key never prints its secret, and the zero key refuses to work.
func TestKeyIsSecret(t *testing.T) {
	k, err := gm.NewKey(gm.SM)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{fmt.Sprint(k), fmt.Sprintf("%+v", k), fmt.Sprintf("%#v", k), fmt.Sprintf("%s", k)} {
		if !strings.HasPrefix(s, "gm.Key(") || len(s) > 12 {
			t.Errorf("a key prints as %s", s)
		}
	}
	if _, err := (gm.Key{}).Seal([]byte("x"), nil); err == nil {
		t.Error("the zero key seals")
	}
	if _, err := (gm.Key{}).Open(make([]byte, 64), nil); err == nil {
		t.Error("the zero key opens")
	}
}

func FuzzParsePublic(f *testing.F) {
	for _, s := range suites {
		key, err := gm.GenerateKey(s)
		if err != nil {
			f.Fatal(err)
		}
		text, err := gm.EncodePublic(key.Verifier())
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Add([]byte("-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		keys, err := gm.ParsePublic(text)
		if err != nil {
			return
		}
		for _, k := range keys {
			again, err := gm.EncodePublic(k)
			if err != nil {
				t.Fatal(err)
			}
			back, err := gm.ParsePublic(again)
			if err != nil || back[0].KeyID() != k.KeyID() {
				t.Fatalf("a key does not survive its own encoding: %v", err)
			}
		}
	})
}

func BenchmarkSign(b *testing.B) {
	for _, s := range suites {
		key, err := gm.GenerateKey(s)
		if err != nil {
			b.Fatal(err)
		}
		message := make([]byte, 500)
		b.Run(string(s), func(b *testing.B) {
			for b.Loop() {
				if _, err := key.Sign(b.Context(), message); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkSeal(b *testing.B) {
	for _, s := range suites {
		key, err := gm.NewKey(s)
		if err != nil {
			b.Fatal(err)
		}
		plain := make([]byte, 64<<10)
		b.Run(string(s), func(b *testing.B) {
			b.SetBytes(int64(len(plain)))
			for b.Loop() {
				if _, err := key.Seal(plain, nil); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// Blinded words are the same for the same word under the same key and label, and
// for nothing else.
func TestBlinder(t *testing.T) {
	for _, s := range suites {
		a, errA := gm.NewKey(s)
		b, errB := gm.NewKey(s)
		if errA != nil || errB != nil {
			t.Fatal(errA, errB)
		}
		words := []string{"", "\x00", "噪", "噪声", "声噪", "a", "a\x00", "123456789012345", "1234567890123456", "12345678901234567"}
		seen := map[[gm.BlindSize]byte]string{}
		for _, key := range []gm.Key{a, b} {
			for _, label := range []string{"x", "y"} {
				blind, err := key.Blinder(label)
				if err != nil {
					t.Fatal(err)
				}
				again, err := key.Blinder(label)
				if err != nil {
					t.Fatal(err)
				}
				for _, w := range words {
					sum := blind.Sum(w)
					if before, twice := seen[sum]; twice {
						t.Errorf("%s: %q and %q are blinded alike", s, before, w)
					}
					seen[sum] = w
					if sum != again.Sum(w) {
						t.Errorf("%s: %q is blinded in two ways", s, w)
					}
				}
			}
		}
	}
	if _, err := (gm.Key{}).Blinder("x"); err == nil {
		t.Error("the zero key blinds")
	}
}

func BenchmarkBlind(b *testing.B) {
	for _, s := range suites {
		key, err := gm.NewKey(s)
		if err != nil {
			b.Fatal(err)
		}
		blind, err := key.Blinder("words")
		if err != nil {
			b.Fatal(err)
		}
		b.Run(string(s), func(b *testing.B) {
			for b.Loop() {
				blind.Sum("噪声")
			}
		})
	}
}
