package api

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
)

// Who comes while too many are at work is asked to come again, and the next one is
// let in.
func TestCrowd(t *testing.T) {
	s := &server{origin: http.NewCrossOriginProtection(), counted: newRequestCounts(), Deps: Deps{Logger: slog.New(slog.DiscardHandler)}}
	h := s.outer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }))
	try := func() *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/api/cases", nil))
		return w
	}
	s.inside.Store(mostInside)
	if w := try(); w.Code != http.StatusTooManyRequests || w.Header().Get("Retry-After") == "" {
		t.Errorf("in a crowd: %d %v", w.Code, w.Header())
	}
	s.inside.Store(0)
	if w := try(); w.Code != http.StatusNoContent || s.inside.Load() != 0 {
		t.Errorf("afterwards: %d, %d inside", w.Code, s.inside.Load())
	}
}
