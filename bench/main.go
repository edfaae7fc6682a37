package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"runtime"
	"strings"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	bin := flag.String("bin", "bin/yiwang", "the program to measure")
	pg := flag.String("db", "", "also measure on this PostgreSQL database (postgres://…, empty and disposable)")
	span := flag.Duration("for", 8*time.Second, "how long each row is driven")
	out := flag.String("out", "docs/benchmarks.md", "where the table is written; empty writes none")
	flag.Parse()
	if err := run(ctx, *bin, *pg, *out, *span); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// row is one line of the table.
type row struct {
	what    string
	clients int
	figures map[string]figure // by engine
}

func run(ctx context.Context, bin, pg, out string, span time.Duration) error {
	engines := []string{"SQLite"}
	if pg != "" {
		engines = append(engines, "PostgreSQL")
	}
	rows := []row{
		{what: "appeals created a second, read and dispatched by machine", clients: 1},
		{what: "appeals created a second, read and dispatched by machine", clients: 8},
		{what: "appeals created a second, read and dispatched by machine", clients: 64},
		{what: "lists of 50 cases a second", clients: 8},
		{what: "citizens' home pages a second, each by a new connection", clients: 8},
	}
	for i := range rows {
		rows[i].figures = map[string]figure{}
	}
	for _, engine := range engines {
		db := ""
		if engine == "PostgreSQL" {
			db = pg
		}
		if err := measure(ctx, bin, db, engine, rows, span); err != nil {
			return fmt.Errorf("%s: %w", engine, err)
		}
	}
	table := render(engines, rows)
	fmt.Print(table)
	if out == "" {
		return nil
	}
	return os.WriteFile(out, []byte(page(table)), 0o644)
}

// measure starts a house and drives every row against it.
func measure(ctx context.Context, bin, db, engine string, rows []row, span time.Duration) (err error) {
	h, err := start(ctx, bin, db)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.stop()) }()
	n := 0
	for i := range rows {
		r := &rows[i]
		var send func(worker, turn int) (*http.Request, error)
		client := h.client
		switch {
		case strings.HasPrefix(r.what, "appeals"):
			n++
			send = h.appeal(fmt.Sprintf("%d-%d", n, r.clients))
		case strings.HasPrefix(r.what, "lists"):
			send = h.get("/api/cases?limit=50&sort=filed")
		default:
			send, client = h.get("/"), manyAddresses()
		}
		f, err := drive(ctx, client, r.clients, span, send)
		if err != nil {
			return fmt.Errorf("%s, %d clients: %w", r.what, r.clients, err)
		}
		r.figures[engine] = f
		fmt.Fprintf(os.Stderr, "%s: %s, %d clients: %.0f/s, p50 %s, p99 %s\n", engine, r.what, r.clients, f.rate, f.p50, f.p99)
	}
	return nil
}

func render(engines []string, rows []row) string {
	var b strings.Builder
	b.WriteString("| what | clients |")
	for _, e := range engines {
		b.WriteString(" " + e + " | p50 | p99 |")
	}
	b.WriteString("\n|---|---:|" + strings.Repeat("---:|---:|---:|", len(engines)) + "\n")
	for _, r := range rows {
		fmt.Fprintf(&b, "| %s | %d |", r.what, r.clients)
		for _, e := range engines {
			f := r.figures[e]
			fmt.Fprintf(&b, " %.0f/s | %s | %s |", f.rate, f.p50.Round(100*time.Microsecond), f.p99.Round(100*time.Microsecond))
		}
		b.WriteString("\n")
	}
	return b.String()
}

func page(table string) string {
	return fmt.Sprintf(`# Benchmarks

Measured by `+"`make bench`"+` on %s: %d processors, %s/%s, %s. A client in its own process over
HTTP on loopback; commits are durable (SQLite `+"`synchronous=FULL`"+`, PostgreSQL defaults). Absolute
figures vary with the machine and with what else runs on it.

%s`, time.Now().Format(time.DateOnly), runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, runtime.Version(), table)
}

// post makes a request with a JSON body.
func post(url, key string, body any) (*http.Request, error) {
	raw, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequest(http.MethodPost, url, bytes.NewReader(raw))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	if key != "" {
		req.Header.Set("Authorization", "Bearer "+key)
	}
	return req, nil
}
