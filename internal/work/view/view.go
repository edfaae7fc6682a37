package view

import (
	"log/slog"
	"sync/atomic"

	"yiwang/internal/base/sqldb"
	"yiwang/internal/core/cases"
	"yiwang/internal/core/city"
	"yiwang/internal/core/org"
)

// Deps is what views are taken of.
type Deps struct {
	DB     *sqldb.DB
	City   *city.City
	Units  func() *org.Directory
	Cases  *cases.Store
	Logger *slog.Logger
}

// View answers questions about many cases. It is safe for concurrent use.
type View struct {
	Deps
	lanes  map[string]bool // whether the cases of a lane are closed; absent where some are
	states map[string]bool // the same of a state
	folded atomic.Int64    // when this process last found the figures complete
	recent recent
}

// New returns the views of a city.
func New(d Deps) *View {
	if d.Logger == nil {
		d.Logger = slog.Default()
	}
	v := &View{Deps: d, lanes: map[string]bool{}, states: map[string]bool{}}
	mixed := map[string]bool{}
	learn := func(m map[string]bool, key string, closed bool) {
		if was, known := m[key]; known && was != closed {
			mixed[key] = true
		}
		m[key] = closed
	}
	for _, f := range d.City.Catalog.Families() {
		life := d.City.Catalog.Lifecycle(f.Lifecycle)
		if life == nil {
			continue
		}
		for _, st := range life.States {
			if st.Reserved == "" {
				learn(v.lanes, st.Lane, st.Closed)
				learn(v.states, st.Code, st.Closed)
			}
		}
	}
	for key := range mixed {
		delete(v.lanes, key)
		delete(v.states, key)
	}
	return v
}
