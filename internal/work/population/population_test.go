package population_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"yiwang/internal/base/gm"
	"yiwang/internal/base/sqldb"
	"yiwang/internal/base/sqldb/sqldbtest"
	"yiwang/internal/base/text"
	"yiwang/internal/core/city"
	"yiwang/internal/core/org"
	"yiwang/internal/core/register"
	"yiwang/internal/core/schema"
	"yiwang/internal/work/population"
)

const today = "2026-11-22"

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func book(t *testing.T) *register.Book {
	t.Helper()
	c, err := city.Embedded()
	must(t, err)
	return c.Registers
}

func generate(t *testing.T, people int, seed uint64) string {
	t.Helper()
	on, err := time.Parse(time.DateOnly, today)
	must(t, err)
	dir := t.TempDir()
	_, err = population.Generate(population.Plan{People: people, Seed: seed, On: on, Doubles: .2, Noise: population.Usual,
		Areas: []population.Area{{Code: "440304008001", Name: "福中社区", Residents: 3}, {Code: "440304008003", Name: "莲花北社区", Residents: 5}}}, dir, nil)
	must(t, err)
	return dir
}

func open(t *testing.T, db *sqldb.DB) *register.Store {
	t.Helper()
	key, err := gm.NewKey(gm.Intl)
	must(t, err)
	s, err := register.Open(t.Context(), db, book(t), key)
	must(t, err)
	return s
}

var (
	service  = register.Reading{Purpose: "service", Actor: org.Machine("decide"), Agreed: true}
	resolver = register.Reading{Purpose: "resolve", Actor: org.Actor{Kind: org.IsStaff, ID: "shu", Roles: []string{"registrar"}}}
)

// The same seed makes the same files, and another seed others.
func TestTheSameSeedMakesTheSamePopulation(t *testing.T) {
	a, b, c := generate(t, 200, 7), generate(t, 200, 7), generate(t, 200, 8)
	read := func(dir string) string {
		raw, err := os.ReadFile(filepath.Join(dir, "person.csv"))
		must(t, err)
		return string(raw)
	}
	if read(a) != read(b) || read(a) == read(c) {
		t.Error("a population does not follow from its seed")
	}
}

// Damaged records are given to whom they are of, and hardly ever to anybody else.
func TestRecordsAreToldApart(t *testing.T) {
	m, err := population.Measure(book(t), generate(t, 6000, 101))
	must(t, err)
	if m.F1 < .99 || m.Precision.Is < .999 || m.Damaged < 900 {
		t.Errorf("%+v", m)
	}
}

// A population is in the registers when it has been loaded, each person once with what
// all sources say; a second load enters nobody again.
func TestLoad(t *testing.T) {
	dir := generate(t, 600, 21)
	sqldbtest.Run(t, schema.Migrations(), func(t *testing.T, db *sqldb.DB) {
		s := open(t, db)
		rep, err := population.Load(t.Context(), s, dir, population.Options{})
		must(t, err)
		if n := rep.Entered["person"]; n < 600 || n > 610 || rep.Joined < 80 || len(rep.Refused) != 0 || rep.Entered["entity"] == 0 {
			t.Fatalf("%+v", rep)
		}
		ids, known, err := s.Known(t.Context(), resolver, "person", "name", "idnumber", "phone")
		must(t, err)
		for i, number := range known["idnumber"] {
			sub, err := s.Find(t.Context(), service, "person", "idnumber", number)
			if number == "" {
				continue // somebody whom only a record without a number speaks of
			}
			if err != nil || sub.ID != ids[i] {
				t.Fatalf("%s is found by its number as %v, %v", ids[i], sub, err)
			}
		}
		facts, err := s.Read(t.Context(), service, register.Subject{Register: "person", ID: ids[0]}, today, "name", "home", "family")
		must(t, err)
		home, err := s.Read(t.Context(), service, register.Subject{Register: "home", ID: facts["home"].Value}, today, "address", "owner")
		if err != nil || home["address"].Value == "" {
			t.Errorf("the home of the first person: %v, %v", home, err)
		}
		again, err := population.Load(t.Context(), s, dir, population.Options{})
		must(t, err)
		if again.Entered["person"] > rep.Doubtful || again.Entered["entity"] != 0 || again.Updated == 0 {
			t.Errorf("a second load: %+v", again)
		}
	})
}

