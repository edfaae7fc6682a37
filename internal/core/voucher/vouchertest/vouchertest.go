package vouchertest

import (
	"bytes"
	"context"
	"math/rand/v2"
	"time"

	"yiwang/internal/base/gm"
	"yiwang/internal/core/voucher"
)

// Issued is when the certificates are issued.
var Issued = time.Date(2026, 11, 23, 10, 0, 0, 0, time.FixedZone("CST", 8*3600))

// Stall is their kind.
var Stall = &voucher.Kind{Code: "stall", Title: "设摊许可证", Type: "11100000000013338W001", Issuer: "11430000006122244L"}

// Certificate signs by a new key the 8th certificate of its kind, good for a year, and a
// list in which it has a state, its neighbours being revoked and suspended.
func Certificate(ctx context.Context, suite gm.Suite, state voucher.State) (voucher.File, gm.Ring, error) {
	key, err := gm.GenerateKey(suite)
	if err != nil {
		return voucher.File{}, gm.Ring{}, err
	}
	list, index := voucher.ListOf(Stall.Code, 7)
	s, err := voucher.Draft{
		Kind: Stall, Serial: "202600000008", Issuer: "chengguan", IssuerName: "综合行政执法局", Holder: "王五", HolderNumber: "11010519491231002X",
		Lines: []voucher.Line{{Code: "name", Title: "经营者", Value: "王五"}, {Code: "place", Title: "地点", Value: "农林路口"}},
		At:    Issued.UnixMilli(), Until: voucher.Span{Years: 1}.End(Issued), List: list, Index: index,
	}.Statement()
	if err != nil {
		return voucher.File{}, gm.Ring{}, err
	}
	doc, err := voucher.Issue(ctx, key, s)
	if err != nil {
		return voucher.File{}, gm.Ring{}, err
	}
	states := map[int]voucher.State{6: voucher.Revoked, 7: state, 8: voucher.Suspended}
	if state == voucher.Valid {
		delete(states, 7)
	}
	signed, err := voucher.SignList(ctx, key, "chengguan", voucher.NewList(list, 9, states), Issued)
	return voucher.File{Voucher: doc, List: signed}, gm.NewRing(key.Verifier()), err
}

// Mutate returns a voucher with a bit or a digit changed, a piece lost or doubled, the
// signature of another one, or another one by a key of the inventor's.
func Mutate(r *rand.Rand, doc, other []byte) []byte {
	m := bytes.Clone(doc)
	i, j := r.IntN(len(m)), r.IntN(len(m))
	i, j = min(i, j), max(i, j)
	switch r.IntN(6) {
	case 0:
		m[i] ^= 1 << r.IntN(8)
	case 1:
		m[i] = byte('0' + r.IntN(10))
	case 2:
		return append(m[:i], m[j:]...)
	case 3:
		return append(m[:j:j], m[i:]...)
	case 4: // an old text under a new signature, and the other way round
		at := bytes.Index(m, []byte(`"sig":`))
		from := bytes.Index(other, []byte(`"sig":`))
		return append(m[:at:at], other[from:]...)
	case 5:
		return other
	}
	return m
}
