package blob_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"yiwang/internal/base/blob"
	"yiwang/internal/base/errs"
	"yiwang/internal/base/gm"
)

const chunk = 64 << 10

var open = blob.Limits{MaxBytes: 1 << 20}

func newStore(t testing.TB) (*blob.Store, string) {
	t.Helper()
	dir := t.TempDir()
	s, err := blob.New(dir)
	if err != nil {
		t.Fatal(err)
	}
	return s, dir
}

func newKey(t testing.TB, suite gm.Suite) gm.Key {
	t.Helper()
	k, err := gm.NewKey(suite)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func get(s *blob.Store, digest string, key gm.Key) ([]byte, error) {
	r, err := s.Open(context.Background(), digest, key)
	if err != nil {
		return nil, err
	}
	data, err := io.ReadAll(r)
	return data, errors.Join(err, r.Close())
}

// files returns every file under dir, by path.
func files(t testing.TB, dir string) []string {
	t.Helper()
	var all []string
	err := filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			all = append(all, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func Example() {
	dir, err := os.MkdirTemp("", "blob")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	store, err := blob.New(dir)
	if err != nil {
		panic(err)
	}
	ctx := context.Background()
	ref, err := store.Put(ctx, strings.NewReader("楼道灯坏了三天"), blob.Limits{MaxBytes: 1 << 20}, gm.Key{})
	if err != nil {
		panic(err)
	}
	fmt.Println(ref.Digest[:8], ref.Size, ref.Type)
	// Output:
	// 0700a986 21 text/plain; charset=utf-8
}

// What was put comes back, sealed or not, at every length around a chunk's end.
func TestRoundTrip(t *testing.T) {
	s, _ := newStore(t)
	keys := []gm.Key{{}, newKey(t, gm.SM), newKey(t, gm.Intl)}
	lengths := rapid.OneOf(rapid.IntRange(1, 3*chunk),
		rapid.SampledFrom([]int{1, 511, 512, 513, chunk - 1, chunk, chunk + 1, 2*chunk - 1, 2 * chunk, 2*chunk + 1}))
	rapid.Check(t, func(t *rapid.T) {
		key := rapid.SampledFrom(keys).Draw(t, "key")
		data := bytes.Repeat([]byte{rapid.ByteRange('a', 'z').Draw(t, "letter")}, lengths.Draw(t, "length"))
		ref, err := s.Put(context.Background(), bytes.NewReader(data), open, key)
		if err != nil || ref.Size != int64(len(data)) || ref.Type != blob.Text {
			t.Fatalf("Put = %v, %v", ref, err)
		}
		if got, err := get(s, ref.Digest, key); err != nil || !bytes.Equal(got, data) {
			t.Fatalf("%d bytes came back as %d, %v", len(data), len(got), err)
		}
		again, err := s.Put(context.Background(), bytes.NewReader(data), open, key)
		if err != nil || again != ref {
			t.Fatalf("putting it again gave %v, %v", again, err)
		}
	})
}

// The address of sealed content depends on its key, and neither name nor file
// shows what it is.
func TestSealedContentIsHidden(t *testing.T) {
	s, dir := newStore(t)
	text := strings.Repeat("身份证号 11010519491231002X ", 20)
	seen := map[string]bool{}
	for _, key := range []gm.Key{{}, newKey(t, gm.SM), newKey(t, gm.SM)} {
		ref, err := s.Put(t.Context(), strings.NewReader(text), open, key)
		if err != nil {
			t.Fatal(err)
		}
		if seen[ref.Digest] {
			t.Error("two keys give one address")
		}
		seen[ref.Digest] = true
		raw, err := os.ReadFile(filepath.Join(dir, ref.Digest[:2], ref.Digest[2:4], ref.Digest))
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(raw, []byte("11010519491231002X")) == !key.IsZero() {
			t.Errorf("with %v the file holds %q", key, raw[:40])
		}
	}
	for _, path := range files(t, dir) {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", path, info.Mode(), err)
		}
	}
}

// What is refused leaves nothing behind and says what is wrong.
func TestPutRefuses(t *testing.T) {
	s, dir := newStore(t)
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	for _, key := range []gm.Key{{}, newKey(t, gm.SM)} {
		for _, c := range []struct {
			name   string
			ctx    context.Context
			from   io.Reader
			limits blob.Limits
			want   errs.Kind
		}{
			{"too large", t.Context(), strings.NewReader("12345678901"), blob.Limits{MaxBytes: 10}, errs.TooLarge},
			{"without end", t.Context(), endless{}, open, errs.TooLarge},
			{"empty", t.Context(), strings.NewReader(""), open, errs.Invalid},
			{"not asked for", t.Context(), strings.NewReader("text"), blob.Limits{MaxBytes: 10, Types: blob.Pictures()}, errs.Invalid},
			{"connection lost", t.Context(), io.MultiReader(strings.NewReader("half"), broken{}), open, errs.Unavailable},
			{"nobody waits", gone, strings.NewReader("text"), open, errs.Internal},
		} {
			if _, err := s.Put(c.ctx, c.from, c.limits, key); !errs.Is(err, c.want) {
				t.Errorf("%s = %v, want %v", c.name, err, c.want)
			}
			if left := files(t, dir); len(left) != 0 {
				t.Fatalf("%s left %v behind", c.name, left)
			}
		}
	}
	if ref, err := s.Put(t.Context(), strings.NewReader("1234567890"), blob.Limits{MaxBytes: 10}, gm.Key{}); err != nil {
		t.Errorf("exactly the limit = %v, %v", ref, err)
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	return len(p), nil
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errs.E(errs.Unavailable, "errs.unavailable", nil) }

// A process killed in the middle of Put leaves an unfinished file that no reader
// sees and that Sweep removes; what was put before is there.
func TestCrashInTheMiddle(t *testing.T) {
	if dir := os.Getenv("BLOB_CRASH_DIR"); dir != "" {
		s, err := blob.New(dir)
		if err != nil {
			t.Fatal(err)
		}
		_, err = s.Put(t.Context(), os.Stdin, open, gm.Key{})
		t.Fatal("the process should have been killed: ", err)
	}
	s, dir := newStore(t)
	kept, err := s.Put(t.Context(), strings.NewReader("kept"), open, gm.Key{})
	if err != nil {
		t.Fatal(err)
	}
	child := exec.Command(os.Args[0], "-test.run=^TestCrashInTheMiddle$")
	child.Env = append(os.Environ(), "BLOB_CRASH_DIR="+dir)
	in, err := child.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := in.Write(bytes.Repeat([]byte("half "), 20_000)); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(10 * time.Second); unfinishedBytes(t, dir) == 0; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("nothing was written")
		}
	}
	if err := child.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := child.Wait(); err == nil {
		t.Fatal("the process ended by itself")
	}

	var seen []string
	if err := s.Walk(t.Context(), func(digest string, _ time.Time) error {
		seen = append(seen, digest)
		return nil
	}); err != nil || len(seen) != 1 || seen[0] != kept.Digest {
		t.Errorf("Walk saw %v, %v", seen, err)
	}
	if n, err := s.Sweep(t.Context(), time.Now().Add(-time.Hour)); n != 0 || err != nil {
		t.Errorf("an upload under way was swept: %d, %v", n, err)
	}
	if n, err := s.Sweep(t.Context(), time.Now().Add(time.Hour)); n != 1 || err != nil {
		t.Errorf("Sweep = %d, %v, want 1", n, err)
	}
	if got, err := get(s, kept.Digest, gm.Key{}); err != nil || string(got) != "kept" {
		t.Errorf("what was put before: %q, %v", got, err)
	}
}

func unfinishedBytes(t *testing.T, dir string) int64 {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join(dir, "tmp"))
	if err != nil {
		t.Fatal(err)
	}
	var n int64
	for _, e := range entries {
		if info, err := e.Info(); err == nil {
			n += info.Size()
		}
	}
	return n
}

