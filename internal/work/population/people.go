package population

import (
	"context"
	"slices"
	"strings"
	"time"

	"yiwang/internal/core/register"
)

// people are the records of persons: first those that were there before, then the rows
// of the files, that of the first source before the others.
type people struct {
	known    []string // ids of those who were there before
	faces    []face
	at       []place // of the rows
	resolved resolved
	ids      []string // by record; "" where it was refused or waits
	doubts   []register.Doubt
}

// place is where a record stands.
type place struct {
	t   *table
	row int32
}

// identity is the items that persons are compared by.
var identity = []string{"name", "idnumber", "sex", "birth", "phone", "address"}

// meet reads all records of persons and finds out who is who.
func (l *load) meet(ctx context.Context, p *people) error {
	var tables []*table
	for _, t := range l.tables {
		if t.register.Code == persons {
			tables = append(tables, t)
		}
	}
	if len(tables) == 0 {
		return nil
	}
	var cols map[string][]string
	var err error
	if p.known, cols, err = l.s.Known(ctx, l.by, persons, identity...); err != nil {
		return err
	}
	for i := range p.known {
		p.faces = append(p.faces, faceOf(record{cols["name"][i], cols["idnumber"][i], cols["sex"][i], cols["birth"][i], cols["phone"][i], cols["address"][i]}))
	}
	for _, t := range tables {
		l.say("check "+t.file, 0, 0)
		l.meetTable(t, p)
	}
	l.say("resolve", 0, len(p.faces))
	began := time.Now()
	p.resolved = resolve(p.faces)
	l.rep.Resolve = time.Since(began).Seconds()
	return nil
}

func (l *load) meetTable(t *table, p *people) {
	numbers := &numbering{}
	t.ids = make([]string, len(t.rows))
	var cells []string
	for i, row := range t.rows {
		var why string
		if cells, why = t.check(row, cells); why == "" && !numbers.add(cells[t.no], i) {
			why = "population.no_twice"
		}
		if why == "" && t.cell(cells, "name") == "" {
			why = "population.no_name"
		}
		if why != "" {
			l.refuse(t, i, why, t.wrong)
			continue
		}
		p.faces = append(p.faces, faceOf(record{t.cell(cells, "name"), t.cell(cells, "idnumber"), t.cell(cells, "sex"), t.cell(cells, "birth"), t.cell(cells, "phone"), t.cell(cells, "address")}))
		p.at = append(p.at, place{t, int32(i)})
	}
	if t.first {
		l.numbers[persons], l.ids[persons] = numbers, t.ids
	}
}

// numberPeople gives each person an id, and each row of the first source the id of its
// person.
func (l *load) numberPeople(p *people, to *register.Loader) {
	p.ids = make([]string, len(p.faces))
	copy(p.ids, p.known)
	for i := len(p.known); i < len(p.faces); i++ {
		of := p.resolved.of[i]
		switch at := p.at[i-len(p.known)]; {
		case p.resolved.waits[i]:
			l.rep.Doubtful++
			continue
		case int(of) == i:
			p.ids[i] = to.ID(persons)
			l.rep.Entered[persons]++
			at.t.ids[at.row] = p.ids[i]
		default:
			l.rep.Joined++
			p.ids[i] = p.ids[of]
			at.t.ids[at.row] = p.ids[i]
		}
	}
}

// enterPeople enters each person with what all records say.
func (l *load) enterPeople(p *people, to *register.Loader) error {
	next := make([]int32, len(p.faces)) // the next record of the same person, 0 for none
	last := map[int32]int32{}
	for i := len(p.known); i < len(p.faces); i++ {
		of := p.resolved.of[i]
		if int(of) == i || p.resolved.waits[i] {
			continue
		}
		if was, ok := last[of]; ok {
			next[was] = int32(i)
		} else {
			next[of] = int32(i)
		}
		last[of] = int32(i)
	}
	var cells []string
	says := func(i int32, besides bool) []register.Fact {
		at := p.at[int(i)-len(p.known)]
		cells, _ = at.t.cells(at.t.rows[at.row], cells)
		return l.facts(at.t, int(at.row), cells, besides)
	}
	for i := range p.faces {
		if int(p.resolved.of[i]) != i {
			continue
		}
		if i%20000 == 0 {
			l.say("enter persons", i, len(p.faces))
		}
		sub := register.Subject{Register: persons, ID: p.ids[i]}
		if i < len(p.known) {
			for k := next[i]; k != 0; k = next[k] {
				l.put = append(l.put, puts{sub, p.at[int(k)-len(p.known)].t.source, says(k, true)})
			}
			continue
		}
		facts := l.proper(says(int32(i), false))
		for k := next[i]; k != 0; k = next[k] {
			facts = l.complete(facts, says(k, false))
		}
		if err := to.Add(register.Entry{Subject: sub, Facts: facts}); err != nil {
			return err
		}
	}
	for _, d := range p.resolved.doubts {
		in := register.Doubt{Subject: register.Subject{Register: persons, ID: p.ids[d.candidate]}, Score: d.score, Source: p.at[int(d.record)-len(p.known)].t.source,
			Facts: l.proper(says(d.record, false))}
		if d.clash != "" {
			in.Items = strings.Split(d.clash, ",")
		}
		p.doubts = append(p.doubts, in)
	}
	return nil
}

// complete adds what a record says besides who it is of; of that only what no record
// has said before.
func (l *load) complete(facts, more []register.Fact) []register.Fact {
	r := l.s.Book().Find(persons)
	said := len(facts)
	for _, f := range l.proper(more) {
		it, _ := r.Item(f.Item)
		if !it.Agree || !slices.ContainsFunc(facts[:said], func(x register.Fact) bool { return x.Item == f.Item }) {
			facts = append(facts, f)
		}
	}
	return facts
}

// proper leaves out values that a register cannot hold: an identity number that was
// mistyped is good for recognising somebody, and for nothing else.
func (l *load) proper(facts []register.Fact) []register.Fact {
	r := l.s.Book().Find(persons)
	out := facts[:0]
	for _, f := range facts {
		it, _ := r.Item(f.Item)
		if it.Key == "one" {
			v, err := it.Tidy(f.Value)
			if err != nil {
				continue
			}
			f.Value = v
		}
		out = append(out, f)
	}
	return out
}
