package main

import (
	"bufio"
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
	"strings"
	"time"
)

// house is a Yiwang that the bench has started for itself.
type house struct {
	base   string
	key    string // of a machine that files and reads
	client *http.Client
	cmd    *exec.Cmd
	data   string
}

var listening = regexp.MustCompile(`http://127\.0\.0\.1:\d+`)

// start runs the program on a fresh directory and gets itself a key.
func start(ctx context.Context, bin, db string) (*house, error) {
	data, err := os.MkdirTemp("", "yiwang-bench-")
	if err != nil {
		return nil, err
	}
	args := []string{"serve", "--data", data, "--addr", "127.0.0.1:0"}
	if db != "" {
		args = append(args, "--db", db)
	}
	h := &house{data: data, cmd: exec.CommandContext(ctx, bin, args...)}
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	h.client = &http.Client{Jar: jar, Timeout: 30 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 256}}
	h.cmd.Cancel = func() error { return h.cmd.Process.Signal(os.Interrupt) }
	out, err := h.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
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
	if err := h.getKey(); err != nil {
		return nil, errors.Join(err, h.stop())
	}
	return h, nil
}

func (h *house) stop() error {
	_ = h.cmd.Process.Signal(os.Interrupt) // Wait tells whether it ended
	err := h.cmd.Wait()
	return errors.Join(err, os.RemoveAll(h.data))
}

// getKey signs in as the demo's administrator and makes a machine key.
func (h *house) getKey() error {
	var demo struct {
		Accounts []struct{ Login, Role, Password string }
	}
	if err := h.call(http.MethodGet, "/api/demo", nil, &demo); err != nil {
		return err
	}
	for _, a := range demo.Accounts {
		if a.Role != "admin" {
			continue
		}
		if err := h.call(http.MethodPost, "/api/session", map[string]string{"login": a.Login, "password": a.Password}, nil); err != nil {
			return err
		}
		var key struct{ Key string }
		err := h.call(http.MethodPost, "/api/admin/keys",
			map[string]any{"name": "bench", "channel": "hotline", "unit": "centre", "roles": []string{"counter"}}, &key)
		h.key = key.Key
		h.client.Jar = nil
		return err
	}
	return errors.New("the demo has no administrator")
}

func (h *house) call(method, path string, body, into any) error {
	req, err := post(h.base+path, h.key, body)
	if err != nil {
		return err
	}
	req.Method = method
	if method == http.MethodGet {
		req.Body, req.ContentLength = nil, 0
	}
	resp, err := h.client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close() // read to its end
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if resp.StatusCode >= 300 {
		return fmt.Errorf("%s: %s: %s", path, resp.Status, raw)
	}
	if into == nil {
		return nil
	}
	return json.Unmarshal(raw, into)
}

// appeal returns requests that each file another synthetic appeal.
func (h *house) appeal(series string) func(worker, turn int) (*http.Request, error) {
	streets := strings.Fields("香蜜湖街道 莲花街道 南园街道 沙头街道 梅林街道 福田街道")
	troubles := strings.Fields("夜间施工噪声 路灯不亮 垃圾没有清运 电梯故障 占道经营 自来水发黄 违法搭建 乱停车")
	return func(worker, turn int) (*http.Request, error) {
		n := worker*1_000_003 + turn
		trouble := troubles[n%len(troubles)]
		return post(h.base+"/api/cases", h.key, map[string]any{
			"family": "appeal", "channel": "hotline", "external_id": fmt.Sprintf("%s-%d-%d", series, worker, turn),
			"title":  trouble,
			"text":   fmt.Sprintf("%s第%d号附近%s，已经%d天了，找过物业没有用，请尽快派人处理。", streets[n%len(streets)], n, trouble, 1+n%30),
			"fields": map[string]any{"name": "张三", "phone": fmt.Sprintf("138%08d", n%100_000_000)},
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

// get returns requests for one page.
func (h *house) get(path string) func(worker, turn int) (*http.Request, error) {
	return func(int, int) (*http.Request, error) {
		req, err := http.NewRequest(http.MethodGet, h.base+path, nil)
		if err == nil {
			req.Header.Set("Authorization", "Bearer "+h.key)
		}
		return req, err
	}
}
