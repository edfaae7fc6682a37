package city

import (
	"fmt"
	"strings"

	"yiwang/internal/base/calendar"
	"yiwang/internal/base/decl"
	"yiwang/internal/base/errs"
	"yiwang/internal/core/matter"
	"yiwang/internal/core/notice"
	"yiwang/internal/core/org"
	"yiwang/internal/core/place"
	"yiwang/internal/core/register"
	"yiwang/internal/core/rule"
	"yiwang/internal/core/voucher"
)

// File is the form of city.yaml.
type File struct {
	Code         string `yaml:"code" need:"yes"`
	Name         string `yaml:"name" need:"yes"`
	Title        string `yaml:"title" need:"yes"`
	Synthetic    bool   `yaml:"synthetic"`
	Notice       string `yaml:"notice"`
	NumberPrefix string `yaml:"number_prefix" need:"yes"`
	Centre       string `yaml:"centre" need:"yes"`

	Baseline Baseline `yaml:"baseline"`
	Silence  string   `yaml:"silence" oneof:"nothing praise"` // what it means that somebody who was answered says nothing; "" is nothing
}

// HoursFile is the form of calendar/hours.yaml.
type HoursFile struct {
	Weekdays []int    `yaml:"weekdays" need:"yes"` // 1 Monday … 7 Sunday
	Periods  []string `yaml:"periods" need:"yes"`  // "09:00-12:00"
	Makeup   []string `yaml:"makeup"`              // of a make-up workday; none means Monday's
}

// pack is everything a pack declares, and where.
type pack struct {
	file      File
	doc       *decl.Doc
	org       org.Declared
	ground    place.Declared
	matters   matter.Declared
	rules     []*rule.Decider
	templates []notice.Template
	noticeAt  map[string]decl.Pos
	vouchers  voucher.Declared
	registers register.Declared
	channels  map[string]Channel
	numbers   map[string]string // channel by number that is called
	calendar  calendar.Spec
	hours     *decl.Doc
	weekdays  string // as declared
}

func read(d *decl.Dir) *pack {
	p := &pack{channels: map[string]Channel{}, numbers: map[string]string{}}
	p.doc, _ = d.YAML("city.yaml", &p.file)
	p.org = org.Read(d)
	p.ground = place.Read(d)
	p.matters = matter.Read(d)
	p.rules = rule.Read(d)
	p.templates, p.noticeAt = notice.Read(d)
	p.vouchers = voucher.Read(d)
	for _, s := range p.matters.Services {
		for i, k := range s.Decl.Certificates {
			p.vouchers.Add(d, k, func(path ...any) decl.Pos { return s.Doc.At(append([]any{"certificates", i}, path...)...) })
		}
	}
	p.registers = register.Read(d)
	p.enterKinds()
	p.rules = append(p.rules, p.reminders()...)
	p.readChannels(d)
	p.readNumbers(d)
	p.readCalendar(d)
	return p
}

func (p *pack) readChannels(d *decl.Dir) {
	first := map[string]int{}
	for _, r := range d.CSV("channel/channels.csv", "code", "name", "kind", "public") {
		c := Channel{Code: r.Need("code"), Name: r.Need("name"), Kind: r.OneOf("kind", ChannelKinds...), Public: r.Yes("public")}
		if line, twice := first[c.Code]; twice {
			r.Report("org.code_twice", errs.Args{"code": c.Code, "first": line})
			continue
		}
		first[c.Code] = r.Line
		p.channels[c.Code] = c
	}
}

// readNumbers reads the numbers of hotlines that were merged; a pack may have none.
func (p *pack) readNumbers(d *decl.Dir) {
	const file = "channel/numbers.csv"
	if !d.Has(file) {
		return
	}
	first := map[string]int{}
	for _, r := range d.CSV(file, "number", "name", "channel") {
		number := r.Need("number")
		if line, twice := first[number]; twice {
			r.Report("org.code_twice", errs.Args{"code": number, "first": line})
			continue
		}
		first[number] = r.Line
		if _, ok := p.channels[r.Text("channel")]; !ok {
			r.Report("check.no_channel", errs.Args{"channel": r.Text("channel")})
			continue
		}
		p.numbers[number] = r.Text("channel")
	}
}

