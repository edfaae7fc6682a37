package app

import (
	"compress/gzip"
	"context"
	"io"
	"net/http"
	"testing"
	"time"
)

// The owner of the data directory may ask on what the processors are spent, for a
// time that is bounded, and what memory is held for.
func TestProfile(t *testing.T) {
	dir := t.TempDir()
	a := open(t, dir)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- a.control(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
	ask := func(query string) *http.Response {
		for range 100 {
			if resp, err := remote(dir).Get("http://control/profile?" + query); err == nil {
				t.Cleanup(func() { _ = resp.Body.Close() })
				return resp
			}
			time.Sleep(20 * time.Millisecond) // it is being opened
		}
		t.Fatal("the socket does not answer")
		return nil
	}
	for _, bad := range []string{"", "seconds=0", "seconds=999", "seconds=x"} {
		if resp := ask(bad); resp.StatusCode != http.StatusBadRequest {
			t.Errorf("%q: status %d", bad, resp.StatusCode)
		}
	}
	for _, good := range []string{"seconds=1", "heap=1"} {
		zip, err := gzip.NewReader(ask(good).Body)
		if err != nil {
			t.Fatal(err)
		}
		if raw, err := io.ReadAll(zip); err != nil || len(raw) == 0 {
			t.Errorf("%s: %d bytes of a profile, %v", good, len(raw), err)
		}
	}
}
