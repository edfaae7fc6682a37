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
	rate     float64 // answers a second
	p50, p99 time.Duration
}

// drive lets clients send one request after the other for a time. Every answer
// must be a success: a bench that counts errors measures nothing.
func drive(ctx context.Context, client *http.Client, clients int, span time.Duration, send func(worker, turn int) (*http.Request, error)) (figure, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, span, nil)
	defer cancel()
	took := make([][]time.Duration, clients)
	failed := make([]error, clients)
	began := time.Now()
	var all sync.WaitGroup
	for w := range clients {
		all.Go(func() {
			for turn := 0; ctx.Err() == nil && failed[w] == nil; turn++ {
				req, err := send(w, turn)
				if err == nil {
					var d time.Duration
					d, err = once(client, req)
					took[w] = append(took[w], d)
				}
				failed[w] = err
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
	times := slices.Concat(took...)
	slices.Sort(times)
	if len(times) == 0 {
		return figure{}, fmt.Errorf("no request was answered")
	}
	return figure{float64(len(times)) / elapsed.Seconds(), times[len(times)/2], times[len(times)*99/100]}, nil
}

func once(client *http.Client, req *http.Request) (time.Duration, error) {
	began := time.Now()
	resp, err := client.Do(req)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close() // read to its end
	body, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode >= 300 {
		err = fmt.Errorf("%s %s: %s: %.300s", req.Method, req.URL.Path, resp.Status, body)
	}
	return time.Since(began), err
}