// However a stored file is damaged, reading it fails.
func TestDamageIsSeen(t *testing.T) {
	s, dir := newStore(t)
	for _, key := range []gm.Key{{}, newKey(t, gm.SM)} {
		data := bytes.Repeat([]byte("0123456789abcdef"), 3*chunk/16)
		ref, err := s.Put(t.Context(), bytes.NewReader(data), open, key)
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, ref.Digest[:2], ref.Digest[2:4], ref.Digest)
		whole, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		const head, part = 24, chunk + gm.SealOverhead
		spoilt := map[string][]byte{
			"cut to nothing": {},
			"cut by one":     whole[:len(whole)-1],
			"cut in half":    whole[:len(whole)/2],
			"one byte more":  append(bytes.Clone(whole), 'x'),
			"head only":      whole[:head],
			"doubled":        append(bytes.Clone(whole), whole...),
		}
		for _, at := range []int{0, 3, 9, head, head + 1, len(whole) / 2, len(whole) - 1} {
			changed := bytes.Clone(whole)
			changed[at] ^= 1
			spoilt[fmt.Sprintf("byte %d changed", at)] = changed
		}
		if !key.IsZero() {
			swapped := append(bytes.Clone(whole[:head]), whole[head+part:head+2*part]...)
			swapped = append(append(swapped, whole[head:head+part]...), whole[head+2*part:]...)
			spoilt["chunks exchanged"] = swapped
			spoilt["last chunk missing"] = whole[:head+2*part]
			spoilt["first chunk missing"] = append(bytes.Clone(whole[:head]), whole[head+part:]...)
		}
		for what, raw := range spoilt {
			if err := os.WriteFile(path, raw, 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := get(s, ref.Digest, key); !errs.Is(err, errs.Internal) || !strings.Contains(err.Error(), "blob.damaged") {
				t.Errorf("%v: %s = %v", key, what, err)
			}
		}
		// Putting the content again mends it.
		if _, err := s.Put(t.Context(), bytes.NewReader(data), open, key); err != nil {
			t.Fatal(err)
		}
		if got, err := get(s, ref.Digest, key); err != nil || !bytes.Equal(got, data) {
			t.Errorf("mended: %v", err)
		}
		for what, other := range map[string]gm.Key{"another key": newKey(t, gm.SM), "another suite": newKey(t, gm.Intl)} {
			if _, err := get(s, ref.Digest, other); err == nil {
				t.Errorf("%v opens with %s", key, what)
			}
		}
	}
}

