// Package merkle grows and proves the append-only hash tree of RFC 6962 over
// any hash of 32 bytes. The tree is kept as tiles: 256 neighbouring hashes of
// one level in every eighth level, so that a hundred million leaves are some
// four hundred thousand rows, and the root at any earlier size can still be
// computed. A proof is checked without the store, by anyone.
package merkle
