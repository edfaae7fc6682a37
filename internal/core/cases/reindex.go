package cases

import (
	"context"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/sqldb"
)

// Reindex makes the full-text index anew from the messages themselves, and returns
// how many are in it. What was erased is not in it.
func (s *Store) Reindex(ctx context.Context) (n int, err error) {
	defer errs.Wrap(&err, "cases.Reindex")
	last := ""
	for {
		ids, err := sqldb.Select[string](ctx, s.DB.Read(), `select id from cases where id > ? order by id limit 500`, last)
		if err != nil || len(ids) == 0 {
			return n, err
		}
		put := 0
		err = s.DB.Write(ctx, func(tx *sqldb.Tx) error {
			put = 0
			for _, id := range ids {
				b, err := s.filedBodyIn(ctx, tx, id)
				if err != nil {
					return err
				}
				if b == nil {
					if err := dropWords(ctx, tx, id); err != nil {
						return err
					}
					continue
				}
				if err := putWords(ctx, tx, id, s.blind.said(b)); err != nil {
					return err
				}
				put++
			}
			return nil
		})
		if err != nil {
			return n, err
		}
		n += put
		last = ids[len(ids)-1]
	}
}
