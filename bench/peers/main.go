package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"time"
)

// headers are given as NAME: VALUE, any number of times.
type headers []string

// String returns them as they were given.
func (h *headers) String() string { return strings.Join(*h, ", ") }

// Set adds one.
func (h *headers) Set(s string) error {
	*h = append(*h, s)
	return nil
}

// target is where and how a ticket is opened.
type target struct {
	url, body string // {n} stands for a number in the body
	headers   headers
	client    *http.Client
}

func main() {
	var t target
	name := flag.String("name", "", "what the row is called")
	flag.StringVar(&t.url, "url", "", "where a ticket is posted")
	flag.StringVar(&t.body, "body", "", "JSON of a ticket; {n} becomes another number each time")
	flag.Var(&t.headers, "header", "a header of the request, NAME: VALUE")
	clients := flag.Int("clients", 8, "how many post at once")
	span := flag.Duration("for", 20*time.Second, "how long")
	flag.Parse()
	t.client = &http.Client{Timeout: time.Minute, Transport: &http.Transport{MaxIdleConnsPerHost: *clients}}
	fmt.Println(t.drive(*name, *clients, *span))
}

// drive posts for a time and returns the row. Unlike the bench it counts what was
// refused instead of ending: that is part of what a peer does.
func (t *target) drive(name string, clients int, span time.Duration) string {
	ctx, cancel := context.WithTimeout(context.Background(), span)
	defer cancel()
	took := make([][]time.Duration, clients)
	refused := make([]int, clients)
	began := time.Now()
	var all sync.WaitGroup
	for w := range clients {
		all.Go(func() {
			for i := 0; ctx.Err() == nil; i++ {
				start := time.Now()
				if err := t.post(w*1_000_003 + i); err != nil {
					if refused[w]++; refused[w] == 1 {
						fmt.Fprintln(os.Stderr, name+":", err)
					}
					continue
				}
				took[w] = append(took[w], time.Since(start))
			}
		})
	}
	all.Wait()
	elapsed := time.Since(began).Seconds()
	times := slices.Sorted(slices.Values(slices.Concat(took...)))
	failed := 0
	for _, n := range refused {
		failed += n
	}
	if len(times) == 0 {
		return fmt.Sprintf("| %s | %d | 0/s | – | – | %d |", name, clients, failed)
	}
	round := func(d time.Duration) time.Duration { return d.Round(100 * time.Microsecond) }
	return fmt.Sprintf("| %s | %d | %.1f/s | %s | %s | %d |", name, clients, float64(len(times))/elapsed,
		round(times[len(times)/2]), round(times[len(times)*99/100]), failed)
}

func (t *target) post(n int) error {
	req, err := http.NewRequest(http.MethodPost, t.url, strings.NewReader(strings.ReplaceAll(t.body, "{n}", fmt.Sprint(n))))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	for _, h := range t.headers {
		name, value, _ := strings.Cut(h, ": ")
		req.Header.Set(name, value)
	}
	resp, err := t.client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close() // read to its end
	body, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode >= 300 {
		err = fmt.Errorf("%s: %.200s", resp.Status, body)
	}
	return err
}
