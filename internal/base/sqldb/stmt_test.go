package sqldb

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
)

// Under a cache that is far too small, statements in use are not closed under
// their users, and none stays behind.
func TestStatementsAreDroppedInUse(t *testing.T) {
	db, err := sql.Open("sqlite", sqliteDSN(filepath.Join(t.TempDir(), "a.db"), nil))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	cache := newStatements(db, 2)
	var wg sync.WaitGroup
	for worker := range 4 {
		wg.Go(func() {
			for i := range 200 {
				p, err := cache.use(t.Context(), fmt.Sprintf("select %d", (i+worker)%5))
				if err != nil {
					t.Error(err)
					return
				}
				rows, err := p.stmt.QueryContext(t.Context())
				cache.release(p)
				if err != nil {
					t.Error(err)
					return
				}
				n := -1
				for rows.Next() {
					err = rows.Scan(&n)
				}
				if err != nil || rows.Err() != nil || n != (i+worker)%5 {
					t.Errorf("select %d = %d, %v, %v", (i+worker)%5, n, err, rows.Err())
				}
			}
		})
	}
	wg.Wait()
	if cache.recent.Len() > 2 || len(cache.byText) != cache.recent.Len() {
		t.Errorf("%d statements kept, %d by text", cache.recent.Len(), len(cache.byText))
	}
}
