package cases

import (
	"context"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/merkle"
	"yiwang/internal/base/sqldb"
)

// tiles keeps the tree's tiles in the database. What is written is held back until rows
// are asked for.
type tiles struct {
	q     sqldb.Querier
	edge  *edge // what is known of the tree as it is, nil for nothing
	wrote map[tileAt][]byte
}

// tileAt is where a tile lies.
type tileAt struct {
	level int
	index int64
}

// edge is the unfinished tiles of the tree as it was at a size: all that appending to it
// reads. It never changes.
type edge struct {
	size  int64
	tiles map[tileAt][]byte
}

// at returns the edge where it is that of a size.
func (e *edge) at(size int64) *edge {
	if e == nil || e.size != size {
		return nil
	}
	return e
}

// ReadTile returns a tile, nothing if it was never written.
func (t tiles) ReadTile(ctx context.Context, level int, index int64) ([]byte, error) {
	if t.edge != nil {
		if b, ok := t.edge.tiles[tileAt{level, index}]; ok {
			return b, nil
		}
	}
	var b []byte
	err := t.q.QueryRow(ctx, `select hashes from tile where level = ? and idx = ?`, level, index).Scan(&b)
	if errs.Is(err, errs.NotFound) {
		return nil, nil
	}
	return b, err
}

// WriteTile puts a tile.
func (t tiles) WriteTile(_ context.Context, level int, index int64, data []byte) error {
	if t.wrote == nil {
		return errs.E(errs.Internal, "errs.internal", nil)
	}
	t.wrote[tileAt{level, index}] = append([]byte(nil), data...)
	return nil
}

// rows returns what was written.
func (t tiles) rows() (all []statement) {
	for at, data := range t.wrote {
		all = append(all, statement{`insert into tile (level, idx, hashes) values (?, ?, ?)
			on conflict (level, idx) do update set hashes = excluded.hashes`, []any{at.level, at.index, data}})
	}
	return all
}

// next returns the edge of the tree as it has become.
func (t tiles) next(size int64) *edge {
	e := &edge{size: size, tiles: map[tileAt][]byte{}}
	keep := func(from map[tileAt][]byte) {
		for at, data := range from {
			if at.index == size>>(merkle.TileHeight*at.level)/merkle.TileWidth {
				e.tiles[at] = data
			}
		}
	}
	if t.edge != nil {
		keep(t.edge.tiles)
	}
	keep(t.wrote)
	return e
}
