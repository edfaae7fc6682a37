package view

import (
	"context"
	"time"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/sqldb"
	"yiwang/internal/base/text"
	"yiwang/internal/core/org"
)

// Unwanted is how often units handed a matter back or on.
type Unwanted struct {
	Matter       string `db:"matter"`
	Received     int64  `db:"received"`
	Returned     int64  `db:"returned"`
	Redispatched int64  `db:"redispatched"`
	Open         int64  `db:"open_now"` // cases that are returned or disputed now
}

// Unwanted returns the matters of the last days that were handed back or on, the
// most often first: the chronic orphans whose clause in the duty list does not
// hold. It is of the whole city. Error: Forbidden for who does not see all of it.
func (v *View) Unwanted(ctx context.Context, by org.Actor, days int) (_ []Unwanted, err error) {
	defer errs.Wrap(&err, "view.Unwanted(%d)", days)
	if !v.Units().ScopeOf(by).All {
		return nil, errs.E(errs.Forbidden, "errs.forbidden", nil)
	}
	from := time.UnixMilli(v.DB.Now()).In(text.CST).AddDate(0, 0, 1-days).Format(time.DateOnly)
	return sqldb.Select[Unwanted](ctx, v.DB.Behind(), `select f.matter,
			sum(case when f.measure like 'received@%' then f.n else 0 end) as received,
			sum(case when f.measure like 'returned@%' then f.n else 0 end) as returned,
			sum(case when f.measure like 'redispatched@%' then f.n else 0 end) as redispatched,
			coalesce(max(o.n), 0) as open_now
		from figure f left join (select matter, count(*) as n from cases where closed = 0 and lane in ('return', 'rule') group by matter) o on o.matter = f.matter
		where f.day >= ? and f.matter <> '' and (f.measure like 'received@%' or f.measure like 'returned@%' or f.measure like 'redispatched@%')
		group by f.matter having sum(case when f.measure like 'received@%' then 0 else f.n end) > 0
		order by returned desc, redispatched desc, f.matter limit 50`, from)
}
