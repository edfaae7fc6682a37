package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// cluster is a PostgreSQL of the trials' own, which waits for the disk as one in
// earnest does.
type cluster struct {
	dir  string
	addr string
}

// start starts it, again and again where what was killed still lets go.
func (c *cluster) start(ctx context.Context) error {
	var last error
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(200 * time.Millisecond) {
		cmd := exec.CommandContext(ctx, "script/postgres", "start", c.dir)
		cmd.Env = append(os.Environ(), "DURABLE=1")
		out, err := cmd.Output()
		if err == nil {
			u, err := url.Parse(strings.TrimSpace(string(out)))
			if err != nil {
				return err
			}
			c.addr = u.Host
			return nil
		}
		last = err
		if exit, ok := errors.AsType[*exec.ExitError](err); ok {
			last = fmt.Errorf("%w: %s", err, exit.Stderr)
		}
		if ctx.Err() != nil {
			break
		}
	}
	return last
}

func (c *cluster) stop() error { return exec.Command("script/postgres", "stop", c.dir).Run() }

// kill ends the server's first process without a word; the others end by it.
func (c *cluster) kill() error {
	raw, err := os.ReadFile(filepath.Join(c.dir, "data", "postmaster.pid"))
	if err != nil {
		return err
	}
	first, _, _ := strings.Cut(string(raw), "\n")
	pid, err := strconv.Atoi(first)
	if err != nil {
		return err
	}
	return syscall.Kill(pid, syscall.SIGKILL)
}

// at returns the URL of the database by an address, its own or that of a wire to it.
func at(addr string) string { return "postgres://postgres@" + addr + "/postgres?sslmode=disable" }
