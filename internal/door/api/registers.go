package api

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"yiwang/internal/core/register"
)

// registersDesk is the room of those who answer for the registers, and resolvePurpose
// what they read them for.
const (
	registersDesk  = "registers"
	resolvePurpose = "resolve"
)

func (s *server) registerRoutes(api huma.API) {
	route(s, api, op("listRegisters", http.MethodGet, "/api/registers", "Registers: items, sources, who may read what for what"), signedIn, s.listRegisters)
	route(s, api, op("listDoubts", http.MethodGet, "/api/registers/doubts", "Records of which it is not sure whose they are; the reading is noted"), signedIn, s.listDoubts)
	route(s, api, op("settleDoubt", http.MethodPost, "/api/registers/doubts/{id}", "Decide whose a record is"), signedIn, s.settleDoubt)
	route(s, api, op("listRegisterReadings", http.MethodGet, "/api/registers/readings", "Who read what of whom for what, the latest first"), signedIn, s.listRegisterReadings)
	route(s, api, op("reportFacts", http.MethodPost, "/api/registers/facts", "What a source of a register has to say of a subject; the caller belongs to the unit that the source is declared of"), signedIn, s.reportFacts)
	route(s, api, op("lookUpSubject", http.MethodPost, "/api/registers/look", "A subject by its number: facts with their history, and who read them; the reading is noted"), signedIn, s.lookUpSubject)
}

// RegisterInfo is a register as it is declared.
type RegisterInfo struct {
	Code      string         `json:"code"`
	Title     string         `json:"title"`
	OwnerName string         `json:"owner_name" doc:"Unit that answers for it"`
	Basis     string         `json:"basis"`
	Subjects  int            `json:"subjects" doc:"How many it holds"`
	Items     []RegisterItem `json:"items" nullable:"false"`
	Sources   []string       `json:"sources" nullable:"false" doc:"In the order in which they are believed"`
	Key       string         `json:"key" doc:"Item that a subject is looked up by; empty where none is granted to the caller"`
	KeyTitle  string         `json:"key_title"`
}

// RegisterItem is an item with who may read it.
type RegisterItem struct {
	Code     string   `json:"code"`
	Title    string   `json:"title"`
	Class    string   `json:"class" doc:"Grade of the data, 1 to 4"`
	Share    string   `json:"share" enum:"free,if,none"`
	If       string   `json:"if" doc:"Condition under which it is shared"`
	Purposes []string `json:"purposes" nullable:"false" doc:"What it may be read for"`
}

func (s *server) listRegisters(ctx context.Context, c *caller, _ *struct{}) (*body[items[RegisterInfo]], error) {
	if err := c.needs(registersDesk); err != nil {
		return nil, err
	}
	counts, err := s.Registers.Counts(ctx)
	if err != nil {
		return nil, err
	}
	q := register.Reading{Purpose: resolvePurpose, Actor: c.actor}
	out := []RegisterInfo{}
	for _, r := range s.City.Registers.Registers() {
		in := RegisterInfo{Code: r.Code, Title: r.Title, OwnerName: s.unitName(r.Owner), Basis: r.Basis, Subjects: counts[r.Code], Items: []RegisterItem{}, Sources: []string{}}
		for _, x := range r.Sources {
			in.Sources = append(in.Sources, x.Title)
		}
		for i := range r.Items {
			it := &r.Items[i]
			item := RegisterItem{Code: it.Code, Title: it.Title, Class: it.Class, Share: it.Share, If: it.If, Purposes: []string{}}
			if item.Class == "" {
				item.Class = "3"
			}
			if item.Share == "" {
				item.Share = register.ShareIf
			}
			for _, p := range r.PurposesOf(it) {
				item.Purposes = append(item.Purposes, s.purposeTitle(p))
			}
			if it.Key == "one" && in.Key == "" && r.MayRead(q, it) {
				in.Key, in.KeyTitle = it.Code, it.Title
			}
			in.Items = append(in.Items, item)
		}
		out = append(out, in)
	}
	return answer(items[RegisterInfo]{out}), nil
}

func (s *server) purposeTitle(code string) string {
	if p, ok := s.City.Registers.Purpose(code); ok {
		return p.Title
	}
	return code
}

// DoubtRow is one item on both sides.
type DoubtRow struct {
	Title  string `json:"title"`
	Ours   string `json:"ours"`
	Theirs string `json:"theirs"`
	Differ bool   `json:"differ"`
}