func (p *pack) readCalendar(d *decl.Dir) {
	var f HoursFile
	p.hours, _ = d.YAML("calendar/hours.yaml", &f)
	p.weekdays = strings.Trim(fmt.Sprint(f.Weekdays), "[]")
	periods := p.periods(d, "periods", f.Periods)
	p.calendar.Makeup = p.periods(d, "makeup", f.Makeup)
	for i, day := range f.Weekdays {
		if day < 1 || day > 7 {
			d.Report(p.hours.At("weekdays", i), "decl.not_one_of", errs.Args{"key": "weekdays", "value": day, "known": "1, 2, 3, 4, 5, 6, 7"})
			continue
		}
		p.calendar.Week[day%7] = periods
	}
	for _, r := range d.CSV("calendar/days.csv", "date", "name", "type") {
		date, err := calendar.ParseDate(r.Text("date"))
		if err != nil {
			r.Report("calendar.date", errs.Args{"date": r.Text("date")})
			continue
		}
		kind := r.OneOf("type", string(calendar.PublicHoliday), string(calendar.MakeupWorkday))
		if kind != "" {
			p.calendar.Days = append(p.calendar.Days, calendar.Day{Date: date, Name: r.Text("name"), Kind: calendar.Kind(kind), Line: r.Line})
		}
	}
}

func (p *pack) periods(d *decl.Dir, key string, list []string) []calendar.Period {
	var out []calendar.Period
	for i, s := range list {
		period, err := calendar.ParsePeriod(s)
		if err != nil {
			d.Report(p.hours.At(key, i), "calendar.period_invalid", errs.Args{"period": s, "day": p.weekdays})
			continue
		}
		out = append(out, period)
	}
	return out
}

// build puts the parts together. The readers leave out what is wrong, so the
// parts fit; where they do not, that is reported like any other fault.
func (p *pack) build(d *decl.Dir) *City {
	f := p.file
	c := &City{
		Code: f.Code, Baseline: f.Baseline, Silence: f.Silence, Name: f.Name, Title: f.Title, NumberPrefix: strings.TrimSpace(f.NumberPrefix), Centre: f.Centre,
		Synthetic: f.Synthetic, Notice: f.Notice, Catalog: p.matters.Catalog(), Rules: rule.NewBook(p.rules), Templates: notice.NewBook(p.templates),
		Vouchers:  p.vouchers.Book(),
		Registers: p.registers.Book(),
		ClockSets: map[string]*matter.ClockSet{}, channels: p.channels, numbers: p.numbers,
	}
	for _, s := range p.matters.ClockSets {
		c.ClockSets[s.Decl.Code] = s.Decl
	}
	failed := func(file string, err error) {
		if err != nil {
			d.Report(decl.Pos{File: file}, "check.unfit", errs.Args{"why": err.Error()})
		}
	}
	var err error
	c.Directory, err = org.NewDirectory(p.org.Units, p.org.Staff, p.org.Roles, p.org.Roster)
	failed("org/units.csv", err)
	c.Places, err = place.NewMap(p.ground.Areas, p.ground.Names)
	failed("place/areas.csv", err)
	if err == nil {
		p.nameAreas(c)
	}
	problems := p.calendar.Check()
	faults := d.Lost()
	for _, problem := range problems {
		if !d.Lost() {
			p.reportCalendar(d, problem)
		}
		faults = faults || problem.Severity == calendar.Fault
	}
	if !faults {
		c.Calendar, err = calendar.New(p.calendar)
		failed("calendar/hours.yaml", err)
	}
	return c
}

// reportCalendar says what is wrong with the calendar where it is declared: a day
// in the file of days, all else in that of hours.
func (p *pack) reportCalendar(d *decl.Dir, problem calendar.Problem) {
	at := p.hours.At("periods")
	if problem.Line > 0 {
		at = decl.Pos{File: "calendar/days.csv", Line: problem.Line}
	} else if _, ok := problem.Args["day"]; ok {
		problem.Args["day"] = p.weekdays // the file declares all days at once, and so it is said once
	}
	if problem.Severity == calendar.Doubt {
		d.Doubt(at, problem.Key, problem.Args)
		return
	}
	d.Report(at, problem.Key, problem.Args)
}
