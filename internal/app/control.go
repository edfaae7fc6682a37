package app

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"sync"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/text"
	"yiwang/internal/core/cases"
	"yiwang/internal/work/intake"
)

// The control socket lies in the data directory, for its owner only. Commands
// that find the directory in use work through it.

// control serves the socket until ctx ends.
func (a *App) control(ctx context.Context) error {
	path := a.dir.file(controlFile)
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	l, err := socket(path)
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /import", a.serveImport)
	mux.HandleFunc("POST /verify", a.serveVerify)
	mux.HandleFunc("POST /backup", a.serveBackup)
	mux.HandleFunc("POST /models", a.serveModels)
	mux.HandleFunc("POST /exchange", a.serveExchange)
	mux.HandleFunc("GET /exchange", a.serveExport)
	mux.HandleFunc("GET /profile", a.serveProfile)
	srv := &http.Server{Handler: mux, ErrorLog: slog.NewLogLogger(a.Logger.Handler(), slog.LevelWarn), BaseContext: func(net.Listener) context.Context { return ctx }}
	stop := context.AfterFunc(ctx, func() { _ = srv.Close() }) // the process is ending
	defer stop()
	if err := srv.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// socket listens on a path; one that is too long for a socket address is reached
// through its directory.
func socket(path string) (net.Listener, error) {
	l, err := net.Listen("unix", short(path))
	if err != nil {
		return nil, errs.E(errs.Unavailable, "app.control", nil).Because(err)
	}
	return l, os.Chmod(path, 0o600)
}

// short returns the path relative to the working directory where that is shorter:
// socket addresses are limited to about a hundred bytes.
func short(path string) string {
	wd, err := os.Getwd()
	if err != nil {
		return path
	}
	if rel, err := filepath.Rel(wd, path); err == nil && len(rel) < len(path) {
		return rel
	}
	return path
}

// line is one message of the server to the command, one of its members set.
type line struct {
	Reject *intake.Reject `json:"reject,omitempty"`
	Tally  *intake.Tally  `json:"tally,omitempty"`
	Done   *intake.Tally  `json:"done,omitempty"`
	Error  string         `json:"error,omitempty"`
}

func (a *App) serveImport(w http.ResponseWriter, r *http.Request) {
	// The file still streams in while the answer streams out.
	_ = http.NewResponseController(w).EnableFullDuplex() // HTTP/1 over a socket can
	var mu sync.Mutex
	enc := json.NewEncoder(w)
	send := func(l line) {
		mu.Lock()
		defer mu.Unlock()
		_ = enc.Encode(l) // a command that went away ends the import by its body
		if f, ok := w.(http.Flusher); ok {
			f.Flush()
		}
	}
	q := r.URL.Query()
	imp := intake.Import{Channel: q.Get("channel"), Family: q.Get("family"), History: q.Get("history") == "1", Lang: text.Lang(q.Get("lang"))}
	imp.Reject = func(x intake.Reject) { send(line{Reject: &x}) }
	imp.Progress = func(t intake.Tally) { a.pace.Served(); send(line{Tally: &t}) }
	t, err := a.importHere(r.Context(), r.Body, imp)
	if err != nil {
		send(line{Error: text.Error(text.English, err)})
		return
	}
	send(line{Done: &t})
}

func (a *App) serveVerify(w http.ResponseWriter, r *http.Request) {
	note, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	var v cases.Verdict
	if err == nil {
		v, err = a.Cases.Verify(r.Context(), note, nil)
	}
	if err != nil {
		http.Error(w, text.Error(text.English, err), http.StatusInternalServerError)
		return
	}
	_ = json.NewEncoder(w).Encode(v) // the command sees a cut answer
}

// remote returns a client for the server that owns a data directory.
func remote(data string) *http.Client {
	path := short(filepath.Join(data, controlFile))
	return &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "unix", path)
	}}}
}

var errRemote = errs.E(errs.Unavailable, "app.remote", nil)

func remoteImport(ctx context.Context, data string, in io.Reader, imp intake.Import) (t intake.Tally, err error) {
	q := url.Values{"channel": {imp.Channel}, "family": {imp.Family}, "lang": {string(imp.Lang)}}
	if imp.History {
		q.Set("history", "1")
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://control/import?"+q.Encode(), in)
	if err != nil {
		return t, err
	}
	resp, err := remote(data).Do(req)
	if err != nil {
		return t, errRemote.Because(err)
	}
	defer resp.Body.Close() // read to its end or given up
	r := bufio.NewReader(resp.Body)
	dec := json.NewDecoder(r)
	for {
		var l line
		if err := dec.Decode(&l); err != nil {
			return t, errRemote.Because(err)
		}
		switch {
		case l.Reject != nil:
			imp.Reject(*l.Reject)
		case l.Tally != nil:
			imp.Progress(*l.Tally)
		case l.Done != nil:
			return *l.Done, nil
		default:
			return t, errs.E(errs.Invalid, "app.refused", errs.Args{"why": l.Error})
		}
	}
}

func remoteVerify(ctx context.Context, data string, note []byte) (v cases.Verdict, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://control/verify", bytes.NewReader(note))
	if err != nil {
		return v, err
	}
	resp, err := remote(data).Do(req)
	if err != nil {
		return v, errRemote.Because(err)
	}
	defer resp.Body.Close() // read to its end below
	if resp.StatusCode != http.StatusOK {
		return v, errRemote
	}
	return v, json.NewDecoder(resp.Body).Decode(&v)
}
