package sqldb

import (
	"container/list"
	"context"
	"database/sql"
	"sync"
)

// preparer is a pool or a connection.
type preparer interface {
	PrepareContext(ctx context.Context, query string) (*sql.Stmt, error)
}

// statements keeps the most recently used prepared statements of a pool or a
// connection. SQLite compiles a statement anew on each use otherwise, which
// costs as much as running it.
type statements struct {
	on    preparer
	limit int

	mu     sync.Mutex
	byText map[string]*list.Element
	recent *list.List // of *prepared, the latest in front
}

type prepared struct {
	text string
	stmt *sql.Stmt
	uses int  // calls in flight
	gone bool // dropped from the cache: the last user closes it
}

func newStatements(on preparer, limit int) *statements {
	return &statements{on: on, limit: limit, byText: map[string]*list.Element{}, recent: list.New()}
}

// use returns the statement for a query; release must be called once it was run
// (rows may still be read afterwards).
func (s *statements) use(ctx context.Context, query string) (_ *prepared, err error) {
	s.mu.Lock()
	if e, ok := s.byText[query]; ok {
		p := e.Value.(*prepared)
		p.uses++
		s.recent.MoveToFront(e)
		s.mu.Unlock()
		return p, nil
	}
	s.mu.Unlock()
	// Compiled outside the lock. Two that compile the same text at once is a
	// waste that ends by itself: the later one takes the place of the earlier.
	stmt, err := s.on.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if e, ok := s.byText[query]; ok {
		s.drop(e)
	}
	p := &prepared{text: query, stmt: stmt, uses: 1}
	s.byText[query] = s.recent.PushFront(p)
	if s.recent.Len() > s.limit {
		s.drop(s.recent.Back())
	}
	return p, nil
}

func (s *statements) release(p *prepared) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p.uses--
	if p.gone && p.uses == 0 {
		_ = p.stmt.Close() // nothing is lost: it is not used again
	}
}

// drop takes a statement out of the cache; the caller holds the lock.
func (s *statements) drop(e *list.Element) {
	p := e.Value.(*prepared)
	s.recent.Remove(e)
	delete(s.byText, p.text)
	p.gone = true
	if p.uses == 0 {
		_ = p.stmt.Close()
	}
}
