package cases

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"yiwang/internal/base/document"
	"yiwang/internal/base/errs"
	"yiwang/internal/base/text"
	"yiwang/internal/core/clock"
	"yiwang/internal/core/matter"
	"yiwang/internal/core/org"
)

// serial gives the action the next number of a series, which begins anew each year.
func (w *writing) serial(e *event, series string) error {
	n, err := w.nextOf(series + "/" + time.UnixMilli(w.tx.Now()).In(text.CST).Format("2006"))
	if err != nil {
		return err
	}
	e.set["data."+series] = n
	return nil
}

// nextOf returns the next number of a counter, from 1. The number belongs to this
// transaction: where it fails nothing is used up, so a series has no gaps.
// Whoever takes the next one waits until this transaction has ended.
func (w *writing) nextOf(counter string) (n int64, err error) {
	err = w.tx.QueryRow(w.ctx, `insert into number_block (day, next) values (?, 1)
		on conflict (day) do update set next = number_block.next + 1 returning next`, counter).Scan(&n)
	return n, err
}

// paperOf returns the paper that went out with an action, nil where there is none.
func (m *machine) paperOf(h *Header) *matter.Paper {
	a := m.actions[h.Kind]
	if a == nil || a.decl.Paper == nil {
		return nil
	}
	if p := a.decl.Paper; p.Serial == "" || h.Set["data."+p.Serial] != nil {
		return p
	}
	return nil
}

// PaperTitle returns the title of the paper that went out with an action of a
// family, "" where there is none.
func (s *Store) PaperTitle(family string, h *Header) string {
	if m := s.machines[family]; m != nil {
		if p := m.paperOf(h); p != nil {
			return p.Title
		}
	}
	return ""
}

// PaperFor returns the title of the paper that went out with an action to the
// appellant of a case, "" where there is none.
func (s *Store) PaperFor(family string, h *Header) string {
	if m := s.machines[family]; m != nil {
		if p := m.paperOf(h); p != nil && p.Citizen {
			return p.Title
		}
	}
	return ""
}

// Paper returns the paper that went out with the n-th action of a case, with
// personal values masked for everybody but the appellant, who may have only what is
// meant for them. Error: NotFound.
func (s *Store) Paper(ctx context.Context, by org.Actor, id string, n int) (d *document.Document, err error) {
	defer errs.Wrap(&err, "cases.Paper(%s, %d)", id, n)
	v, err := s.Open(ctx, by, id, "")
	if err != nil {
		return nil, err
	}
	at := slices.IndexFunc(v.Entries, func(e Entry) bool { return e.Header.N == n })
	m := s.machines[v.Case.Family]
	if at < 0 || m == nil {
		return nil, errs.E(errs.NotFound, "cases.no_paper", nil)
	}
	h := v.Entries[at].Header
	p := m.paperOf(h)
	if p == nil || by.Kind == org.IsCitizen && !p.Citizen {
		return nil, errs.E(errs.NotFound, "cases.no_paper", nil)
	}
	args := s.Told(&v, n, s.paperWords(&v, at, p))
	fill := func(t string) string { return text.Fill(t, args) }
	d = &document.Document{Lang: string(text.Chinese), Title: fill(p.Title), Head: fill(p.Head), Number: fill(p.Number), Made: time.UnixMilli(h.At), Size: 16}
	for line := range strings.SplitSeq(strings.TrimSpace(p.Text), "\n") {
		line = strings.TrimSpace(line)
		d.Parts = append(d.Parts, document.Paragraph{Text: fill(line), Indent: !strings.HasSuffix(line, "：")})
	}
	if p.Sign != "" {
		d.Parts = append(d.Parts, document.Paragraph{}, document.Paragraph{Text: fill(p.Sign) + "\n" + fill("{date}"), Align: document.Right})
	}
	return d, nil
}

// paperWords returns what the placeholders stand for that a notice gives, and
// those of papers.
func (s *Store) paperWords(v *View, at int, p *matter.Paper) errs.Args {
	h := v.Entries[at].Header
	day := time.UnixMilli(h.At).In(text.CST)
	args := errs.Args{"number": v.Case.Number, "year": day.Format("2006"), "date": day.Format("2006年1月2日"), "issuer": s.unitName(h.Unit),
		"matter": "", "serial": "", "filed": time.UnixMilli(v.Case.FiledAt).In(text.CST).Format("2006年1月2日")}
	for _, e := range v.Entries[:at+1] {
		if unit, ok := e.Header.Set["unit"].(string); ok {
			args["unit"] = unit
		}
	}
	if h.Unit == "" { // the machine acts in the name of the centre
		args["issuer"] = s.unitName(s.City.Centre)
	}
	if m := s.City.Catalog.Find(v.Case.Family, v.Case.Matter); m != nil {
		args["matter"] = m.Name
	}
	if serial, ok := h.Set["data."+p.Serial].(float64); ok {
		args["serial"] = fmt.Sprint(int64(serial))
	}
	for _, op := range h.Clocks {
		if op.Verb == clock.Start && op.Plan != nil {
			args["due"] = float64(op.Plan.DueAt)
		}
	}
	return args
}
