package merkle_test

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"testing"

	"github.com/emmansun/gmsm/sm3"
	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"

	"yiwang/internal/base/merkle"
)

var sha, sm = merkle.Hasher(sha256.Sum256), merkle.Hasher(sm3.Sum)

func Example() {
	ctx := context.Background()
	tree := merkle.Hasher(sm3.Sum)
	store := &merkle.Memory{}
	leaves := []merkle.Hash{tree.Leaf([]byte("登记")), tree.Leaf([]byte("分拨")), tree.Leaf([]byte("办结"))}

	size, root, err := tree.Append(ctx, store, 0, leaves)
	if err != nil {
		panic(err)
	}
	proof, err := tree.InclusionProof(ctx, store, 1, size)
	if err != nil {
		panic(err)
	}
	fmt.Println(size, base64.StdEncoding.EncodeToString(root[:]))
	fmt.Println(tree.VerifyInclusion(1, size, leaves[1], root, proof))
	fmt.Println(tree.VerifyInclusion(1, size, tree.Leaf([]byte("退单")), root, proof))
	// Output:
	// 3 ywbjzFqYBotFxiHq7IUugrRLAtEOydp8RPCZAdonOjs=
	// <nil>
	// merkle: the proof does not hold
}

func record(i int64) []byte { return binary.BigEndian.AppendUint64(nil, uint64(i)) }

func leavesOf(h merkle.Hasher, from, to int64) []merkle.Hash {
	leaves := make([]merkle.Hash, 0, to-from)
	for i := from; i < to; i++ {
		leaves = append(leaves, h.Leaf(record(i)))
	}
	return leaves
}

// peer is the same tree, kept by the Go project's own implementation.
type peer []tlog.Hash

func (p *peer) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, x := range indexes {
		out[i] = (*p)[x]
	}
	return out, nil
}

func newPeer(t testing.TB, size int64) *peer {
	p := &peer{}
	for i := range size {
		hashes, err := tlog.StoredHashes(i, record(i), p)
		if err != nil {
			t.Fatal(err)
		}
		*p = append(*p, hashes...)
	}
	return p
}

func same(a []merkle.Hash, b []tlog.Hash) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if tlog.Hash(a[i]) != b[i] {
			return false
		}
	}
	return true
}

// Roots and proofs are those of golang.org/x/mod/sumdb/tlog at every size,
// across the border of the third level of tiles at 65 536 leaves.
func TestAgreesWithTlog(t *testing.T) {
	const most = 66_000
	ctx, store, p := t.Context(), &merkle.Memory{}, newPeer(t, most)
	if _, _, err := sha.Append(ctx, store, 0, leavesOf(sha, 0, most)); err != nil {
		t.Fatal(err)
	}
	sizes := rapid.OneOf(
		rapid.Int64Range(1, most),
		rapid.SampledFrom([]int64{1, 2, 255, 256, 257, 511, 512, 65_535, 65_536, 65_537, 65_792, 65_793, most}))
	rapid.Check(t, func(t *rapid.T) {
		size := sizes.Draw(t, "size")
		old := min(sizes.Draw(t, "old"), size)
		index := rapid.Int64Range(0, size-1).Draw(t, "index")

		root, err := sha.Root(ctx, store, size)
		want, wantErr := tlog.TreeHash(size, p)
		if err != nil || wantErr != nil || tlog.Hash(root) != want {
			t.Fatalf("Root(%d) = %x, %v; want %x, %v", size, root, err, want, wantErr)
		}
		inclusion, err := sha.InclusionProof(ctx, store, index, size)
		peerInclusion, peerErr := tlog.ProveRecord(size, index, p)
		if err != nil || peerErr != nil || !same(inclusion, peerInclusion) {
			t.Fatalf("InclusionProof(%d, %d) differs: %v, %v", index, size, err, peerErr)
		}
		if err := sha.VerifyInclusion(index, size, sha.Leaf(record(index)), root, inclusion); err != nil {
			t.Fatal(err)
		}
		consistency, err := sha.ConsistencyProof(ctx, store, old, size)
		peerConsistency, peerErr := tlog.ProveTree(size, old, p)
		if err != nil || peerErr != nil || !same(consistency, peerConsistency) {
			t.Fatalf("ConsistencyProof(%d, %d) differs: %v, %v", old, size, err, peerErr)
		}
		oldRoot, err := sha.Root(ctx, store, old)
		if err != nil {
			t.Fatal(err)
		}
		if err := sha.VerifyConsistency(old, size, oldRoot, root, consistency); err != nil {
			t.Fatal(err)
		}
	})
}

