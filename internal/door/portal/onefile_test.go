package portal_test

import (
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	packs "yiwang/city"
	"yiwang/internal/app"
)

// poolCard is all that is written for a service that the city did not have.
const poolCard = `code: pool-card
title: 社区泳池便民卡
base: "4401999020"
number: "440199902000001"
type: public
level: district
unit: chengguan
basis: [演示区社区泳池管理办法第九条]
for: [person]
themes: [culture]
asked: [社区游泳池的便民卡怎么办]
channels: [pc, mobile]
depth: full
legal: {days: 20}
promised: {days: 3}
conditions: [居住在本区]
materials:
  - {code: identity, title: 身份证明, item: person.idnumber}
result: {title: 社区泳池便民卡, voucher: pool_card}
ask: 0755-00001024
complain: "12345"
lifecycle: permit
rule_sets: [permit]
natures: [申请]
results: [granted, denied]
fields:
  - {code: name, title: 姓名, type: text, required: true, personal: true, from: person.name}
  - {code: pool, title: 泳池, type: choice, required: true, options: [{code: east, title: 东泳池}, {code: west, title: 西泳池}]}
certificates:
  - code: pool_card
    title: 社区泳池便民卡
    type: 11440000DEM000001W802
    issuer: 11440399DEM000017D
    valid: 1y
    holder: {name: name}
    fields: [{code: name, title: 姓名}, {code: pool, title: 泳池}]
`

// A service goes from nothing to live by one file of at most a hundred lines and a
// restart: its guide, its form, filled in from the register, its own limits and its
// certificate are there.
func TestOneFileIsLive(t *testing.T) {
	if n := strings.Count(poolCard, "\n"); n > 100 {
		t.Fatalf("the file has %d lines", n)
	}
	demo, err := fs.Sub(packs.Demo(), "demo")
	if err != nil {
		t.Fatal(err)
	}
	pack, data := filepath.Join(t.TempDir(), "pack"), t.TempDir()
	if err := os.CopyFS(pack, demo); err != nil {
		t.Fatal(err)
	}
	start := func() *browser {
		a, err := app.Open(t.Context(), app.Config{Data: data, City: pack, Logger: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		site, err := a.Handler(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		srv := httptest.NewServer(site)
		t.Cleanup(srv.Close)
		return &browser{t: t, site: srv.URL, house: &house{App: a}, client: &http.Client{Jar: newJar(t)}}
	}
	b := start()
	if b.get("/services/pool-card"); b.status != http.StatusNotFound {
		t.Fatalf("before there is a file: %d", b.status)
	}
	if err := b.house.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(pack, "service", "pool-card.yaml"), []byte(poolCard), 0o600); err != nil {
		t.Fatal(err)
	}
	b = start()
	defer func() { _ = b.house.Close() }()
	b.get("/services/pool-card").sees("社区泳池便民卡", "3 个工作日办结", "居住在本区")
	const path = "/services/pool-card/apply"
	b.signIn("演示居民", "900000198802140531")
	b.post(path, form("of", "person/PA5", "agreed", "yes", "_go", "next")).at(path+"/form").sees("已有，不用填", "演示居民").seesNot(`name="name"`)
	b.post(path+"/form", form("pool", "west", "_go", "next"))
	b.post(path+"/materials", form("_go", "next")).at(path + "/check").sees("西泳池")
	b.post(path+"/send", form()).at(path + "/sent")
	number, code := b.receipt()
	c := b.house.paper(t, number).Case
	var head string
	for _, s := range b.house.Staff.Directory().StaffOf(c.Unit) {
		if strings.Contains(strings.Join(s.Roles, " "), "head") {
			head = s.ID
		}
	}
	b.house.act(t, c.ID, head, "accept", nil)
	limits := map[string]string{}
	for _, k := range b.house.paper(t, number).Clocks {
		limits[k.Code] = k.Limit.String()
	}
	if limits["decide"] != "20d" || limits["promise"] != "3d" {
		t.Errorf("clocks with the limits %v", limits)
	}
	b.house.act(t, c.ID, head, "grant", map[string]any{"opinion": "同意"})
	b.house.act(t, c.ID, head, "issue", nil)
	if _, err := b.house.Cases.Sequence(t.Context(), "test"); err != nil {
		t.Fatal(err)
	}
	b.post("/track", form("number", number, "code", code)).at("/track").sees("已发证", "社区泳池便民卡")
	b.get(b.shown(certificateShown)).sees("演示居民", "西泳池", "亮码")
}
