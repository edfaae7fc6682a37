package api

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/sqldb"
)

// requestCounts are the figures of this door for Prometheus.
type requestCounts struct {
	registry *prometheus.Registry
	seconds  *prometheus.HistogramVec
}

func newRequestCounts() *requestCounts {
	c := &requestCounts{registry: prometheus.NewRegistry(), seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "yiwang_http_request_seconds", Help: "Time to answer a request, by route and status.",
		Buckets: []float64{.002, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10},
	}, []string{"route", "status"})}
	c.registry.MustRegister(c.seconds, collectors.NewGoCollector())
	return c
}

func (c *requestCounts) add(route string, status int, took time.Duration) {
	c.seconds.WithLabelValues(route, strconv.Itoa(status)).Observe(took.Seconds())
}

// health says whether the house can answer: its database does.
func (s *server) health(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 3*time.Second)
	defer cancel()
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	if _, err := sqldb.Get[int](ctx, s.DB.Read(), `select 1`); err != nil {
		s.Logger.WarnContext(r.Context(), "not healthy", "error", err)
		w.WriteHeader(http.StatusServiceUnavailable)
		fmt.Fprintln(w, "database")
		return
	}
	fmt.Fprintln(w, "ok")
}

// metrics are for this machine's own collector and for administrators.
func (s *server) metrics(w http.ResponseWriter, r *http.Request) {
	if !isLoopback(r) {
		if err := s.admit(r.Context(), r.Header.Get, administrator); err != nil {
			s.writeProblem(w, r, errs.E(errs.NotFound, "api.no_route", nil))
			return
		}
	}
	all := prometheus.Gatherers{s.counted.registry}
	if s.Metrics != nil {
		all = append(all, s.Metrics)
	}
	promhttp.HandlerFor(all, promhttp.HandlerOpts{}).ServeHTTP(w, r)
}
