package main

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"net/http"
	"sync"
	"time"
)

// wire is a transport that writes a request and reads its answer in the goroutine that
// asks. What net/http's own takes for its two goroutines a connection is taken from the
// house, which runs on the same processors: the clients of a city have their own.
type wire struct {
	mu   sync.Mutex
	idle []*line
}

// line is a connection; one that no request is on rests since a time.
type line struct {
	net.Conn
	r     *bufio.Reader
	w     *bufio.Writer
	since time.Time
}

const (
	// lineTime is the most that a request may take.
	lineTime = 30 * time.Second
	// lineRest is for how long a connection is kept: the house closes those that rest.
	lineRest = 20 * time.Second
)

// RoundTrip sends a request and reads the whole of its answer.
func (t *wire) RoundTrip(req *http.Request) (*http.Response, error) {
	l, err := t.take(req)
	if err != nil {
		return nil, err
	}
	resp, err := l.exchange(req)
	if err != nil || resp.Close {
		_ = l.Close() // nothing is written to it any more
		return resp, err
	}
	l.since = time.Now()
	t.mu.Lock()
	defer t.mu.Unlock()
	t.idle = append(t.idle, l)
	return resp, nil
}

// take returns the connection that rested least, or a new one.
func (t *wire) take(req *http.Request) (*line, error) {
	t.mu.Lock()
	var l *line
	if n := len(t.idle); n > 0 {
		l, t.idle = t.idle[n-1], t.idle[:n-1]
	}
	t.mu.Unlock()
	if l != nil && time.Since(l.since) < lineRest {
		return l, nil
	}
	if l != nil {
		_ = l.Close() // nothing is on it
		t.CloseIdleConnections()
	}
	conn, err := (&net.Dialer{Timeout: lineTime}).DialContext(req.Context(), "tcp", req.URL.Host)
	if err != nil {
		return nil, err
	}
	return &line{Conn: conn, r: bufio.NewReader(conn), w: bufio.NewWriter(conn)}, nil
}

func (l *line) exchange(req *http.Request) (*http.Response, error) {
	until := time.Now().Add(lineTime)
	if end, ok := req.Context().Deadline(); ok && end.Before(until) {
		until = end
	}
	if err := l.SetDeadline(until); err != nil {
		return nil, err
	}
	if err := req.Write(l.w); err != nil {
		return nil, err
	}
	if err := l.w.Flush(); err != nil {
		return nil, err
	}
	resp, err := http.ReadResponse(l.r, req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close() // its end was read, or the connection is closed
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return resp, nil
}

// CloseIdleConnections closes the connections that no request is on.
func (t *wire) CloseIdleConnections() {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, l := range t.idle {
		_ = l.Close() // nothing is on it
	}
	t.idle = nil
}
