package merkle

import (
	"context"
	"fmt"
	"math/bits"
	"sync"
)

// The shape of a tile. Tile (level, index) holds the hashes of tree level
// TileHeight×level, from TileWidth×index on. A partial tile is shorter and is
// rewritten as it grows; a full one never changes.
const (
	TileHeight = 8
	TileWidth  = 1 << TileHeight
	tileBytes  = TileWidth * HashSize
)

// Store keeps tiles.
type Store interface {
	// ReadTile returns a tile's hashes one after another, nothing if it was
	// never written. The caller does not change them.
	ReadTile(ctx context.Context, level int, index int64) ([]byte, error)
	// WriteTile puts a tile, replacing the shorter one that was there. It does
	// not keep data after it returns.
	WriteTile(ctx context.Context, level int, index int64, data []byte) error
}

// Memory is a Store in memory, safe for use by several goroutines. Its zero
// value is empty and ready.
type Memory struct {
	mu    sync.RWMutex
	tiles map[place][]byte
}

var _ Store = (*Memory)(nil)

type place struct {
	level int
	index int64
}

// ReadTile returns a tile, nothing if it was never written.
func (m *Memory) ReadTile(_ context.Context, level int, index int64) ([]byte, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.tiles[place{level, index}], nil
}

// WriteTile keeps a copy of a tile.
func (m *Memory) WriteTile(_ context.Context, level int, index int64, data []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.tiles == nil {
		m.tiles = map[place][]byte{}
	}
	m.tiles[place{level, index}] = append([]byte(nil), data...)
	return nil
}

// Append adds leaves to the tree of size leaves and returns its new size and
// root. There must be one writer. Whatever a broken-off Append left beyond size
// is overwritten, so size may be committed after the tiles; it must never be
// older than the last size that was committed.
func (h Hasher) Append(ctx context.Context, store Store, size int64, leaves []Hash) (int64, Hash, error) {
	if size < 0 {
		return 0, Hash{}, ErrRange
	}
	a := appender{view: view{hash: h, store: store, read: map[place][]byte{}}, size: size}
	for _, leaf := range leaves {
		if err := a.push(ctx, 0, leaf); err != nil {
			return 0, Hash{}, err
		}
	}
	if err := a.flush(ctx); err != nil {
		return 0, Hash{}, err
	}
	size += int64(len(leaves))
	root, err := a.root(ctx, 0, size)
	return size, root, err
}

// appender holds the last tile of each level while a batch is added, so that a
// tile is written once a batch, however many leaves it takes in.
type appender struct {
	view
	size  int64 // before the batch
	tails []*tail
}

type tail struct {
	index int64
	data  []byte
	dirty bool
}

func (a *appender) push(ctx context.Context, level int, hash Hash) error {
	if level == len(a.tails) {
		t, err := a.load(ctx, level)
		if err != nil {
			return err
		}
		a.tails = append(a.tails, t)
	}
	t := a.tails[level]
	t.data = append(t.data, hash[:]...)
	t.dirty = true
	if len(t.data) < tileBytes {
		return nil
	}
	if err := a.store.WriteTile(ctx, level, t.index, t.data); err != nil {
		return fmt.Errorf("merkle: tile %d/%d: %w", level, t.index, err)
	}
	delete(a.read, place{level, t.index}) // it was read when it was shorter
	root := a.hash.fold(t.data)
	*t = tail{index: t.index + 1, data: t.data[:0]}
	return a.push(ctx, level+1, root)
}

// load fetches the unfinished tile of a level as it was before the batch.
func (a *appender) load(ctx context.Context, level int) (*tail, error) {
	hashes := a.size >> (TileHeight * level)
	t := &tail{index: hashes / TileWidth, data: make([]byte, 0, tileBytes)}
	used := int(hashes%TileWidth) * HashSize
	if used == 0 {
		return t, nil
	}
	stored, err := a.tile(ctx, level, t.index, used)
	if err != nil {
		return nil, err
	}
	t.data = append(t.data, stored[:used]...)
	return t, nil
}

func (a *appender) flush(ctx context.Context) error {
	for level, t := range a.tails {
		if t.dirty {
			if err := a.store.WriteTile(ctx, level, t.index, t.data); err != nil {
				return fmt.Errorf("merkle: tile %d/%d: %w", level, t.index, err)
			}
		}
		a.read[place{level, t.index}] = t.data // the root is computed from what was written
	}
	return nil
}

// view reads hashes of complete subtrees out of tiles, each tile once.
type view struct {
	hash  Hasher
	store Store
	read  map[place][]byte
}

// tile returns a tile of at least need bytes.
func (v *view) tile(ctx context.Context, level int, index int64, need int) ([]byte, error) {
	p := place{level, index}
	data, ok := v.read[p]
	if !ok {
		var err error
		if data, err = v.store.ReadTile(ctx, level, index); err != nil {
			return nil, fmt.Errorf("merkle: tile %d/%d: %w", level, index, err)
		}
		v.read[p] = data
	}
	if len(data) < need || len(data) > tileBytes {
		return nil, fmt.Errorf("%w: %d/%d has %d bytes of %d", ErrTile, level, index, len(data), need)
	}
	return data, nil
}

// subtree returns the hash of a complete subtree of 2^level leaves.
func (v *view) subtree(ctx context.Context, level int, index int64) (Hash, error) {
	width := int64(1) << (level % TileHeight)
	first := index * width
	from := int(first%TileWidth) * HashSize
	to := from + int(width)*HashSize
	data, err := v.tile(ctx, level/TileHeight, first/TileWidth, to)
	if err != nil {
		return Hash{}, err
	}
	return v.hash.fold(data[from:to]), nil
}

// root returns the hash over the leaves from lo to hi, lo being a multiple of
// the greatest power of two within hi−lo, as it is in RFC 6962.
func (v *view) root(ctx context.Context, lo, hi int64) (Hash, error) {
	var parts []Hash
	for lo < hi {
		level := bits.Len64(uint64(hi-lo)) - 1
		part, err := v.subtree(ctx, level, lo>>level)
		if err != nil {
			return Hash{}, err
		}
		parts = append(parts, part)
		lo += 1 << level
	}
	return v.hash.join(parts), nil
}

// fold returns the root over hashes that stand one after another; their number
// is a power of two.
func (h Hasher) fold(hashes []byte) Hash {
	if len(hashes) == HashSize {
		return Hash(hashes)
	}
	row := make([]byte, len(hashes)/2)
	var node [1 + 2*HashSize]byte
	node[0] = nodePrefix
	for from := hashes; ; from = row {
		half := len(from) / 2
		for i := 0; i < half; i += HashSize {
			copy(node[1:], from[2*i:])
			sum := h(node[:])
			copy(row[i:], sum[:])
		}
		if half == HashSize {
			return Hash(row[:HashSize])
		}
		row = row[:half]
	}
}
