package cli

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"yiwang/internal/base/gm"
	"yiwang/internal/core/voucher"
)

// A bank checks a permit on a machine without a network: what it is told of a
// genuine one, of one that was changed, forged, too old or revoked.
func TestVerifyVoucherOffline(t *testing.T) {
	key, err := gm.GenerateKey(gm.SM)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	kind := &voucher.Kind{Code: "stall", Title: "设摊许可证", Type: "11100000000013338W001", Issuer: "11430000006122244L"}
	list, index := voucher.ListOf("stall", 0)
	st, err := voucher.Draft{Kind: kind, Serial: "202600000001", Issuer: "chengguan", IssuerName: "执法队", Holder: "王五",
		Lines: []voucher.Line{{Code: "place", Title: "地点", Value: "农林路口"}},
		At:    now.UnixMilli(), Until: now.AddDate(0, 3, 0).UnixMilli(), List: list, Index: index}.Statement()
	if err != nil {
		t.Fatal(err)
	}
	genuine := signed(t, key, st)
	stranger, err := gm.GenerateKey(gm.SM)
	if err != nil {
		t.Fatal(err)
	}
	states := func(s voucher.State) []byte {
		b, err := voucher.SignList(context.Background(), key, "chengguan", voucher.NewList(list, 1, map[int]voucher.State{0: s}), now)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	public, err := gm.EncodePublic(key.Verifier())
	if err != nil {
		t.Fatal(err)
	}
	keyFile := write(t, "key.pem", public)
	for _, c := range []struct {
		name  string
		file  []byte
		list  voucher.State
		at    time.Time
		fault voucher.Fault
		says  string
	}{
		{"genuine", genuine, voucher.Valid, now, "", ""},
		{"changed", bytes.Replace(genuine, []byte("农林路口"), []byte("深南大道"), 1), voucher.Valid, now, voucher.Altered, "与签名不符"},
		{"forged", signed(t, stranger, st), voucher.Valid, now, voucher.Forged, "不是由本平台签发"},
		{"too old", genuine, voucher.Valid, now.AddDate(0, 4, 0), voucher.Expired, "过了有效期"},
		{"revoked", genuine, voucher.Revoked, now, voucher.Ended, "已被吊销"},
		{"suspended", genuine, voucher.Suspended, now, voucher.Ended, "已被暂扣"},
		{"list too old", genuine, voucher.Valid, now.Add(time.Hour), "", "取最新的状态清单"},
		{"no voucher", []byte("你好"), voucher.Valid, now, voucher.Malformed, "不是一份完整的凭证"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got checkedVoucher
			status := run(t, &got, "verify-voucher", write(t, "file", c.file), "--key", keyFile,
				"--status", write(t, "list", states(c.list)), "--at", c.at.Format(time.RFC3339))
			good := c.says == ""
			if got.OK != good || (status == 0) != good || got.Fault != c.fault || !strings.Contains(got.Says, c.says) {
				t.Errorf("status %d, %+v", status, got)
			}
		})
	}
}

func signed(t *testing.T, key gm.Signer, st voucher.Statement) []byte {
	t.Helper()
	doc, err := voucher.Issue(context.Background(), key, st)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}
