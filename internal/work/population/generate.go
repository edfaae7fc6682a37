package population

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/idnumber"
)

// Plan says what population to make. The same plan makes the same files.
type Plan struct {
	People  int       // persons
	Seed    uint64    //
	On      time.Time // the day that ages and ends of licences are reckoned from
	Areas   []Area    // where they live
	Doubles float64   // records of other sources, as a share of the persons; they are damaged by Noise
	Noise   Noise
}

// Area is a community and how many live in it.
type Area struct {
	Code, Name string
	Residents  int
}

// Made is how much was made, by file.
type Made map[string]int

// Generate writes a population into a directory that is there and has none yet. What
// is in it is invented: identity numbers have an area code that was never given out,
// telephone numbers an unused range.
func Generate(p Plan, dir string, progress func(done int)) (_ Made, err error) {
	defer errs.Wrap(&err, "population.Generate")
	if p.People <= 0 || len(p.Areas) == 0 {
		return nil, errs.E(errs.Invalid, "population.plan", nil)
	}
	g := &generator{Plan: p, r: rand.New(rand.NewPCG(p.Seed, 1)), made: Made{}, seq: map[int32][2]uint16{}}
	for _, a := range p.Areas {
		g.residents += max(1, a.Residents)
	}
	g.entities = max(20, p.People/16)
	if err := g.open(dir); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, g.close()) }()
	for g.made["person"] < p.People {
		g.household()
		if progress != nil && g.made["household"]%2000 == 0 {
			progress(g.made["person"])
		}
	}
	g.enterprises()
	return g.made, nil
}

type generator struct {
	Plan
	r         *rand.Rand
	made      Made
	residents int
	entities  int
	leaders   []int               // persons who lead the entities, in their order
	seq       map[int32][2]uint16 // numbers given out on a birthday, of women and men
	files     map[string]*file
	noise     *rand.Rand
	err       error
}

// file is a CSV file that is written.
type file struct {
	f *os.File
	b *bufio.Writer
	c *csv.Writer
}

// heads are the heads of the files.
var heads = map[string][]string{
	"person": {"no", "name", "idnumber", "sex", "birth", "living", "phone", "household", "family", "home", "address", "area", "resident_since",
		"marriage", "spouse", "guardian", "insured_months", "employer", "kindergarten", "enrolled_since", "disability", "allowance_elsewhere"},
	"household":      {"no", "number", "head", "kind", "size", "home"},
	"home":           {"no", "code", "address", "area", "use", "tenure", "size", "owner"},
	"entity":         {"no", "name", "credit_code", "kind", "status", "representative", "founded", "address", "area", "phone", "industry", "employees", "revenue", "hightech", "inclusive"},
	"licence":        {"no", "number", "kind", "entity", "issued", "until"},
	"credit":         {"no", "entity", "level", "penalties", "dishonest", "broken"},
	"person@social":  {"no", "name", "idnumber", "sex", "birth", "phone", "address", "insured_months"},
	"person@health":  {"no", "name", "idnumber", "sex", "birth", "phone", "address", "disability"},
	"person@housing": {"no", "name", "idnumber", "sex", "birth", "phone", "address"},
	truthFile:        {"file", "no", "person"},
}

// truthFile says which person each record of another source is of. It is for measuring
// only: a load does not read it.
const truthFile = "truth"

