package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"time"
)

// house is one running Yiwang.
type house struct {
	addr string
	cmd  *exec.Cmd
	gone chan struct{} // closed when the process has ended
	err  error         // of the process, once gone
	log  *tail
}

var listening = regexp.MustCompile(`http://(127\.\d+\.\d+\.\d+:\d+)`)

// patience bounds every wait for something that has to happen.
const patience = 60 * time.Second

// launch starts a program and waits until it listens. An error holds what it said.
func launch(ctx context.Context, bin string, args []string) (*house, error) {
	h := &house{cmd: exec.CommandContext(ctx, bin, args...), gone: make(chan struct{}), log: &tail{}}
	h.cmd.Stderr = h.log
	out, w := io.Pipe()
	h.cmd.Stdout = w
	if err := h.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		h.err = h.cmd.Wait()
		_ = w.Close() // the reader sees the end
		close(h.gone)
	}()
	lines := bufio.NewReader(out)
	for h.addr == "" {
		line, err := lines.ReadString('\n')
		if m := listening.FindStringSubmatch(line); m != nil {
			h.addr = m[1]
		}
		if err != nil && h.addr == "" {
			<-h.gone
			return nil, fmt.Errorf("%s did not start: %w: %s", filepath.Base(bin), h.err, h.log)
		}
	}
	go func() { _, _ = io.Copy(io.Discard, lines) }() // it prints nothing more that matters
	return h, nil
}

func (h *house) alive() bool {
	select {
	case <-h.gone:
		return false
	default:
		return true
	}
}

func (h *house) signal(s os.Signal) { _ = h.cmd.Process.Signal(s) } // gone says whether it ended

// kill ends the process without a word. What it has written stays with the kernel, which
// a loss of power takes as well: that the disk has it too is not tried by this.
func (h *house) kill() {
	h.signal(syscall.SIGKILL)
	<-h.gone
}

// stop asks the process to end and waits.
func (h *house) stop() error {
	h.signal(syscall.SIGTERM)
	select {
	case <-h.gone:
		return h.err
	case <-time.After(patience):
		h.kill()
		return errors.New("it did not end when asked")
	}
}

// tail keeps the end of what a process says.
type tail struct{ b []byte }

func (t *tail) Write(p []byte) (int, error) {
	t.b = append(t.b, p...)
	if len(t.b) > 8<<10 {
		t.b = bytes.Clone(t.b[len(t.b)-4<<10:])
	}
	return len(p), nil
}

func (t *tail) String() string { return strings.TrimSpace(string(t.b)) }

// newKey signs in as the demo's administrator and makes a key for the clients.
func newKey(base string, through *http.Transport) (string, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return "", err
	}
	client := &http.Client{Jar: jar, Timeout: patience, Transport: through}
	call := func(method, path string, body, into any) error {
		raw, err := json.Marshal(body)
		if err != nil {
			return err
		}
		req, err := http.NewRequest(method, base+path, bytes.NewReader(raw))
		if err != nil {
			return err
		}
		req.Header.Set("Content-Type", "application/json")
		resp, err := client.Do(req)
		if err != nil {
			return err
		}
		defer resp.Body.Close() // read to its end
		raw, err = io.ReadAll(resp.Body)
		if err == nil && resp.StatusCode >= 300 {
			err = fmt.Errorf("%s: %s: %.300s", path, resp.Status, raw)
		}
		if err != nil || into == nil {
			return err
		}
		return json.Unmarshal(raw, into)
	}
	var demo struct {
		Accounts []struct{ Login, Role, Password string }
	}
	if err := call(http.MethodGet, "/api/demo", nil, &demo); err != nil {
		return "", err
	}
	for _, a := range demo.Accounts {
		if a.Role != "admin" {
			continue
		}
		if err := call(http.MethodPost, "/api/session", map[string]string{"login": a.Login, "password": a.Password}, nil); err != nil {
			return "", err
		}
		var key struct{ Key string }
		err := call(http.MethodPost, "/api/admin/keys",
			map[string]any{"name": "faults", "channel": channel, "unit": "centre", "roles": []string{"counter", "dispatcher"}}, &key)
		return key.Key, err
	}
	return "", errors.New("the demo has no administrator")
}
