package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/cookiejar"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// place is where a house keeps what it holds: a data directory and a database,
// "" for SQLite inside the directory.
type place struct{ data, db string }

func (p place) args(more ...string) []string {
	args := append(more, "--data", p.data)
	if p.db != "" {
		args = append(args, "--db", p.db)
	}
	return args
}

// house is a Yiwang that the bench has started for itself.
type house struct {
	place
	base    string
	key     string // of a machine that files and reads
	client  *http.Client
	admin   *http.Client // signed in as the demo's administrator
	cmd     *exec.Cmd
	started time.Duration // from the start of the process to the first answer
}

var listening = regexp.MustCompile(`http://127\.0\.0\.1:\d+`)

// unmeasured lets one account and one key do what a city's do together: the bench measures
// the house, not its limits of single callers.
const unmeasured = "1000000"

// start runs the program at a place and gets itself a key.
func start(ctx context.Context, bin string, at place) (*house, error) {
	h := &house{place: at, cmd: exec.CommandContext(ctx, bin, at.args("serve", "--addr", "127.0.0.1:0", "--rate-staff", unmeasured, "--rate-key", unmeasured, "--rate-address", unmeasured)...)}
	h.client = &http.Client{Transport: &wire{}}
	h.cmd.Cancel = func() error { return h.cmd.Process.Signal(os.Interrupt) }
	out, err := h.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	began := time.Now()
	if err := h.cmd.Start(); err != nil {
		return nil, err
	}
	lines := bufio.NewReader(out)
	for h.base == "" {
		line, err := lines.ReadString('\n')
		if err != nil {
			return nil, errors.Join(fmt.Errorf("%s did not start: %w", bin, err), h.stop())
		}
		h.base = listening.FindString(line)
	}
	go func() { _, _ = io.Copy(io.Discard, lines) }() // it prints nothing more that matters
	for {
		req, err := http.NewRequest(http.MethodGet, h.base+"/healthz", nil)
		if err != nil {
			return nil, errors.Join(err, h.stop())
		}
		if _, err = answer(h.client, req); err == nil {
			break
		}
		if time.Since(began) > time.Minute {
			return nil, errors.Join(err, h.stop())
		}
	}
	h.started = time.Since(began)
	if err := h.signIn(); err != nil {
		return nil, errors.Join(err, h.stop())
	}
	h.key, err = h.makeKey("bench", "centre", "counter")
	if err != nil {
		return nil, errors.Join(err, h.stop())
	}
	return h, nil
}

func (h *house) stop() error {
	_ = h.cmd.Process.Signal(os.Interrupt) // Wait tells whether it ended
	return h.cmd.Wait()
}

// still holds a house still while fn runs: what it has to do of itself does not disturb
// what is measured elsewhere.
func (h *house) still(fn func() error) error {
	if err := h.cmd.Process.Signal(syscall.SIGSTOP); err != nil {
		return err
	}
	return errors.Join(fn(), h.cmd.Process.Signal(syscall.SIGCONT))
}

// signIn signs in as the demo's administrator.
func (h *house) signIn() error {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return err
	}
	h.admin = &http.Client{Jar: jar, Timeout: 30 * time.Second}
	req, err := http.NewRequest(http.MethodGet, h.base+"/api/demo", nil)
	if err != nil {
		return err
	}
	raw, err := answer(h.admin, req)
	if err != nil {
		return err
	}
	var demo struct {
		Accounts []struct{ Login, Role, Password string }
	}
	if err := json.Unmarshal(raw, &demo); err != nil {
		return err
	}
	for _, a := range demo.Accounts {
		if a.Role != "admin" {
			continue
		}
		req, err := post(h.base+"/api/session", "", map[string]string{"login": a.Login, "password": a.Password})
		if err == nil {
			_, err = answer(h.admin, req)
		}
		return err
	}
	return errors.New("the demo has no administrator")
}

