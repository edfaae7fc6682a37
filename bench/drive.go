package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"time"
)

// figure is what came of driving one row.
type figure struct {
	rate     float64 // of whatever was driven, a second
	p50, p99 time.Duration
	n        int
	cpu      time.Duration // of the house, for each; 0 where it was not looked at
}

// deed is what a client does again and again; it is timed as a whole.
type deed func(worker, turn int) error

// drive lets clients do a deed one after the other for a time. Every one must
// succeed: a bench that counts errors measures nothing.
func drive(ctx context.Context, clients int, span time.Duration, do deed) (figure, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, span, nil)
	defer cancel()
	took := make([][]time.Duration, clients)
	failed := make([]error, clients)
	began := time.Now()
	var all sync.WaitGroup
	for w := range clients {
		all.Go(func() {
			for turn := 0; ctx.Err() == nil && failed[w] == nil; turn++ {
				start := time.Now()
				failed[w] = do(w, turn)
				took[w] = append(took[w], time.Since(start))
			}
		})
	}
	all.Wait()
	elapsed := time.Since(began)
	for _, err := range failed {
		if err != nil {
			return figure{}, err
		}
	}
	return sum(slices.Concat(took...), elapsed)
}

func sum(times []time.Duration, elapsed time.Duration) (figure, error) {
	if len(times) == 0 {
		return figure{}, fmt.Errorf("nothing was answered")
	}
	slices.Sort(times)
	return figure{rate: float64(len(times)) / elapsed.Seconds(), p50: times[len(times)/2], p99: times[len(times)*99/100], n: len(times)}, nil
}

// sending is the deed of sending a request and reading its answer.
func sending(client *http.Client, request func(worker, turn int) (*http.Request, error)) deed {
	return func(worker, turn int) error {
		req, err := request(worker, turn)
		if err != nil {
			return err
		}
		_, err = answer(client, req)
		return err
	}
}

// answer sends a request and returns the body of a success.
func answer(client *http.Client, req *http.Request) ([]byte, error) {
	resp, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close() // read to its end
	body, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode >= 300 {
		err = &refusal{resp.StatusCode, resp.Header.Get("Retry-After"), fmt.Sprintf("%s %s: %s: %.300s", req.Method, req.URL.Path, resp.Status, body)}
	}
	return body, err
}

// refusal is an answer that is no success.
type refusal struct {
	status int
	retry  string // the header Retry-After
	said   string
}

// Error returns what was asked and answered.
func (r *refusal) Error() string { return r.said }