// RegisterDoubt is a record that may be of a subject.
type RegisterDoubt struct {
	ID      string     `json:"id"`
	Title   string     `json:"title" doc:"Of the register"`
	Subject string     `json:"subject"`
	Source  string     `json:"source" doc:"Who the record is from"`
	Clash   []string   `json:"clash" nullable:"false" doc:"Items that nobody decides by until this is settled"`
	Score   float64    `json:"score" doc:"Weight of the evidence, in bits"`
	At      int64      `json:"at"`
	Rows    []DoubtRow `json:"rows" nullable:"false"`
}

// RegisterDoubts are those at the head of the queue.
type RegisterDoubts struct {
	Total int             `json:"total"`
	Items []RegisterDoubt `json:"items" nullable:"false"`
}

// shownDoubts is how many doubts are opened at once: each opening is a reading.
const shownDoubts = 20

func (s *server) listDoubts(ctx context.Context, c *caller, _ *struct{}) (*body[RegisterDoubts], error) {
	if err := c.needs(registersDesk); err != nil {
		return nil, err
	}
	waiting, all, err := s.Registers.Waiting(ctx, shownDoubts)
	if err != nil {
		return nil, err
	}
	out := RegisterDoubts{Total: all, Items: []RegisterDoubt{}}
	for _, d := range waiting {
		shown, err := s.doubt(ctx, c, d)
		if err != nil {
			return nil, err
		}
		out.Items = append(out.Items, shown)
	}
	return answer(out), nil
}

func (s *server) doubt(ctx context.Context, c *caller, d register.Doubt) (RegisterDoubt, error) {
	r := s.City.Registers.Find(d.Register)
	out := RegisterDoubt{ID: d.ID, Title: r.Title, Subject: d.Subject.ID, Source: r.SourceTitle(d.Source), Clash: []string{}, Score: d.Score, At: d.At, Rows: []DoubtRow{}}
	q := register.Reading{Purpose: resolvePurpose, Actor: c.actor}
	var items []string
	for i := range r.Items {
		if it := &r.Items[i]; r.MayRead(q, it) {
			items = append(items, it.Code)
		}
	}
	ours, err := s.Registers.Read(ctx, q, d.Subject, s.Registers.Today(), items...)
	if err != nil {
		return out, err
	}
	for _, code := range items {
		it, _ := r.Item(code)
		theirs := ""
		for _, f := range d.Facts {
			if f.Item == code {
				theirs = f.Value
			}
		}
		if slices.Contains(d.Items, code) {
			out.Clash = append(out.Clash, it.Title)
		}
		if row := (DoubtRow{it.Title, it.Say(ours[code].Value), it.Say(theirs), theirs != "" && theirs != ours[code].Value}); row.Ours != "" || row.Theirs != "" {
			out.Rows = append(out.Rows, row)
		}
	}
	return out, nil
}

type settleInput struct {
	ID   string `path:"id" maxLength:"40"`
	Body struct {
		As string `json:"as" enum:"ours,theirs,other" doc:"The same subject and what was known stands; the same and the record is right; another subject"`
	}
}

func (s *server) settleDoubt(ctx context.Context, c *caller, in *settleInput) (*struct{}, error) {
	if err := c.needs(registersDesk); err != nil {
		return nil, err
	}
	return nil, s.Registers.Settle(ctx, register.Reading{Purpose: resolvePurpose, Actor: c.actor}, in.ID, in.Body.As)
}

// RegisterReading is a reading that was noted.
type RegisterReading struct {
	Subject string   `json:"subject" doc:"Empty where everybody in the register was read"`
	Title   string   `json:"title" doc:"Of the register"`
	At      int64    `json:"at"`
	Actor   string   `json:"actor"`
	Unit    string   `json:"unit"`
	Purpose string   `json:"purpose"`
	Case    string   `json:"case"`
	Items   []string `json:"items" nullable:"false"`
}

func (s *server) registerReading(n register.Noted) RegisterReading {
	out := RegisterReading{Subject: n.ID, At: n.At, Actor: n.Actor, Purpose: s.purposeTitle(n.Purpose), Case: n.Case, Items: []string{}}
	if n.Unit != "" {
		out.Unit = s.unitName(n.Unit)
	}
	if login, ok := strings.CutPrefix(n.Actor, "staff:"); ok {
		if p, ok := s.Staff.Directory().Staff(login); ok {
			out.Actor = p.Name
		}
	}
	if r := s.City.Registers.Find(n.Register); r != nil {
		out.Title = r.Title
		for _, code := range n.Items {
			if it, ok := r.Item(code); ok {
				code = it.Title
			}
			out.Items = append(out.Items, code)
		}
	}
	return out
}

type registerReadingsInput struct {
	Before int64 `query:"before" minimum:"0" doc:"UTC milliseconds; 0 is now"`
}