// A genuine sealed file under the name of another is not that other.
func TestBlobsCannotBeExchanged(t *testing.T) {
	s, dir := newStore(t)
	sealed := newKey(t, gm.SM)
	a, errA := s.Put(t.Context(), strings.NewReader("a"), open, sealed)
	b, errB := s.Put(t.Context(), strings.NewReader("b"), open, sealed)
	if errA != nil || errB != nil {
		t.Fatal(errA, errB)
	}
	if err := os.Rename(filepath.Join(dir, a.Digest[:2], a.Digest[2:4], a.Digest), filepath.Join(dir, b.Digest[:2], b.Digest[2:4], b.Digest)); err != nil {
		t.Fatal(err)
	}
	if _, err := get(s, b.Digest, sealed); err == nil {
		t.Error("one blob passes for another")
	}
}

// Removing is final and may be repeated; no name leads out of the store.
func TestRemoveAndNames(t *testing.T) {
	s, dir := newStore(t)
	ref, err := s.Put(t.Context(), strings.NewReader("gone soon"), open, gm.Key{})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := s.Remove(t.Context(), ref.Digest); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := get(s, ref.Digest, gm.Key{}); !errs.Is(err, errs.NotFound) {
		t.Errorf("a removed blob = %v", err)
	}
	if left := files(t, dir); len(left) != 0 {
		t.Errorf("%v is left", left)
	}
	for _, name := range []string{"", "..", "../../etc/passwd", strings.Repeat("0", 63), strings.Repeat("A", 64), strings.Repeat("./", 32), ref.Digest + "0"} {
		if _, err := s.Open(t.Context(), name, gm.Key{}); !errs.Is(err, errs.NotFound) {
			t.Errorf("Open(%q) = %v", name, err)
		}
		if err := s.Remove(t.Context(), name); !errs.Is(err, errs.NotFound) {
			t.Errorf("Remove(%q) = %v", name, err)
		}
	}
}

func BenchmarkPut(b *testing.B) {
	s, _ := newStore(b)
	data := bytes.Repeat([]byte("0123456789abcdef"), (4<<20)/16)
	for name, key := range map[string]gm.Key{"plain": {}, "sm": newKey(b, gm.SM), "intl": newKey(b, gm.Intl)} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			for b.Loop() {
				if _, err := s.Put(b.Context(), bytes.NewReader(data), blob.Limits{MaxBytes: 8 << 20}, key); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
