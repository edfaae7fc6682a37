package main

import (
	"errors"
	"fmt"
	"time"
)

// standbyHangs lets the standby that commits wait for fall silent with its connections
// open: commits wait until they are told to wait for the other.
func standbyHangs(t *town, times int) (int, error) {
	return upset(t, times, "sync_standby", (*member).freeze, func(m *member) error { m.thaw(); return nil })
}

// leaderCutOff cuts the leader off from what the servers agree by and from the other
// Patronis, while its clients and standbys still reach it: it must step down before
// another leads.
func leaderCutOff(t *town, times int) (int, error) {
	cut := func(m *member) error {
		m.alone(true)
		return t.site.replaced(m, longest)
	}
	return upset(t, times, "leader", cut, func(m *member) error { m.alone(false); return nil })
}

// storeAway takes etcd away under load. With failsafe_mode the leader goes on as long as
// all other members agree.
func storeAway(t *town, times int) (int, error) {
	return withoutStore(t, times, 30*time.Second, time.Minute, func() (func(), error) { return func() {}, nil })
}

// storeAndStandbyAway takes one member with it, so that the leader cannot know whether it
// was replaced: writes are refused until etcd is back.
func storeAndStandbyAway(t *town, times int) (int, error) {
	return withoutStore(t, times, 44*time.Second, 46*time.Second, func() (func(), error) {
		m := t.site.as("replica")
		if m == nil {
			return nil, errors.New("nobody is a replica")
		}
		return m.thaw, m.freeze()
	})
}

// withoutStore takes etcd away, by turns stopped and killed, and something else with it,
// and brings both back after a time.
func withoutStore(t *town, times int, least, most time.Duration, also func() (back func(), err error)) (int, error) {
	t.work()
	for n := range times {
		if err := t.ledger.waitWrites(t.ctx, 100); err != nil {
			return n, err
		}
		t.ledger.felt()
		back, err := also()
		if err != nil {
			return n, err
		}
		before := t.ledger.writes()
		if err := t.site.withoutEtcd(n%2 == 1, func() { between(least, most) }); err != nil {
			return n, err
		}
		meanwhile := t.ledger.writes() - before
		back()
		if err := t.writesAgain(); err != nil {
			return n, err
		}
		if err := errors.Join(t.site.whole(longest), t.connect()); err != nil {
			return n, err
		}
		if err := t.lookIn(n); err != nil {
			return n, err
		}
		fmt.Fprintf(t.say, "    etcd away, time %d: %d writes meanwhile, %+v\n", n+1, meanwhile, t.outages[len(t.outages)-1])
	}
	return times, t.ledger.waitWrites(t.ctx, 20)
}