// However the leaves are cut into batches, and whatever a batch that was broken
// off left behind, tiles and roots come out the same.
func TestBatchesDoNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ctx, store, whole, edge := context.Background(), &merkle.Memory{}, &merkle.Memory{}, sm.NewFrontier()
		var size int64
		for _, n := range rapid.SliceOfN(rapid.Int64Range(0, 600), 1, 6).Draw(t, "batches") {
			if rapid.Bool().Draw(t, "broken off") {
				lost := leavesOf(sm, 1_000_000, 1_000_000+rapid.Int64Range(0, 600).Draw(t, "lost"))
				if _, _, err := sm.Append(ctx, store, size, lost); err != nil {
					t.Fatal(err)
				}
			}
			next, root, err := sm.Append(ctx, store, size, leavesOf(sm, size, size+n))
			if err != nil || next != size+n {
				t.Fatalf("Append = %d, %v", next, err)
			}
			for _, leaf := range leavesOf(sm, size, next) {
				edge.Add(leaf)
			}
			size = next
			if root != edge.Root() || edge.Size() != size {
				t.Fatalf("the root at %d depends on the batches", size)
			}
		}
		_, want, err := sm.Append(ctx, whole, 0, leavesOf(sm, 0, size))
		if err != nil || want != edge.Root() {
			t.Fatalf("%x, %v", want, err)
		}
		for range 10 {
			old := rapid.Int64Range(0, size).Draw(t, "old")
			a, errA := sm.Root(ctx, store, old)
			b, errB := sm.Root(ctx, whole, old)
			if errA != nil || errB != nil || a != b {
				t.Fatalf("the root at %d of %d differs: %v, %v", old, size, errA, errB)
			}
		}
	})
}

// A proof that was changed, cut, lengthened or moved proves nothing.
func TestProofsAreTight(t *testing.T) {
	ctx, store := t.Context(), &merkle.Memory{}
	const most = 700
	if _, _, err := sm.Append(ctx, store, 0, leavesOf(sm, 0, most)); err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.Int64Range(2, most).Draw(t, "size")
		index := rapid.Int64Range(0, size-1).Draw(t, "index")
		old := rapid.Int64Range(1, size-1).Draw(t, "old")
		root, _ := sm.Root(ctx, store, size)
		oldRoot, _ := sm.Root(ctx, store, old)
		inclusion, _ := sm.InclusionProof(ctx, store, index, size)
		consistency, _ := sm.ConsistencyProof(ctx, store, old, size)

		spoil := func(proof []merkle.Hash) []merkle.Hash {
			bad := append([]merkle.Hash(nil), proof...)
			switch how := rapid.IntRange(0, 2).Draw(t, "how"); {
			case how == 0 && len(bad) > 0:
				bad[rapid.IntRange(0, len(bad)-1).Draw(t, "at")][3] ^= 1
			case how == 1 && len(bad) > 0:
				bad = bad[:len(bad)-1]
			default:
				bad = append(bad, root)
			}
			return bad
		}
		leaf := sm.Leaf(record(index))
		if err := sm.VerifyInclusion(index, size, leaf, root, spoil(inclusion)); !errors.Is(err, merkle.ErrProof) {
			t.Fatalf("a spoilt inclusion proof holds: %v", err)
		}
		other := (index + 1) % size
		if err := sm.VerifyInclusion(other, size, leaf, root, inclusion); !errors.Is(err, merkle.ErrProof) {
			t.Fatalf("the leaf stands at %d too: %v", other, err)
		}
		if err := sm.VerifyConsistency(old, size, oldRoot, root, spoil(consistency)); !errors.Is(err, merkle.ErrProof) {
			t.Fatalf("a spoilt consistency proof holds: %v", err)
		}
		oldRoot[0] ^= 1
		if err := sm.VerifyConsistency(old, size, oldRoot, root, consistency); !errors.Is(err, merkle.ErrProof) {
			t.Fatalf("another old tree is accepted: %v", err)
		}
	})
}