func (g *generator) open(dir string) error {
	g.files = map[string]*file{}
	g.noise = rand.New(rand.NewPCG(g.Seed, 2))
	for name, head := range heads {
		f, err := os.OpenFile(filepath.Join(dir, name+".csv"), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if errors.Is(err, os.ErrExist) {
			return errs.E(errs.Exists, "population.there", errs.Args{"file": name + ".csv"})
		}
		if err != nil {
			return err
		}
		b := bufio.NewWriterSize(f, 1<<20)
		g.files[name] = &file{f, b, csv.NewWriter(b)}
		g.put(name, head)
	}
	return nil
}

func (g *generator) put(name string, row []string) {
	if err := g.files[name].c.Write(row); err != nil && g.err == nil {
		g.err = err
	}
}

// row writes a row with the next number of its file, and returns the number.
func (g *generator) row(name string, cells ...string) int {
	g.made[name]++
	g.put(name, append([]string{strconv.Itoa(g.made[name])}, cells...))
	return g.made[name]
}

func (g *generator) close() error {
	err := g.err
	for _, f := range g.files {
		f.c.Flush()
		err = errors.Join(err, f.c.Error(), f.b.Flush(), f.f.Close())
	}
	return err
}

// person is somebody who is being made.
type person struct {
	no                   int
	surname, given       string
	male                 bool
	age                  int
	birth                time.Time
	number, phone        string
	marriage             string
	spouse, guardian     int
	household            string
	family, home         int
	address, area, since string
	collective           bool
}

// household makes the people of one home.
func (g *generator) household() {
	area := g.area()
	since := g.On.AddDate(-g.r.IntN(25), -g.r.IntN(12), -g.r.IntN(28))
	address := fmt.Sprintf("%s%s花园%d栋%d%02d", area.Name, estates[g.r.IntN(len(estates))], 1+g.r.IntN(40), 1+g.r.IntN(33), 1+g.r.IntN(8))
	members := g.members()
	first := g.made["person"] + 1
	home, family := g.made["home"]+1, g.made["household"]+1
	registered := "other"
	switch n := g.r.IntN(100); {
	case n < 38:
		registered = "local"
	case n < 55:
		registered = "city"
	}
	for i := range members {
		m := &members[i]
		m.no = first + i
		if m.spouse > 0 {
			m.spouse += first - 1
		}
		if m.guardian > 0 {
			m.guardian += first - 1
		}
		m.family, m.home, m.address, m.area, m.since, m.household = family, home, address, area.Code, since.Format(time.DateOnly), registered
		if m.birth.After(since) {
			m.since = m.birth.Format(time.DateOnly)
		}
		g.person(m)
	}
	kind := "family"
	if members[0].collective {
		kind = "collective"
	}
	tenure := []string{"own", "own", "rent", "rent", "rent", "public"}[g.r.IntN(6)]
	g.row("home", fmt.Sprintf("FZ%09d", home), address, area.Code, "home", tenure, fmt.Sprintf("%d.%02d", 28+g.r.IntN(120), g.r.IntN(100)), strconv.Itoa(first))
	g.row("household", fmt.Sprintf("900000%08d", family), strconv.Itoa(first), kind, strconv.Itoa(len(members)), strconv.Itoa(home))
}

func (g *generator) area() Area {
	n := g.r.IntN(g.residents)
	for _, a := range g.Areas {
		if n -= max(1, a.Residents); n < 0 {
			return a
		}
	}
	return g.Areas[0]
}

// members makes a household: spouse and guardian are places in it, from 1.
func (g *generator) members() []person {
	adult := func(age int, male bool) person {
		return person{surname: surname(g.r), given: given(g.r, male), male: male, age: age, marriage: "single"}
	}
	couple := func(age int) []person {
		a, b := adult(age, true), adult(max(20, age-4+g.r.IntN(7)), false)
		a.marriage, b.marriage, a.spouse, b.spouse = "married", "married", 2, 1
		return []person{a, b}
	}
	var out []person
	switch n := g.r.IntN(100); {
	case n < 26:
		out = []person{adult(18+g.r.IntN(45), g.r.IntN(2) == 0)}
		out[0].collective = g.r.IntN(3) == 0
	case n < 32:
		out = []person{adult(60+g.r.IntN(38), g.r.IntN(3) == 0)}
		out[0].marriage = "widowed"
	case n < 48:
		out = couple(24 + g.r.IntN(64))
	default:
		age := 26 + g.r.IntN(22)
		out = couple(age)
		for range 1 + g.r.IntN(5)/3 {
			g.child(&out, age)
		}
		if n >= 86 {
			old := adult(age+22+g.r.IntN(12), g.r.IntN(3) == 0)
			old.marriage = "widowed"
			out = append(out, old)
		}
	}
	return out
}

// child adds a child, now and then twins.
func (g *generator) child(out *[]person, age int) {
	c := person{surname: (*out)[0].surname, male: g.r.IntN(100) < 52, age: g.r.IntN(min(18, age-22)), marriage: "single", guardian: 1 + g.r.IntN(2)}
	c.given = given(g.r, c.male)
	*out = append(*out, c)
	if g.r.IntN(60) == 0 { // whose names share a character, and whose birthday is one
		twin := c
		twin.given = string([]rune(c.given)[:1]) + given(g.r, c.male)
		if r := []rune(twin.given); len(r) > 2 {
			twin.given = string(r[:2])
		}
		twin.birth = g.birthday(c.age)
		(*out)[len(*out)-1].birth = twin.birth
		*out = append(*out, twin)
	}
}

func (g *generator) birthday(age int) time.Time {
	return g.On.AddDate(-age, 0, -g.r.IntN(365)).Truncate(24 * time.Hour)
}

// number gives out an identity number, of an area code that was never given out.
func (g *generator) number(birth time.Time, male bool) string {
	day := int32(birth.Unix() / 86400)
	s := g.seq[day]
	sex := 0
	if male {
		sex = 1
	}
	n := int(s[sex])
	s[sex]++
	g.seq[day] = s
	first := fmt.Sprintf("%06d%s%03d", 900001+n/500, birth.Format("20060102"), n%500*2+sex)
	return first + string(idnumber.CitizenCheck(first))
}

func (g *generator) person(p *person) {
	if p.birth.IsZero() {
		p.birth = g.birthday(p.age)
	}
	p.number = g.number(p.birth, p.male)
	if p.age >= 14 {
		p.phone = fmt.Sprintf("1990%07d", g.r.IntN(10_000_000))
	}
	insured, employer, kindergarten, enrolled := "", "", "", ""
	if p.age >= 20 && p.age < 60 {
		insured = strconv.Itoa(g.r.IntN(max(1, (p.age-19)*12)))
		if g.r.IntN(10) < 7 {
			employer = strconv.Itoa(1 + g.r.IntN(g.entities))
		}
	}
	if p.age >= 3 && p.age <= 5 && g.r.IntN(100) < 92 {
		kindergarten = strconv.Itoa((1+g.r.IntN(max(1, g.entities/kindergartens)))*kindergartens - kindergartens + 1)
		enrolled = time.Date(g.On.Year()-(p.age-3)-1, 9, 1, 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
	}
	if p.age >= 22 && p.age < 66 && len(g.leaders) < g.entities && g.r.IntN(8) == 0 {
		g.leaders = append(g.leaders, p.no)
	}
	disability := "none"
	if g.r.IntN(40) == 0 {
		disability = strconv.Itoa(1 + g.r.IntN(4))
	}
	living := "yes"
	if p.age > 60 && g.r.IntN(300) == 0 {
		living = "no"
	}
	sex, elsewhere := "f", "no"
	if p.male {
		sex = "m"
	}
	if p.age >= 80 && g.r.IntN(30) == 0 {
		elsewhere = "yes"
	}
	g.row("person", p.surname+p.given, p.number, sex, p.birth.Format(time.DateOnly), living, p.phone, p.household, strconv.Itoa(p.family), strconv.Itoa(p.home),
		p.address, p.area, p.since, p.marriage, some(p.spouse), some(p.guardian), insured, employer, kindergarten, enrolled, disability, elsewhere)
	g.doubles(p, record{name: p.surname + p.given, number: p.number, sex: sex, birth: p.birth.Format(time.DateOnly), phone: p.phone, address: p.address}, insured, disability)
}

func some(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// kindergartens is how many entities there are to each kindergarten.
const kindergartens = 60

var industries = []string{"catering", "retail", "retail", "lodging", "beauty", "bath", "fitness", "software", "making", "trade", "trade", "service"}

var wares = map[string]string{"catering": "餐厅", "retail": "商店", "lodging": "旅馆", "beauty": "理发店", "bath": "浴室", "fitness": "健身馆", "software": "软件有限公司",
	"making": "制造有限公司", "trade": "贸易有限公司", "service": "服务部", "kindergarten": "幼儿园"}

// enterprises makes the entities that people work for and lead, with their licences
// and their credit.
func (g *generator) enterprises() {
	for i := range g.entities {
		area := g.area()
		industry := industries[g.r.IntN(len(industries))]
		kind := []string{"company", "company", "sole"}[g.r.IntN(3)]
		inclusive := ""
		if i%kindergartens == 0 {
			industry, kind, inclusive = "kindergarten", "social", []string{"yes", "yes", "no"}[g.r.IntN(3)]
		}
		leader := 1 + g.r.IntN(g.made["person"])
		if i < len(g.leaders) {
			leader = g.leaders[i]
		}
		first := fmt.Sprintf("91900000MB%07d", i+1)
		if kind == "sole" {
			first = "92" + first[2:]
		}
		code := first + string(idnumber.CreditCheck(first))
		founded := g.On.AddDate(-g.r.IntN(15), 0, -g.r.IntN(365))
		status, hightech := "active", "no"
		if g.r.IntN(25) == 0 {
			status = []string{"closed", "revoked"}[g.r.IntN(2)]
		}
		if (industry == "software" || industry == "making") && g.r.IntN(8) == 0 {
			hightech = "yes"
		}
		no := g.row("entity", fmt.Sprintf("示范区%s%s%06d%s", area.Name, estates[g.r.IntN(len(estates))], i+1, wares[industry]), code, kind, status, strconv.Itoa(leader),
			founded.Format(time.DateOnly), fmt.Sprintf("%s演示街%d号", area.Name, 1+g.r.IntN(900)), area.Code, fmt.Sprintf("0755-0%07d", i%10_000_000), industry,
			strconv.Itoa(1+g.r.IntN(1+g.r.IntN(200))), strconv.Itoa(5+g.r.IntN(1+g.r.IntN(9000))), hightech, inclusive)
		g.papers(no, industry, founded)
	}
}

// hygiene is the kind of certificate that places open to the public have.
const hygiene = "hygiene_licence"

// papers makes an entity's licences and credit.
func (g *generator) papers(no int, industry string, founded time.Time) {
	paper := map[string]string{"catering": "food_licence", "beauty": hygiene, "bath": hygiene, "fitness": hygiene, "lodging": hygiene}[industry]
	if paper != "" {
		until := g.On.AddDate(0, 0, g.r.IntN(4*365)-60)
		g.row("licence", fmt.Sprintf("演%s[%d]%07d", map[string]string{"food_licence": "食", hygiene: "卫"}[paper], until.Year()-4, no), paper, strconv.Itoa(no),
			until.AddDate(-4, 0, 1).Format(time.DateOnly), until.Format(time.DateOnly))
	}
	level, penalties, dishonest, broken := "A", 0, "no", 0
	switch n := g.r.IntN(100); {
	case n < 2:
		level, penalties, dishonest = "D", 2+g.r.IntN(4), []string{"yes", "no"}[g.r.IntN(2)]
	case n < 10:
		level, penalties, broken = "C", 1+g.r.IntN(2), g.r.IntN(2)
	case n < 55:
		level, penalties = "B", g.r.IntN(2)
	}
	g.row("credit", strconv.Itoa(no), level, strconv.Itoa(penalties), dishonest, strconv.Itoa(broken))
}
