package voucher

import (
	"bytes"
	"compress/flate"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/gm"
)

const (
	// listKind is the kind of statement that a status list is.
	listKind = "status_list"
	// ListSize is how many certificates one list speaks of: at half a byte each a
	// list stays within a voucher however many of them were revoked.
	ListSize = 1 << 16
	// ListLife is for how long a signed list may be relied on, and so how long a
	// revocation may take to be known everywhere.
	ListLife = time.Minute
)

// ListOf returns the status list and the place in it of the n-th certificate of a
// kind, counted from 0.
func ListOf(kind string, n int64) (string, int) {
	return fmt.Sprintf("%s-%d", kind, n/ListSize), int(n % ListSize)
}

// List is a status list: the state of each certificate whose place is in it.
// Whoever reads it learns nothing about which one is being checked.
type List struct {
	ID     string
	At     int64 // when it was true, UTC milliseconds
	Until  int64
	states []byte // half a byte each, 0 where nothing was issued
}

// NewList returns a list of n certificates of which all are valid but those given.
func NewList(id string, n int, others map[int]State) List {
	l := List{ID: id, states: make([]byte, (n+1)/2)}
	for i := range n {
		state := Valid
		if other, ok := others[i]; ok {
			state = other
		}
		l.states[i/2] |= byte(state.number()&15) << (4 * (i & 1))
	}
	return l
}

// State returns the state at a place; false where the list does not reach it.
func (l List) State(i int) (State, bool) {
	if i < 0 || i/2 >= len(l.states) {
		return "", false
	}
	n := int(l.states[i/2]>>(4*(i&1))) & 15
	return stateOf(n), n != 0
}

// SignList signs a list as it is now.
func SignList(ctx context.Context, key gm.Signer, issuer string, l List, now time.Time) ([]byte, error) {
	var packed bytes.Buffer
	w, err := flate.NewWriter(&packed, flate.BestSpeed)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(l.states); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return Issue(ctx, key, Statement{
		ID: l.ID, Kind: listKind, Issuer: issuer, IssuedAt: now.UnixMilli(), ValidUntil: now.Add(ListLife).UnixMilli(),
		Fields: map[string]any{"states": base64.RawURLEncoding.EncodeToString(packed.Bytes()), "bits": 4},
	})
}

// ReadList checks a signed list and returns it. A list whose time is over is
// returned with its error: it still says what was so at its time. Errors: those of
// Verify; Invalid "voucher.malformed" for a voucher that is no list.
func ReadList(signed []byte, keys gm.Ring, at time.Time) (List, error) {
	s, err := Verify(signed, keys, at)
	if err != nil && FaultOf(err) != Expired {
		return List{}, err
	}
	packed, _ := s.Fields["states"].(string)
	raw, failed := base64.RawURLEncoding.DecodeString(packed)
	if failed != nil || s.Kind != listKind {
		return List{}, errs.E(errs.Invalid, "voucher.malformed", nil).Because(failed)
	}
	states, failed := io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(raw)), ListSize))
	if failed != nil {
		return List{}, errs.E(errs.Invalid, "voucher.malformed", nil).Because(failed)
	}
	return List{ID: s.ID, At: s.IssuedAt, Until: s.ValidUntil, states: states}, err
}

// integer reads a whole number of a statement's fields, -1 where there is none.
func integer(v any) int {
	switch n := v.(type) {
	case int64:
		return int(n)
	case int:
		return n
	case json.Number:
		if i, err := n.Int64(); err == nil {
			return int(i)
		}
	}
	return -1
}
