package register

import (
	"slices"
	"strings"

	"yiwang/internal/base/text"
	"yiwang/internal/core/org"
)

// Register declares one register: what is known in it, from whom, and who may read it
// for what.
type Register struct {
	Code    string   `yaml:"code" need:"yes"`
	Title   string   `yaml:"title" need:"yes"`
	Owner   string   `yaml:"owner" need:"yes"`  // unit that answers for it
	Prefix  string   `yaml:"prefix" need:"yes"` // capital letters before the numbers of its subjects
	Basis   string   `yaml:"basis"`             // law or rule by which it is kept
	Updates string   `yaml:"updates" oneof:"live daily weekly monthly yearly irregular"`
	Sources []Source `yaml:"sources" need:"yes"` // the first is believed before the second
	Items   []Item   `yaml:"items" need:"yes"`
	Grants  []Grant  `yaml:"grants"`
}

// Source is who says what a register holds.
type Source struct {
	Code  string `yaml:"code" need:"yes"`
	Title string `yaml:"title" need:"yes"`
	Unit  string `yaml:"unit" need:"yes"`
	Final bool   `yaml:"final"` // it settles what others contradict each other about
}

// Item is one thing a register may know of a subject.
type Item struct {
	Code    string   `yaml:"code" need:"yes"`
	Title   string   `yaml:"title" need:"yes"`
	Type    string   `yaml:"type" need:"yes" oneof:"text idnumber credit phone date number yesno choice area subject"`
	Of      string   `yaml:"of"`                         // register of a subject
	Options []Option `yaml:"options"`                    // of an area they are the areas of the city
	Unit    string   `yaml:"unit"`                       // of a number
	Places  int      `yaml:"places"`                     // decimal places of a number
	Key     string   `yaml:"key" oneof:"one many"`       // subjects are found by it: each value is one subject's, or of any number
	Class   string   `yaml:"class" oneof:"1 2 3 4"`      // grade of the data (DB44/T, GB/T 43697): 1 may be known to all, 4 harms gravely; "" is 3
	Share   string   `yaml:"share" oneof:"free if none"` // 无条件共享, 有条件共享, 不予共享; "" is if
	If      string   `yaml:"if"`                         // the condition under which it is shared
	Agree   bool     `yaml:"agree"`                      // sources have to agree: where they do not, it is in doubt
	Most    bool     `yaml:"most"`                       // of what sources say of a number the largest counts, and not the first
	Acts    bool     `yaml:"acts"`                       // the person it names may act, and read, for the subject
}

// Option is one value of a choice.
type Option struct {
	Code  string `yaml:"code" need:"yes"`
	Title string `yaml:"title" need:"yes"`
}

// Grant lets some read some items for a purpose.
type Grant struct {
	Purpose  string   `yaml:"purpose" need:"yes"`
	To       []string `yaml:"to" need:"yes"`    // self, machine, machine:NAME, ROLE, ROLE@UNIT (the unit and all below)
	Items    []string `yaml:"items" need:"yes"` // codes, or all
	Services []string `yaml:"services"`         // of these service items only
	Agreed   bool     `yaml:"agreed"`           // the subject has to agree
	Case     bool     `yaml:"case"`             // there has to be a case that it is read for
}

// Purpose is what facts are read for.
type Purpose struct {
	Code  string
	Title string // shown to the subject
	Basis string
}

// How an item is shared, after 政务数据共享条例.
const (
	ShareFree = "free"
	ShareIf   = "if"
	ShareNone = "none"
)

// all stands for every item of a register.
const all = "all"

// Item returns an item by its code.
func (r *Register) Item(code string) (*Item, bool) {
	i := slices.IndexFunc(r.Items, func(x Item) bool { return x.Code == code })
	if i < 0 {
		return nil, false
	}
	return &r.Items[i], true
}

// source returns the rank of a source, the number of sources where it is none.
func (r *Register) source(code string) int {
	i := slices.IndexFunc(r.Sources, func(s Source) bool { return s.Code == code })
	if i < 0 {
		return len(r.Sources)
	}
	return i
}

// SourceTitle returns the name of a source, its code where it is not declared.
func (r *Register) SourceTitle(code string) string {
	if i := r.source(code); i < len(r.Sources) {
		return r.Sources[i].Title
	}
	return code
}

// Say returns a value as people read it: the title of a choice, a yes or no in the
// language that packs are written in.
func (i *Item) Say(value string) string {
	if i.Type == "yesno" && value != "" {
		return text.Say(text.Chinese, "register."+value, nil)
	}
	for _, o := range i.Options {
		if o.Code == value {
			return o.Title
		}
	}
	return value
}

