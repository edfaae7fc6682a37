package merkle

import "errors"

// Hash is a leaf's or a node's hash.
type Hash = [32]byte

// HashSize is the length of a Hash in bytes.
const HashSize = 32

// Hasher is a hash function, such as the Sum of a cryptographic suite. Its
// methods are the tree over that hash.
type Hasher func(data []byte) Hash

var (
	// ErrProof says that a proof does not lead to the root it was given for.
	ErrProof = errors.New("merkle: the proof does not hold")
	// ErrTile says that the store lacks hashes that a tree of this size has.
	ErrTile = errors.New("merkle: a tile is missing or short")
	// ErrRange says that a size or index lies outside the tree.
	ErrRange = errors.New("merkle: size or index outside the tree")
)

// The first byte keeps leaves and nodes apart (RFC 6962 §2.1): without it, a
// node could be passed off as a leaf.
const (
	leafPrefix = 0
	nodePrefix = 1
)

// Leaf returns the hash of a leaf's content.
func (h Hasher) Leaf(data []byte) Hash {
	return h(append([]byte{leafPrefix}, data...))
}

// Node returns the hash of a node over its two halves.
func (h Hasher) Node(left, right Hash) Hash {
	var b [1 + 2*HashSize]byte
	b[0] = nodePrefix
	copy(b[1:], left[:])
	copy(b[1+HashSize:], right[:])
	return h(b[:])
}

// Empty returns the root of the tree without leaves.
func (h Hasher) Empty() Hash { return h(nil) }

// join folds neighbouring complete subtrees, the largest first, into one root.
func (h Hasher) join(parts []Hash) Hash {
	if len(parts) == 0 {
		return h.Empty()
	}
	root := parts[len(parts)-1]
	for i := len(parts) - 2; i >= 0; i-- {
		root = h.Node(parts[i], root)
	}
	return root
}

// Frontier is the right edge of a tree: enough to add leaves and know the root,
// in a few hundred bytes. With it an export is checked in one pass, without a
// store. Make one with NewFrontier.
type Frontier struct {
	hash  Hasher
	size  int64
	parts []Hash // roots of the complete subtrees, largest first
}

// NewFrontier returns the edge of the empty tree.
func (h Hasher) NewFrontier() *Frontier { return &Frontier{hash: h} }

// Add appends one leaf.
func (f *Frontier) Add(leaf Hash) {
	f.parts = append(f.parts, leaf)
	f.size++
	for n := f.size; n&1 == 0; n >>= 1 {
		last := len(f.parts) - 1
		f.parts[last-1] = f.hash.Node(f.parts[last-1], f.parts[last])
		f.parts = f.parts[:last]
	}
}

// Size returns the number of leaves added.
func (f *Frontier) Size() int64 { return f.size }

// Root returns the root over all leaves added.
func (f *Frontier) Root() Hash { return f.hash.join(f.parts) }