func (s *server) listRegisterReadings(ctx context.Context, c *caller, in *registerReadingsInput) (*body[items[RegisterReading]], error) {
	if err := c.needs(registersDesk); err != nil {
		return nil, err
	}
	noted, err := s.Registers.LatestReadings(ctx, in.Before, 100)
	out := make([]RegisterReading, len(noted))
	for i, n := range noted {
		out[i] = s.registerReading(n)
	}
	return answer(items[RegisterReading]{out}), err
}

// SubjectFact is a fact with its days.
type SubjectFact struct {
	Title    string `json:"title"`
	Value    string `json:"value"`
	Source   string `json:"source"`
	From     string `json:"from"`
	To       string `json:"to"`
	Recorded int64  `json:"recorded"`
	Ended    int64  `json:"ended" doc:"When it was put right; 0 where it stands"`
}

// SubjectPage is what is known of a subject.
type SubjectPage struct {
	ID       string            `json:"id"`
	Facts    []SubjectFact     `json:"facts" nullable:"false"`
	Readings []RegisterReading `json:"readings" nullable:"false"`
}

type lookInput struct {
	Body struct {
		Register string `json:"register" maxLength:"40"`
		Value    string `json:"value" minLength:"1" maxLength:"60" doc:"Of the register's key item"`
	}
}

func (s *server) lookUpSubject(ctx context.Context, c *caller, in *lookInput) (*body[SubjectPage], error) {
	if err := c.needs(registersDesk); err != nil {
		return nil, err
	}
	q := register.Reading{Purpose: resolvePurpose, Actor: c.actor}
	r := s.City.Registers.Find(in.Body.Register)
	key, items := "", []string(nil)
	if r != nil {
		for i := range r.Items {
			it := &r.Items[i]
			if !r.MayRead(q, it) {
				continue
			}
			items = append(items, it.Code)
			if it.Key == "one" && key == "" {
				key = it.Code
			}
		}
	}
	sub, err := s.Registers.Find(ctx, q, in.Body.Register, key, in.Body.Value)
	if err != nil {
		return nil, err
	}
	facts, err := s.Registers.History(ctx, q, sub, items...)
	if err != nil {
		return nil, err
	}
	out := SubjectPage{ID: sub.ID, Facts: []SubjectFact{}, Readings: []RegisterReading{}}
	for _, f := range facts {
		it, _ := r.Item(f.Item)
		out.Facts = append(out.Facts, SubjectFact{it.Title, it.Say(f.Value), r.SourceTitle(f.Source), f.From, f.To, f.Recorded, f.Ended})
	}
	noted, err := s.Registers.Readings(ctx, sub)
	for _, n := range noted {
		out.Readings = append(out.Readings, s.registerReading(n))
	}
	return answer(out), err
}

type reportInput struct {
	Body struct {
		Register string         `json:"register" maxLength:"40"`
		Source   string         `json:"source" maxLength:"40" doc:"Code of the source that says so"`
		Value    string         `json:"value" minLength:"1" maxLength:"60" doc:"Of the register's key item: the number of a person, the credit code of an enterprise"`
		Facts    []ReportedFact `json:"facts" minItems:"1" maxItems:"100" nullable:"false"`
	}
}

// ReportedFact is a fact as a source reports it.
type ReportedFact struct {
	Item  string `json:"item" maxLength:"40"`
	Value string `json:"value" maxLength:"1000" doc:"Empty where there is none on these days"`
	From  string `json:"from,omitempty" maxLength:"10" doc:"First day, 2026-01-01; empty since ever"`
	To    string `json:"to,omitempty" maxLength:"10" doc:"Last day; empty without end"`
}

// reportFacts writes down what a source says, of a subject that is there already: who is
// new comes by a load, which finds out whether they are.
func (s *server) reportFacts(ctx context.Context, c *caller, in *reportInput) (*struct{}, error) {
	if err := c.needs(registersDesk); err != nil {
		return nil, err
	}
	r := s.City.Registers.Find(in.Body.Register)
	if r == nil || !slices.ContainsFunc(r.Sources, func(x register.Source) bool { return x.Code == in.Body.Source && x.Unit == c.actor.Unit }) {
		return nil, unless(false)
	}
	key := slices.IndexFunc(r.Items, func(i register.Item) bool { return i.Key == "one" })
	if key < 0 {
		return nil, unless(false)
	}
	sub, err := s.Registers.Find(ctx, register.Reading{Purpose: resolvePurpose, Actor: c.actor}, r.Code, r.Items[key].Code, in.Body.Value)
	if err != nil {
		return nil, err
	}
	facts := make([]register.Fact, len(in.Body.Facts))
	for i, f := range in.Body.Facts {
		facts[i] = register.Fact{Item: f.Item, Value: f.Value, From: f.From, To: f.To}
	}
	return nil, s.Registers.Put(ctx, in.Body.Source, sub, facts...)
}