// memory returns what the process holds in memory, in MB.
func (h *house) memory() (float64, error) {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", h.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(raw)) {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kb, err := strconv.ParseFloat(strings.Fields(rest)[0], 64)
			return kb / 1024, err
		}
	}
	return 0, errors.New("the process does not say what memory it holds")
}

// burnt returns the processor time that the process has used.
func (h *house) burnt() (time.Duration, error) {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", h.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	// What stands in brackets is a name and may hold anything.
	words := strings.Fields(string(raw[bytes.LastIndexByte(raw, ')')+1:]))
	if len(words) < 13 {
		return 0, errors.New("the process does not say what it has used")
	}
	var ticks int64
	for _, w := range words[11:13] { // in user mode and in the kernel
		n, err := strconv.ParseInt(w, 10, 64)
		if err != nil {
			return 0, err
		}
		ticks += n
	}
	const tick = 10 * time.Millisecond // as Linux tells it on every machine
	return time.Duration(ticks) * tick, nil
}

// metric reads a figure that the house tells of itself.
func (h *house) metric(name string) (float64, error) {
	req, err := http.NewRequest(http.MethodGet, h.base+"/metrics", nil)
	if err != nil {
		return 0, err
	}
	raw, err := answer(h.client, req)
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(raw)) {
		if rest, ok := strings.CutPrefix(line, name+" "); ok {
			return strconv.ParseFloat(strings.TrimSpace(rest), 64)
		}
	}
	return 0, fmt.Errorf("the house does not tell %s", name)
}

var (
	streets  = strings.Fields("香蜜湖街道 莲花街道 南园街道 沙头街道 梅林街道 福田街道 园岭街道 华强北街道 福保街道 华富街道")
	troubles = strings.Fields("夜间施工噪声 路灯不亮 垃圾没有清运 电梯故障 占道经营 自来水发黄 违法搭建 乱停车 油烟扰民 井盖松动 树枝遮挡 拖欠工资")
)

// saying returns the n-th synthetic message.
func saying(n int) (title, text string) {
	trouble := troubles[n%len(troubles)]
	return trouble, fmt.Sprintf("%s第%d号附近%s，已经%d天了，找过物业没有用，请尽快派人处理。", streets[n/7%len(streets)], n, trouble, 1+n%30)
}

// appeal returns requests that each file another synthetic appeal.
func (h *house) appeal(series string) func(worker, turn int) (*http.Request, error) {
	return func(worker, turn int) (*http.Request, error) {
		n := worker*1_000_003 + turn
		title, text := saying(n)
		return post(h.base+"/api/cases", h.key, map[string]any{
			"family": "appeal", "channel": "hotline", "external_id": fmt.Sprintf("%s-%d-%d", series, worker, turn),
			"title": title, "text": text, "fields": map[string]any{"name": "张三", "phone": fmt.Sprintf("138%08d", n%100_000_000)},
		})
	}
}

// manyAddresses returns a client whose every connection comes from another
// loopback address, as citizens do: the site slows down whoever asks too often.
func manyAddresses() *http.Client {
	dial := func(ctx context.Context, network, address string) (net.Conn, error) {
		from := net.IPv4(127, byte(1+rand.IntN(200)), byte(rand.IntN(250)), byte(1+rand.IntN(250)))
		d := net.Dialer{LocalAddr: &net.TCPAddr{IP: from}}
		return d.DialContext(ctx, network, address)
	}
	return &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{DialContext: dial, DisableKeepAlives: true}}
}

// get returns requests for a page.
func (h *house) get(key string, path func(worker, turn int) string) func(worker, turn int) (*http.Request, error) {
	return func(worker, turn int) (*http.Request, error) {
		req, err := http.NewRequest(http.MethodGet, h.base+path(worker, turn), nil)
		if err == nil && key != "" {
			req.Header.Set("Authorization", "Bearer "+key)
		}
		return req, err
	}
}

// always is the path that is asked for again and again.
func always(path string) func(worker, turn int) string {
	return func(int, int) string { return path }
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
