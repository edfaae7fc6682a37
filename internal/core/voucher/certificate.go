package voucher

import (
	"fmt"
	"slices"
	"time"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/idnumber"
	"yiwang/internal/base/text"
)

// State is what became of a certificate, by the codes of the electronic-certificate
// rules.
type State string

// The states. Only Valid lets a certificate count; Suspended may become valid again.
const (
	Valid     State = "01"
	Suspended State = "02" // 暂扣
	Rescinded State = "03" // 撤销: it should not have been issued
	Cancelled State = "04" // 注销: given up, or its holder is no more
	Lapsed    State = "05" // 失效
	Moved     State = "06" // 转出
	Revoked   State = "07" // 吊销: as a penalty
)

// stateNames are the words of the status effect, in the order of the codes.
var stateNames = []string{"valid", "suspended", "rescinded", "cancelled", "lapsed", "moved", "revoked"}

// ParseState returns the state that a word of a lifecycle means.
func ParseState(word string) (State, bool) {
	i := slices.Index(stateNames, word)
	return stateOf(i + 1), i >= 0
}

// Word returns the word of a state, which also names its text.
func (s State) Word() string {
	if i := s.number() - 1; i >= 0 && i < len(stateNames) {
		return stateNames[i]
	}
	return "unknown"
}

func (s State) number() int {
	if len(s) != 2 || s[0] != '0' {
		return 0
	}
	return int(s[1] - '0')
}

func stateOf(n int) State { return State(fmt.Sprintf("%02d", n)) }

// Final reports whether nothing leads out of a state.
func (s State) Final() bool { return s != Valid && s != Suspended }

// Line is one line of a certificate as its holder reads it.
type Line struct {
	Code  string
	Title string
	Value string
}

// Certificate is a statement that is an electronic certificate.
type Certificate struct {
	Statement
	Title        string
	Type         string // GB/T 36904
	IssuerName   string
	Holder       string
	HolderNumber string
	Lines        []Line
	List         string // status list, and the place in it
	Index        int
	Original     string // number of the certificate that this is an annotated copy of
}

// The members of a certificate's fields. The names of GB/T 36903 are those that its
// public implementations use.
const (
	metaMember  = "metadata"
	linesMember = "lines"
	listMember  = "status_list"
	indexMember = "status_index"
	copyMember  = "copy_of"
	proofMember = "copy_digest"
)

// Draft is what a certificate is made from.
type Draft struct {
	Kind         *Kind
	Serial       string
	Case, Matter string
	Subject      string // whom it is about in the registers; may be empty
	Issuer       string // unit code
	IssuerName   string
	Holder       string
	HolderNumber string
	Lines        []Line
	At           int64
	Until        int64 // exclusive; 0 for no end
	List         string
	Index        int
	Original     *Certificate // of a copy
	OriginalSum  string       // digest of the original's text
}

// Statement returns the statement that is to be signed. Errors: Invalid
// "voucher.identifier_form", "voucher.field_missing".
func (d Draft) Statement() (Statement, error) {
	n := Identifier{Type: d.Kind.Type, Issuer: d.Kind.Issuer, Serial: d.Serial, Version: "001"}
	if err := n.check(); err != nil {
		return Statement{}, err
	}
	lines := make([]any, len(d.Lines))
	for i, l := range d.Lines {
		if l.Value == "" {
			return Statement{}, errs.E(errs.Invalid, "voucher.field_missing", errs.Args{"field": l.Title}).At(l.Code)
		}
		lines[i] = map[string]any{"code": l.Code, "title": l.Title, "value": l.Value}
	}
	meta := map[string]any{
		"ZZMC": d.Kind.Title, "ZZLXDM": d.Kind.Type, "ZZBS": n.String(), "ZZBFJG": d.IssuerName, "ZZBFJGDM": d.Kind.Issuer,
		"ZZBFRQ": day(d.At),
	}
	if d.Until > 0 {
		meta["ZZYXQJZRQ"] = day(d.Until - 1)
	}
	if d.Holder != "" {
		meta["CZZT"] = d.Holder
	}
	if d.HolderNumber != "" {
		meta["CZZTDM"], meta["CZZTDMLXDM"] = d.HolderNumber, holderKind(d.HolderNumber)
	}
	fields := map[string]any{metaMember: meta, linesMember: lines, listMember: d.List, indexMember: int64(d.Index)}
	if d.Original != nil {
		fields[copyMember], fields[proofMember] = d.Original.ID, d.OriginalSum
	}
	return Statement{
		ID: n.String(), Kind: d.Kind.Code, Subject: d.Subject, Case: d.Case, Matter: d.Matter, Issuer: d.Issuer,
		IssuedAt: d.At, ValidUntil: d.Until, Fields: fields,
	}, nil
}

// holderKind tells an identity number (111) from a credit code (001), 999 for others.
func holderKind(number string) string {
	if _, err := idnumber.Citizen(number); err == nil {
		return "111"
	}
	if idnumber.Credit(number) == nil {
		return "001"
	}
	return "999"
}

func day(at int64) string { return time.UnixMilli(at).In(text.CST).Format("2006-01-02") }

// AsCertificate reads a statement as a certificate; false where it is none.
func AsCertificate(s Statement) (Certificate, bool) {
	c := Certificate{Statement: s}
	if _, err := ParseIdentifier(s.ID); err != nil {
		return c, false
	}
	meta, ok := s.Fields[metaMember].(map[string]any)
	lines, listed := s.Fields[linesMember].([]any)
	if !ok || !listed {
		return c, false
	}
	of := func(m map[string]any, name string) string { t, _ := m[name].(string); return t }
	c.Title, c.Type, c.IssuerName = of(meta, "ZZMC"), of(meta, "ZZLXDM"), of(meta, "ZZBFJG")
	c.Holder, c.HolderNumber = of(meta, "CZZT"), of(meta, "CZZTDM")
	for _, l := range lines {
		if m, ok := l.(map[string]any); ok {
			c.Lines = append(c.Lines, Line{of(m, "code"), of(m, "title"), of(m, "value")})
		}
	}
	c.List, c.Original = of(s.Fields, listMember), of(s.Fields, copyMember)
	c.Index = integer(s.Fields[indexMember])
	return c, true
}