// The edges: nothing, one leaf, and what lies outside the tree.
func TestEdges(t *testing.T) {
	ctx, store := t.Context(), &merkle.Memory{}
	size, root, err := sha.Append(ctx, store, 0, nil)
	if err != nil || size != 0 || root != sha.Empty() {
		t.Errorf("the empty tree: %d, %x, %v", size, root, err)
	}
	leaf := sha.Leaf([]byte("one"))
	if _, root, err = sha.Append(ctx, store, 0, []merkle.Hash{leaf}); err != nil || root != leaf {
		t.Errorf("one leaf: %x, %v", root, err)
	}
	if err := sha.VerifyInclusion(0, 1, leaf, root, nil); err != nil {
		t.Error(err)
	}
	if err := sha.VerifyConsistency(0, 1, sha.Empty(), root, nil); err != nil {
		t.Error(err)
	}
	if err := sha.VerifyConsistency(1, 1, root, root, nil); err != nil {
		t.Error(err)
	}
	for what, err := range map[string]error{
		"inclusion outside":     second(sha.InclusionProof(ctx, store, 1, 1)),
		"verify outside":        sha.VerifyInclusion(1, 1, leaf, root, nil),
		"consistency backwards": second(sha.ConsistencyProof(ctx, store, 2, 1)),
		"verify backwards":      sha.VerifyConsistency(2, 1, root, root, nil),
		"negative size":         second(sha.Root(ctx, store, -1)),
	} {
		if !errors.Is(err, merkle.ErrRange) {
			t.Errorf("%s = %v, want ErrRange", what, err)
		}
	}
	if _, err := sha.Root(ctx, store, 2); !errors.Is(err, merkle.ErrTile) {
		t.Errorf("the root beyond the tree = %v, want ErrTile", err)
	}
	if _, _, err := sha.Append(ctx, store, 2, []merkle.Hash{leaf}); !errors.Is(err, merkle.ErrTile) {
		t.Errorf("growing a tree that lacks leaves = %v, want ErrTile", err)
	}
}

func second[T any](_ T, err error) error { return err }

// brokenStore fails like a disk does.
type brokenStore struct{ merkle.Memory }

var errDisk = errors.New("disk full")

func (*brokenStore) WriteTile(context.Context, int, int64, []byte) error { return errDisk }

func TestStoreErrorsComeThrough(t *testing.T) {
	for _, n := range []int64{1, 300} {
		if _, _, err := sha.Append(t.Context(), &brokenStore{}, 0, leavesOf(sha, 0, n)); !errors.Is(err, errDisk) {
			t.Errorf("Append of %d = %v, want the disk's error", n, err)
		}
	}
}

// The budget is 200 000 leaves a second, with either hash, hashed and appended
// in batches of 1 000.
func BenchmarkAppend(b *testing.B) {
	for name, h := range map[string]merkle.Hasher{"sm3": sm, "sha256": sha} {
		b.Run(name, func(b *testing.B) {
			store, leaves, size := &merkle.Memory{}, make([]merkle.Hash, 1000), int64(0)
			for b.Loop() {
				for i := range leaves {
					leaves[i] = h.Leaf(record(size + int64(i)))
				}
				var err error
				if size, _, err = h.Append(b.Context(), store, size, leaves); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(size)/b.Elapsed().Seconds(), "leaves/s")
		})
	}
}

func BenchmarkInclusionProof(b *testing.B) {
	const size = 1_000_000
	store := &merkle.Memory{}
	if _, _, err := sm.Append(b.Context(), store, 0, leavesOf(sm, 0, size)); err != nil {
		b.Fatal(err)
	}
	var i int64
	for b.Loop() {
		i = (i + 7919) % size
		if _, err := sm.InclusionProof(b.Context(), store, i, size); err != nil {
			b.Fatal(err)
		}
	}
}
