package merkle

import (
	"context"
	"math/bits"
)

// Root returns the root of the tree as it was when it had size leaves. It fails
// with ErrTile if the store has fewer.
func (h Hasher) Root(ctx context.Context, store Store, size int64) (Hash, error) {
	if size < 0 {
		return Hash{}, ErrRange
	}
	v := view{hash: h, store: store, read: map[place][]byte{}}
	return v.root(ctx, 0, size)
}

// InclusionProof returns the hashes that lead from the leaf at index to the
// root of the tree of size leaves (RFC 6962 §2.1.1).
func (h Hasher) InclusionProof(ctx context.Context, store Store, index, size int64) ([]Hash, error) {
	if index < 0 || index >= size {
		return nil, ErrRange
	}
	v := view{hash: h, store: store, read: map[place][]byte{}}
	return v.path(ctx, index, 0, size)
}

func (v *view) path(ctx context.Context, index, lo, hi int64) ([]Hash, error) {
	if hi-lo == 1 {
		return nil, nil
	}
	mid := lo + split(hi-lo)
	near, other := [2]int64{lo, mid}, [2]int64{mid, hi}
	if index >= mid {
		near, other = other, near
	}
	proof, err := v.path(ctx, index, near[0], near[1])
	if err != nil {
		return nil, err
	}
	sibling, err := v.root(ctx, other[0], other[1])
	return append(proof, sibling), err
}

// ConsistencyProof returns the hashes that show the tree of old leaves to be
// the beginning of the tree of size leaves (RFC 6962 §2.1.2).
func (h Hasher) ConsistencyProof(ctx context.Context, store Store, old, size int64) ([]Hash, error) {
	if old < 0 || old > size {
		return nil, ErrRange
	}
	if old == 0 || old == size {
		return nil, nil
	}
	v := view{hash: h, store: store, read: map[place][]byte{}}
	return v.growth(ctx, old, 0, size)
}

// growth is SUBPROOF of the RFC. Its flag b, "this subtree is the whole old
// tree", is true exactly on the way along the left edge.
func (v *view) growth(ctx context.Context, old, lo, hi int64) ([]Hash, error) {
	if old == hi {
		if lo == 0 {
			return nil, nil
		}
		whole, err := v.root(ctx, lo, hi)
		return []Hash{whole}, err
	}
	mid := lo + split(hi-lo)
	near, other := [2]int64{lo, mid}, [2]int64{mid, hi}
	if old > mid {
		near, other = other, near
	}
	proof, err := v.growth(ctx, old, near[0], near[1])
	if err != nil {
		return nil, err
	}
	sibling, err := v.root(ctx, other[0], other[1])
	return append(proof, sibling), err
}

// split returns the greatest power of two smaller than n.
func split(n int64) int64 { return 1 << (bits.Len64(uint64(n-1)) - 1) }

// VerifyInclusion checks that the tree of size leaves with this root holds leaf
// at index. It fails with ErrProof if the proof does not show it.
func (h Hasher) VerifyInclusion(index, size int64, leaf, root Hash, proof []Hash) error {
	if index < 0 || index >= size {
		return ErrRange
	}
	at, last := index, size-1
	got := leaf
	for _, p := range proof {
		if last == 0 {
			return ErrProof
		}
		if at&1 == 1 || at == last {
			got = h.Node(p, got)
			for at&1 == 0 && at != 0 {
				at, last = at>>1, last>>1
			}
		} else {
			got = h.Node(got, p)
		}
		at, last = at>>1, last>>1
	}
	if last != 0 || got != root {
		return ErrProof
	}
	return nil
}

// VerifyConsistency checks that the tree of size leaves with root begins with
// the tree of old leaves with oldRoot: nothing was changed, removed or put in
// between. It fails with ErrProof if the proof does not show it.
func (h Hasher) VerifyConsistency(old, size int64, oldRoot, root Hash, proof []Hash) error {
	switch {
	case old < 0 || old > size:
		return ErrRange
	case old == size && (len(proof) != 0 || oldRoot != root):
		return ErrProof
	case old == 0 && (len(proof) != 0 || oldRoot != h.Empty()):
		return ErrProof
	case old == 0 || old == size:
		return nil
	case len(proof) == 0:
		return ErrProof
	}
	at, last := old-1, size-1
	for at&1 == 1 {
		at, last = at>>1, last>>1
	}
	// Where the old tree is a complete subtree, its root is the start itself.
	was, rest := oldRoot, proof
	if at != 0 {
		was, rest = proof[0], proof[1:]
	}
	is := was
	for _, p := range rest {
		if last == 0 {
			return ErrProof
		}
		if at&1 == 1 || at == last {
			was, is = h.Node(p, was), h.Node(p, is)
			for at&1 == 0 && at != 0 {
				at, last = at>>1, last>>1
			}
		} else {
			is = h.Node(is, p)
		}
		at, last = at>>1, last>>1
	}
	if last != 0 || was != oldRoot || is != root {
		return ErrProof
	}
	return nil
}
