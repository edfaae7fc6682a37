package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/png"
	"io"
	"math/rand/v2"
	"mime/multipart"
	"net/http"
	"strings"
	"time"
)

// throughProxy is what a proxy may spoil: a page, what only the collector may see, a
// large upload, and a feed that stays open.
func throughProxy(t *town, _ int) (int, error) {
	c := &http.Client{Transport: t.site.through(), Timeout: patience}
	for path, want := range map[string]int{"/healthz": http.StatusOK, "/": http.StatusOK, "/desk/": http.StatusOK, "/metrics": http.StatusNotFound} {
		resp, err := c.Get(t.site.public() + path)
		if err != nil {
			return 0, err
		}
		_, err = io.Copy(io.Discard, resp.Body)
		_ = resp.Body.Close() // read to its end
		if err != nil || resp.StatusCode != want || resp.ProtoMajor != 2 {
			return 0, fmt.Errorf("%s: %s %s, want %d: %w", path, resp.Proto, resp.Status, want, err)
		}
	}
	if err := t.upload(c); err != nil {
		return 0, fmt.Errorf("upload: %w", err)
	}
	if err := t.live(); err != nil {
		return 0, fmt.Errorf("live: %w", err)
	}
	return 1, nil
}

// request asks with the clients' key and returns the answer, which has to be good.
func (t *town) request(c *http.Client, method, url, kind string, body io.Reader) ([]byte, error) {
	req, err := http.NewRequestWithContext(t.ctx, method, url, body)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+t.key)
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	resp, err := c.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close() // read to its end
	answer, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode >= 300 {
		err = fmt.Errorf("%s: %s: %.200s", url, resp.Status, answer)
	}
	return answer, err
}

// upload hands over a photo by the proxy and reads it back from each node.
func (t *town) upload(c *http.Client) error {
	picture := image.NewNRGBA(image.Rect(0, 0, 2400, 1900))
	noise := rand.NewChaCha8([32]byte{1})
	_, _ = noise.Read(picture.Pix) // noise cannot be made small
	var photo, form bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.NoCompression}).Encode(&photo, picture); err != nil {
		return err
	}
	w := multipart.NewWriter(&form)
	part, err := w.CreateFormFile("file", "photo.png")
	if err != nil {
		return err
	}
	if _, err := part.Write(photo.Bytes()); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	answer, err := t.request(c, http.MethodPost, t.site.public()+"/api/attachments", w.FormDataContentType(), &form)
	if err != nil {
		return err
	}
	var file struct{ ID string }
	if err := json.Unmarshal(answer, &file); err != nil {
		return err
	}
	var first [sha256.Size]byte
	for slot, h := range t.houses {
		got, err := t.request(&http.Client{Timeout: patience}, http.MethodGet, "http://"+h.addr+"/api/attachments/"+file.ID, "", nil)
		if err != nil {
			return err
		}
		if len(got) < photo.Len()/2 {
			return fmt.Errorf("of %d bytes node %d gives %d", photo.Len(), slot, len(got))
		}
		if sum := sha256.Sum256(got); slot == 0 {
			first = sum
		} else if sum != first {
			return errors.New("the nodes give different files")
		}
	}
	return nil
}

// live listens for longer than a proxy keeps what is silent, then files a case and
// waits to hear of it.
func (t *town) live() error {
	ctx, stop := context.WithTimeout(t.ctx, 2*time.Minute)
	defer stop()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, t.site.public()+"/api/live", nil)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+t.key)
	resp, err := (&http.Client{Transport: t.site.through()}).Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close() // it has no end
	heard := make(chan string, 100)
	go func() {
		defer close(heard)
		for lines := bufio.NewScanner(resp.Body); lines.Scan(); {
			heard <- lines.Text()
		}
	}()
	wait := time.After(65 * time.Second)
	for waiting := true; waiting; {
		select {
		case line, ok := <-heard:
			if !ok {
				return fmt.Errorf("the feed ended while nothing happened: %s", resp.Status)
			}
			_ = line // hello, and a sign of life now and then
		case <-wait:
			waiting = false
		}
	}
	began := time.Now()
	if _, err := t.request(&http.Client{Transport: t.site.through()}, http.MethodPost, t.site.public()+"/api/cases", "application/json",
		strings.NewReader(`{"family":"appeal","channel":"hotline","external_id":"live","title":"路灯不亮","text":"滨河路路灯不亮，请派人处理。","fields":{"name":"张三","phone":"13800000000"}}`)); err != nil {
		return err
	}
	t.ledger.mu.Lock()
	t.ledger.sent["live"] = true
	t.ledger.mu.Unlock()
	for line := range heard {
		if line == "event: change" {
			t.note("a change was seen through the proxy after", time.Since(began))
			return nil
		}
	}
	return errors.New("the change was not heard")
}