// Book is all registers of a city.
type Book struct {
	registers map[string]*Register
	order     []*Register
	purposes  map[string]Purpose
	ordered   []Purpose
	facts     []Given
}

// Find returns a register by its code, nil where there is none.
func (b *Book) Find(code string) *Register { return b.registers[code] }

// Registers returns all registers in the order of their codes.
func (b *Book) Registers() []*Register { return b.order }

// Purpose returns a purpose by its code.
func (b *Book) Purpose(code string) (Purpose, bool) { p, ok := b.purposes[code]; return p, ok }

// Purposes returns all purposes as they are declared.
func (b *Book) Purposes() []Purpose { return b.ordered }

// Given returns the facts that the pack brings with it.
func (b *Book) Given() []Given { return b.facts }

// Item returns an item by "register.item".
func (b *Book) Item(name string) (*Register, *Item, bool) {
	register, code, _ := strings.Cut(name, ".")
	r := b.registers[register]
	if r == nil {
		return nil, nil, false
	}
	i, ok := r.Item(code)
	return r, i, ok
}

// Say returns a value of "register.item" as people read it.
func (b *Book) Say(item, value string) string {
	if _, i, ok := b.Item(item); ok {
		return i.Say(value)
	}
	return value
}

// NameAreas gives the items that are areas their names, so that nobody reads a code.
func (b *Book) NameAreas(areas []Option) {
	for _, r := range b.order {
		for i := range r.Items {
			if r.Items[i].Type == "area" {
				r.Items[i].Options = areas
			}
		}
	}
}

// Subject is whom or what facts are of. An ID is unique among all registers.
type Subject struct {
	Register string `json:"register"`
	ID       string `json:"id"`
}

// Fact is one thing that is known. Days are dates in China as 2026-01-01.
type Fact struct {
	Item     string `json:"item"`
	Value    string `json:"value"`
	Source   string `json:"source"`          // code of who says so
	From     string `json:"from,omitempty"`  // first day, "" since ever
	To       string `json:"to,omitempty"`    // last day, "" without end
	Recorded int64  `json:"recorded"`        // UTC milliseconds
	Ended    int64  `json:"ended,omitempty"` // when it was put right, 0 where it still stands
	Doubt    bool   `json:"doubt,omitempty"` // sources contradict each other and nobody has decided yet
}

// Reading says why a register is read, and by whom.
type Reading struct {
	Purpose string    // declared in registers/purposes.csv
	Service string    // service item that it is read for, "" for none
	Case    string    // id of the case that it is read for, "" for none
	Actor   org.Actor // who reads; of a citizen the ID is that of the person's subject
	Agreed  bool      // the subject agreed
	Notes   *Notes    // who writes the reading down; nil has it written down at once
}

// may reports whether a grant of the register lets somebody read an item. Self says
// that the actor is the subject, or may act for it.
func (r *Register) may(q Reading, self bool, i *Item) bool {
	return slices.ContainsFunc(r.Grants, func(g Grant) bool {
		return g.Purpose == q.Purpose && (!g.Agreed || q.Agreed) && (!g.Case || q.Case != "") &&
			(len(g.Services) == 0 || slices.Contains(g.Services, q.Service)) &&
			(slices.Contains(g.Items, i.Code) || slices.Contains(g.Items, all) && i.Share != ShareNone) &&
			slices.ContainsFunc(g.To, func(word string) bool { return admits(word, q.Actor, self) })
	})
}

func admits(word string, a org.Actor, self bool) bool {
	switch a.Kind {
	case org.IsCitizen:
		return word == "self" && self
	case org.IsMachine:
		return word == "machine" || word == "machine:"+a.ID
	}
	role, unit, bound := strings.Cut(word, "@")
	return a.Has(role) && (!bound || a.Unit == unit || slices.Contains(strings.Split(a.Path, "/"), unit))
}

// MayRead reports whether a reading of an item of other subjects than the actor is
// granted.
func (r *Register) MayRead(q Reading, i *Item) bool { return r.may(q, false, i) }

// PurposesOf returns the codes of the purposes that an item may be read for.
func (r *Register) PurposesOf(i *Item) []string {
	var out []string
	for _, g := range r.Grants {
		named := slices.Contains(g.Items, i.Code) || slices.Contains(g.Items, all) && i.Share != ShareNone
		if named && !slices.Contains(out, g.Purpose) {
			out = append(out, g.Purpose)
		}
	}
	return out
}