// files writes files to load.
func files(t *testing.T, content map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range content {
		must(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	return dir
}

// A wrong row is refused with its line and the reason; those around it go in.
func TestDamagedRowsAreRefused(t *testing.T) {
	dir := files(t, map[string]string{"person.csv": "no,name,idnumber,birth,phone,home\n" +
		"1,周安,900001198001010011,1980-01-01,19900001111,\n" + // a wrong check digit
		"2,周平,,1980-02-30,,\n" +
		"3,周和\n" +
		"4,\"周\"\"乐,,,,\n" +
		"2,吴乐,,1990-05-05,,\n" +
		"1,郑重,,1991-06-06,,9\n" +
		"5,钱\xff,,,,\n" +
		"6,,,1991-06-06,,\n" +
		"7,孙好,,1992-07-07,,\n"})
	s := open(t, sqldbtest.OpenSQLite(t, schema.Migrations()))
	rep, err := population.Load(t.Context(), s, dir, population.Options{})
	must(t, err)
	var got []string
	for _, r := range rep.Refused {
		got = append(got, fmt.Sprint(r.Line, " ", r.Key))
		if r.Say(text.Chinese) == "" || strings.Contains(r.Say(text.Chinese), "{") {
			t.Errorf("said as %q", r.Say(text.Chinese))
		}
	}
	want := "2 population.value, 3 population.value, 4 population.cells, 5 population.quotes, 7 population.reference, 8 population.utf8, 9 population.no_name"
	if strings.Join(got, ", ") != want || rep.Entered["person"] != 3 {
		t.Errorf("refused %s\nwant    %s; %d entered", strings.Join(got, ", "), want, rep.Entered["person"])
	}
}

// Somebody who stands in two registers with different birthdays is never merged: the
// record waits, nobody decides by the birthday meanwhile, and a person settles it.
func TestTwoBirthdaysWaitForAPerson(t *testing.T) {
	const number = "900001198001010012"
	dir := files(t, map[string]string{
		"person.csv":        "no,name,idnumber,birth,household\n1,周安," + number + ",1980-01-01,local\n",
		"person@social.csv": "no,name,idnumber,birth,insured_months\n1,周安," + number + ",1981-01-01,33\n",
	})
	for as, want := range map[string]string{register.DoubtOurs: "1980-01-01", register.DoubtTheirs: "1981-01-01", register.DoubtOther: "1980-01-01"} {
		t.Run(as, func(t *testing.T) {
			sqldbtest.Run(t, schema.Migrations(), func(t *testing.T, db *sqldb.DB) {
				s := open(t, db)
				rep, err := population.Load(t.Context(), s, dir, population.Options{})
				must(t, err)
				if rep.Entered["person"] != 1 || rep.Doubtful != 1 {
					t.Fatalf("%+v", rep)
				}
				sub, err := s.Find(t.Context(), service, "person", "idnumber", number)
				must(t, err)
				read := func() map[string]register.Fact {
					t.Helper()
					f, err := s.Read(t.Context(), service, sub, today, "birth", "insured_months")
					must(t, err)
					return f
				}
				if f := read(); !f["birth"].Doubt || f["insured_months"].Value != "" {
					t.Errorf("before it is decided: %v", f)
				}
				waiting, all, err := s.Waiting(t.Context(), 10)
				must(t, err)
				if all != 1 || len(waiting) != 1 || waiting[0].Items[0] != "birth" {
					t.Fatalf("%+v", waiting)
				}
				if err := s.Settle(t.Context(), register.Reading{Purpose: "resolve", Actor: org.Actor{Kind: org.IsStaff, ID: "x"}}, waiting[0].ID, as); err == nil {
					t.Error("somebody without the role decided")
				}
				must(t, s.Settle(t.Context(), resolver, waiting[0].ID, as))
				months := map[string]string{register.DoubtOther: ""}[as]
				if as != register.DoubtOther {
					months = "33"
				}
				if f := read(); f["birth"].Doubt || f["birth"].Value != want || f["insured_months"].Value != months {
					t.Errorf("decided as %s: %v", as, f)
				}
				if err := s.Settle(t.Context(), resolver, waiting[0].ID, as); err == nil {
					t.Error("decided twice")
				}
			})
		})
	}
}

// Twins are two, however alike their records are; a mistyped number is still a witness.
func TestTwinsAndMistypedNumbers(t *testing.T) {
	dir := files(t, map[string]string{
		"person.csv": "no,name,idnumber,sex,birth,phone,address\n" +
			"1,周安平,900001201501010013,m,2015-01-01,19900001111,一栋101\n" +
			"2,周安和,90000120150101003X,m,2015-01-01,19900001111,一栋101\n",
		"person@health.csv": "no,name,idnumber,sex,birth,phone,address,disability\n" +
			"1,周安平,,m,2015-01-01,19900001111,一栋101,1\n" +
			"2,周安和,90000120150101403X,m,2015-01-01,,,2\n",
	})
	s := open(t, sqldbtest.OpenSQLite(t, schema.Migrations()))
	rep, err := population.Load(t.Context(), s, dir, population.Options{})
	must(t, err)
	_, known, err := s.Known(t.Context(), register.Reading{Purpose: "resolve", Actor: org.Machine("load")}, "person", "name")
	must(t, err)
	if rep.Entered["person"] != 2 || rep.Joined != 2 || len(known["name"]) != 2 {
		t.Errorf("%+v %v", rep, known)
	}
}

// A load that was broken off leaves nothing behind for the next.
func TestAnInterruptedLoadIsTakenAway(t *testing.T) {
	dir := generate(t, 300, 5)
	sqldbtest.Run(t, schema.Migrations(), func(t *testing.T, db *sqldb.DB) {
		s := open(t, db)
		l, err := s.Loader(t.Context())
		must(t, err)
		for range 6000 {
			must(t, l.Add(register.Entry{Subject: register.Subject{Register: "person", ID: l.ID("person")}, Facts: []register.Fact{{Item: "name", Value: "某某", Source: "police"}}}))
		}
		if err := l.Close(os.ErrDeadlineExceeded); err == nil {
			t.Fatal("broken off without an error")
		}
		rep, err := population.Load(t.Context(), s, dir, population.Options{})
		must(t, err)
		ids, _, err := s.Known(t.Context(), resolver, "person", "name")
		must(t, err)
		if len(ids) != rep.Entered["person"] {
			t.Errorf("%d in the register, %d entered", len(ids), rep.Entered["person"])
		}
	})
}
