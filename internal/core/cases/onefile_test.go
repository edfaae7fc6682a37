package cases_test

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	packs "yiwang/city"
	"yiwang/internal/core/cases"
	"yiwang/internal/core/cases/casestest"
	"yiwang/internal/core/city"
	"yiwang/internal/core/org"
)

// parkCard is a service item that the city does not have.
const parkCard = `code: park-card
title: 老年人公园年卡
base: "4401999010"
number: "440199901000001"
type: public
level: district
unit: chengguan
basis: [演示区公园管理办法第九条]
for: [person]
themes: [elderly]
asked: [老人逛公园的年卡怎么办]
channels: [pc, mobile]
depth: full
legal: {days: 20}
promised: {days: 3}
conditions: [年满六十周岁]
materials:
  - {code: identity, title: 身份证明, item: person.idnumber}
result: {title: 公园年卡, voucher: park_card}
ask: 0755-00001024
complain: "12345"
lifecycle: permit
rule_sets: [permit]
natures: [申请]
results: [granted, denied]
fields:
  - {code: name, title: 姓名, type: text, required: true, personal: true, from: person.name}
  - {code: park, title: 公园, type: choice, required: true, options: [{code: east, title: 东公园}, {code: west, title: 西公园}]}
certificates:
  - code: park_card
    title: 公园年卡
    type: 11440000DEM000001W801
    issuer: 11440399DEM000017D
    valid: 1y
    holder: {name: name}
    fields: [{code: name, title: 姓名}, {code: park, title: 公园}]
`

// A new item goes from nothing to a signed certificate by one file of at most a hundred
// lines: form, clocks with its own limits, decision and certificate.
func TestOneFileIsAService(t *testing.T) {
	if n := strings.Count(parkCard, "\n"); n > 100 {
		t.Fatalf("the file has %d lines", n)
	}
	pack := fstest.MapFS{"service/park-card.yaml": {Data: []byte(parkCard)}}
	demo, err := fs.Sub(packs.Demo(), "demo")
	if err != nil {
		t.Fatal(err)
	}
	err = fs.WalkDir(demo, ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		b, err := fs.ReadFile(demo, name)
		pack[name] = &fstest.MapFile{Data: b}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	c, findings := city.Load(pack)
	if c == nil || len(findings) > 0 {
		t.Fatalf("findings: %v", findings)
	}
	casestest.RunOn(t, c, func(t *testing.T, h *casestest.House) {
		clerk, head := h.Staff(t, "shoufa"), h.Staff(t, "fuze")
		filed, err := h.Store.File(t.Context(), cases.Filing{
			Family: "park-card", Channel: "web", Actor: org.Appellant(), Matter: "park-card", Unit: clerk.Unit, Nature: "申请",
			Fields: in{"name": "张三丰", "park": "west"},
		})
		if err != nil {
			t.Fatal(err)
		}
		s := &story{t: t, h: h, id: filed.ID}
		s.is("applied").act(clerk, "accept", nil).is("accepted")
		limits := map[string]string{}
		view, err := h.Store.Open(t.Context(), clerk, s.id, "")
		if err != nil {
			t.Fatal(err)
		}
		for _, k := range view.Clocks {
			limits[k.Code] = k.Limit.String()
		}
		if limits["decide"] != "20d" || limits["promise"] != "3d" {
			t.Errorf("clocks with the limits %v", limits)
		}
		s.act(head, "grant", in{"opinion": "同意"}).act(clerk, "issue", nil).is("issued")
		held, err := h.Store.Certificates.ByCase(t.Context(), h.DB.Read(), s.id)
		if err != nil || len(held) != 1 {
			t.Fatalf("%d certificates, %v", len(held), err)
		}
		said := ""
		for _, l := range held[0].Lines {
			said += l.Title + l.Value + " "
		}
		if held[0].Kind != "park_card" || said != "姓名张三丰 公园西公园 " {
			t.Errorf("%s says %q", held[0].Kind, said)
		}
		s.verified()
	})
}
