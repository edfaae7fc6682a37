package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"yiwang/bench/beside"
	"yiwang/internal/base/gm"
	"yiwang/internal/core/voucher"
	"yiwang/internal/core/voucher/vouchertest"
)

// mutants is how many spoilt certificates are checked.
const mutants = 100_000

// vouchers times the check of a certificate's file, and counts which of those pass that
// must not: mutants of it, and whole ones that are expired or revoked.
func vouchers(ctx context.Context) ([]beside.Line, error) {
	const what = "a certificate and the list of states in its file checked offline"
	var out []beside.Line
	passed, tried := 0, 0
	for _, suite := range []gm.Suite{gm.SM, gm.Intl} {
		f, ring, err := vouchertest.Certificate(ctx, suite, voucher.Valid)
		if err != nil {
			return nil, err
		}
		raw, err := f.Bytes()
		if err != nil {
			return nil, err
		}
		took, err := fastest(func() error {
			if !good(raw, ring, vouchertest.Issued) {
				return errors.New("a certificate that is right does not pass")
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		name := map[gm.Suite]string{gm.SM: "SM2, SM3", gm.Intl: "Ed25519, SHA-256"}[suite]
		out = append(out, beside.Line{What: what, Engine: "Yiwang, " + name, Figure: fmt.Sprintf("%.2f ms", took.Seconds()*1000), Wanted: "≤ 1 ms", Near: beside.AtMost(.001, took.Seconds())})
		p, n, err := spoilt(ctx, suite, f, ring)
		if err != nil {
			return nil, err
		}
		passed, tried = passed+p, tried+n
	}
	return append(out, beside.Line{What: "certificates forged, altered, expired or revoked that pass", Engine: "Yiwang", Figure: fmt.Sprintf("%d of %d", passed, tried), Wanted: "0 of 100000"}), nil
}

// good checks a file as whoever was handed it does.
func good(raw []byte, ring gm.Ring, at time.Time) bool {
	file, err := voucher.ParseFile(raw)
	if err != nil {
		return false
	}
	v, err := file.Check(ring, at)
	return err == nil && v.Good()
}

func spoilt(ctx context.Context, suite gm.Suite, f voucher.File, ring gm.Ring) (passed, tried int, err error) {
	other, _, err := vouchertest.Certificate(ctx, suite, voucher.Valid)
	if err != nil {
		return 0, 0, err
	}
	count := func(f voucher.File, ring gm.Ring, at time.Time) {
		raw, err := f.Bytes()
		if tried++; err == nil && good(raw, ring, at) {
			passed++
		}
	}
	count(f, ring, vouchertest.Issued.AddDate(2, 0, 0))
	for _, state := range []voucher.State{voucher.Revoked, voucher.Suspended} {
		ended, its, err := vouchertest.Certificate(ctx, suite, state)
		if err != nil {
			return 0, 0, err
		}
		count(ended, its, vouchertest.Issued)
	}
	r := rand.New(rand.NewPCG(36904, uint64(len(suite))))
	for n := mutants / 2; n > 0; {
		m := vouchertest.Mutate(r, f.Voucher, other.Voucher)
		if bytes.Equal(m, f.Voucher) {
			continue
		}
		n--
		count(voucher.File{Voucher: m, List: f.List}, ring, vouchertest.Issued)
	}
	return passed, tried, nil
}

// fastest does a deed for half a second in short rounds and returns the least mean time:
// what else the machine does only ever adds to it.
func fastest(do func() error) (time.Duration, error) {
	least := time.Duration(1<<63 - 1)
	for from := time.Now(); time.Since(from) < 500*time.Millisecond; {
		round := time.Now()
		for range 50 {
			if err := do(); err != nil {
				return 0, err
			}
		}
		least = min(least, time.Since(round)/50)
	}
	return least, nil
}
