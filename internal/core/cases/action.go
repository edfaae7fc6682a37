package cases

import (
	"bytes"
	"encoding/json"
	"fmt"
	"sort"
	"strings"
	"unicode/utf8"

	"yiwang/internal/core/clock"
)

// Header is the public part of an action: what happened, when, by whom, and
// every change it made to the state row. Its JSON bytes are what the log hashes;
// it holds nothing personal, so it never has to be erased.
type Header struct {
	V      int            `json:"v"`
	Case   string         `json:"case"`
	N      int            `json:"n"`    // ordinal in the case, from 1
	Kind   string         `json:"kind"` // code of the lifecycle's action, or "clock"
	At     int64          `json:"at"`   // UTC milliseconds
	By     string         `json:"by"`   // actor, e.g. "staff:li.na"
	Unit   string         `json:"unit,omitempty"`
	From   string         `json:"from,omitempty"`
	To     string         `json:"to,omitempty"`
	Set    map[string]any `json:"set,omitempty"`
	Input  map[string]any `json:"input,omitempty"` // what was entered, where it is not personal
	Clocks []clock.Op     `json:"clocks,omitempty"`
	Links  []LinkRef      `json:"links,omitempty"`
	Files  []FileRef      `json:"files,omitempty"`
	Proof  []string       `json:"proof,omitempty"` // digests of vouchers issued
	Body   string         `json:"body,omitempty"`  // salted digest of the sealed part
	Pack   string         `json:"pack,omitempty"`
}

// LinkRef ties the case to another.
type LinkRef struct {
	Kind   string `json:"kind"`
	Case   string `json:"case"`
	Reason string `json:"reason,omitempty"`
}

// FileRef names a file that came with an action, by the digest of its content.
type FileRef struct {
	ID     string `json:"id"`
	Digest string `json:"digest"`
}

// headerVersion is raised when the meaning of a header's members changes.
const headerVersion = 1

// bytes returns the exact bytes that are stored and hashed. Maps are written in
// the order of their keys and HTML is not escaped, so the bytes are canonical.
func (h *Header) bytes() ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(h); err != nil {
		return nil, err
	}
	return bytes.TrimRight(b.Bytes(), "\n"), nil
}

func parseHeader(b []byte) (*Header, error) {
	var h Header
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&h); err != nil {
		return nil, fmt.Errorf("cases: header: %w", err)
	}
	return &h, nil
}

// reread returns the header as it will be read back from its bytes: numbers are what
// JSON makes of them, and what is empty is not there.
func (h *Header) reread() (*Header, error) {
	out := *h
	var err error
	if out.Set, err = rereadMap(h.Set); err != nil {
		return nil, err
	}
	if out.Input, err = rereadMap(h.Input); err != nil {
		return nil, err
	}
	if len(h.Clocks) == 0 {
		out.Clocks = nil
	}
	if len(h.Links) == 0 {
		out.Links = nil
	}
	if len(h.Files) == 0 {
		out.Files = nil
	}
	if len(h.Proof) == 0 {
		out.Proof = nil
	}
	return &out, nil
}

func rereadMap(m map[string]any) (map[string]any, error) {
	if len(m) == 0 {
		return nil, nil
	}
	out := make(map[string]any, len(m))
	for k, v := range m {
		r, err := rereadValue(v)
		if err != nil {
			return nil, err
		}
		out[strings.ToValidUTF8(k, "\ufffd")] = r
	}
	return out, nil
}

// rereadValue returns a value as it comes out of JSON. The kinds that most values are
// of need not go through it.
func rereadValue(v any) (any, error) {
	switch v := v.(type) {
	case nil, bool, float64:
		return v, nil
	case string:
		if utf8.ValidString(v) {
			return v, nil
		}
	case int:
		return float64(v), nil
	case int64:
		return float64(v), nil
	}
	raw, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	var out any
	return out, json.Unmarshal(raw, &out)
}

// body is the personal part of an action: what people wrote, who they are.
type body map[string]any

func (b body) text(name string) string {
	s, _ := b[name].(string)
	return s
}

// fold applies an action to the state row and its clocks. It is the only way
// either changes, live and in Verify. A nil body is one that was erased.
func fold(c *Case, clocks []clock.Clock, h *Header, b body) ([]clock.Clock, error) {
	if h.N != int(c.Version)+1 {
		return nil, fmt.Errorf("cases: action %d follows action %d", h.N, c.Version)
	}
	if h.N == 1 {
		*c = Case{ID: h.Case, FiledAt: h.At, Pack: h.Pack, Counts: "{}", Data: "{}"}
	}
	names := make([]string, 0, len(h.Set))
	for name := range h.Set {
		names = append(names, name)
	}
	sort.Strings(names)
	wasClosed := c.Closed
	for _, name := range names {
		if err := c.set(name, h.Set[name]); err != nil {
			return nil, err
		}
	}
	c.foldBody(h, b)
	for _, l := range h.Links {
		if l.Kind == Repeats || l.Kind == Recurs {
			c.Repeats++
		}
	}
	clocks, err := clock.Apply(clocks, h.Clocks)
	if err != nil {
		return nil, err
	}
	c.foldClocks(clocks)
	if c.Closed != wasClosed {
		c.ClosedAt = 0
		if c.Closed == 1 {
			c.ClosedAt = h.At
		}
	}
	c.UpdatedAt = h.At
	c.Version = int64(h.N)
	return clocks, nil
}

// foldBody takes over what the state row shows of the personal part.
func (c *Case) foldBody(h *Header, b body) {
	if h.Kind == EraseKind {
		c.Title, c.Lng, c.Lat = "", 0, 0
	}
	if b == nil {
		return
	}
	if h.N == 1 {
		c.Title = headline(b.text("title"), b.text("text"))
	}
	lng, okLng := b["lng"].(float64)
	lat, okLat := b["lat"].(float64)
	if okLng && okLat {
		c.Lng, c.Lat = lng, lat
	}
}

func (c *Case) foldClocks(clocks []clock.Clock) {
	c.DueAt, c.DueClock, c.Late = 0, "", 0
	for i := range clocks {
		k := &clocks[i]
		if !k.Live() || k.Of == clock.Nobody {
			continue
		}
		if k.Breached {
			c.Late++
		}
		if k.State == clock.Paused {
			continue
		}
		if c.DueAt == 0 || k.DueAt < c.DueAt || (k.DueAt == c.DueAt && k.Name() < c.DueClock) {
			c.DueAt, c.DueClock = k.DueAt, k.Name()
		}
	}
}
