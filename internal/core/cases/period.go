package cases

import (
	"context"

	"github.com/oklog/ulid/v2"

	"yiwang/internal/base/sqldb"
)

// NewID returns an id for a case that comes now, by the clock of the store.
func (s *Store) NewID() string {
	return ulid.MustNew(uint64(s.DB.Now()), ulid.DefaultEntropy()).String()
}

// A period is some twelve days: a case's is the first characters of its id, a ULID, of
// which the other six of its time tell 2^30 milliseconds. What is found by a digest lies by
// the period first, so that rows that come together lie together, however many there are.
const (
	periodSize = 4
	periodTime = 1 << 30 // milliseconds
)

func periodOf(id string) string { return id[:min(len(id), periodSize)] }

// sameWordsPeriods is in how many periods, the one of a message with them, another that
// says the same words is looked for: a month or so. Later it is another event, or one that
// is known again by more than its words.
const sameWordsPeriods = 3

// periodsTo returns the period of a case and those before it in which somebody may have
// said the same words.
func periodsTo(id string) []string {
	periods := []string{periodOf(id)}
	at, err := ulid.ParseStrict(id)
	if err != nil {
		return periods
	}
	for ms := at.Time(); len(periods) < sameWordsPeriods && ms >= periodTime; {
		ms -= periodTime
		var before ulid.ULID
		if err := before.SetTime(ms); err != nil {
			break
		}
		periods = append(periods, periodOf(before.String()))
	}
	return periods
}

// reached begins a statement that looks into contact in each period there is.
const reached = `with recursive held (period) as (
	select (select substr(case_id, 1, 4) from contact order by 1 desc limit 1)
	union all select (select substr(case_id, 1, 4) from contact where substr(case_id, 1, 4) < held.period order by 1 desc limit 1)
	from held where held.period is not null
	) `

// byDigest returns the ids of the latest cases that are reached by a digest.
func (s *Store) byDigest(ctx context.Context, digest string, limit int) ([]string, error) {
	return sqldb.Select[string](ctx, s.DB.Read(), reached+`select k.case_id from held cross join contact k
		where substr(k.case_id, 1, 4) = held.period and k.digest = ? order by k.case_id desc limit ?`, digest, limit)
}
