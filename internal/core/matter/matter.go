package matter

import (
	"slices"
	"strings"
)

// Matter is one thing government does, declared.
type Matter struct {
	Code        string   // unique inside its family, e.g. "030503"
	Name        string   // official name
	Family      string   // code of the family it belongs to, e.g. "appeal"
	Levels      []string // names of the classes above it, widest first
	LevelCodes  []string // their codes
	Description string   // what falls under it, in plain words
	Keywords    []string // how people say it
	Duty        Duty     // who answers for it
	Fast        bool     // fast-track (速办): two hours of natural time
	Night       bool     // answered at night too
	From, To    string   // effective dates, "2026-01-01"; To "" is open
}

// By says how the responsible unit of a matter is found.
type By string

// The ways of the duty list.
const (
	ByFunction By = "function" // the unit that has the function, wherever it happened
	ByPlace    By = "place"    // the unit of the place, whatever it is about
	ByBoth     By = "both"     // the unit that has the function at that place
)

// Duty is a clause of the duty list: who answers for a matter.
type Duty struct {
	By       By
	Unit     string // unit code, for ByFunction
	Function string // function, for ByBoth
	Level    string // level of place that carries it (street, community), for ByPlace and ByBoth
	Backstop string // unit code that takes what the rule cannot place (兜底单位)
	Basis    string // the clause it rests on
}

// Family is what the matters of one kind share: the appeal, the permit.
// A service item with a form of its own is a family with a single matter.
type Family struct {
	Code      string    `yaml:"code" need:"yes"`
	Title     string    `yaml:"title" need:"yes"`
	Lifecycle string    `yaml:"lifecycle" need:"yes"` // code of the lifecycle its cases run
	RuleSets  []string  `yaml:"rule_sets"`            // codes of the clock rule sets that measure it
	Dispatch  bool      `yaml:"dispatch"`             // whether the machine reads its messages and proposes matter and unit
	Public    bool      `yaml:"public"`               // whether citizens may file it themselves
	Internal  bool      `yaml:"internal"`             // work among offices: no figure of the city counts it as something asked for
	Natures   []string  `yaml:"natures" need:"yes"`   // natures a case may have, first is the default
	Fields    []Field   `yaml:"fields"`               // what is asked when it is filed
	Duty      *DutyYAML `yaml:"duty"`                 // the duty clause of a family with a single matter
	Basis     string    `yaml:"basis"`                // legal basis
	Guide     string    `yaml:"guide"`                // what a citizen should know before filing
	Results   []string  `yaml:"results"`              // results a case may end with
	Keep      int       `yaml:"keep"`                 // years after closing for which what is personal is kept, 0 for good
	Matters   string    `yaml:"matters"`              // CSV file of its matters, relative to the pack; "" is a single matter with the family's own code
	Voucher   string    `yaml:"voucher"`              // kind of certificate that "result" means in its lifecycle
	Service   *Service  `yaml:"-"`                    // the service item it was made from, nil for any other
}

// DutyYAML is a duty clause written in a family's file.
type DutyYAML struct {
	By       By     `yaml:"by" need:"yes" oneof:"function place both"`
	Unit     string `yaml:"unit"`
	Function string `yaml:"function"`
	Level    string `yaml:"level" oneof:"street community"`
	Backstop string `yaml:"backstop"`
}

// FieldType is the type of a field of a form or of an action's input.
type FieldType string

// The types a form can ask for. The set is closed.
const (
	Text      FieldType = "text"     // one line
	LongText  FieldType = "longtext" // several lines
	Choice    FieldType = "choice"   // one of Options
	Number    FieldType = "number"
	Date      FieldType = "date" // yyyy-mm-dd
	Yes       FieldType = "yes"  // a tick
	UnitRef   FieldType = "unit" // a unit's code
	StaffRef  FieldType = "staff"
	AreaRef   FieldType = "area" // an area's code; its options are the areas of the city
	MatterRef FieldType = "matter"
	CaseRef   FieldType = "case"   // a case number
	Rating    FieldType = "rating" // 1 (very satisfied) … 5 (very dissatisfied), GB/T 39046 A.8
	Files     FieldType = "files"
)

// Field is something that a person is asked for.
type Field struct {
	Code     string    `yaml:"code" need:"yes"`
	Title    string    `yaml:"title" need:"yes"`
	Hint     string    `yaml:"hint"`
	Type     FieldType `yaml:"type" need:"yes" oneof:"text longtext choice number date yes unit staff area matter case rating files"`
	Options  []Option  `yaml:"options"`
	Required bool      `yaml:"required"`
	Max      int       `yaml:"max"`      // characters for text, value for numbers; 0 is the default of the type
	Personal bool      `yaml:"personal"` // kept in the sealed body, masked on screens
	Public   bool      `yaml:"public"`   // shown to the appellant in the timeline
	Matters  []string  `yaml:"matters"`  // beginnings of codes: asked of a citizen only once the message is read as one of these; none is always
	Phrases  []Phrase  `yaml:"phrases"`  // of a long text
	From     string    `yaml:"from"`     // register item ("person.name") that fills it in, so that it is not asked again
	Unasked  bool      `yaml:"-"`        // filled in by the way of applying (a promise, what comes later), and no question of the form
	Check    string    `yaml:"check"`    // this is the reply to the appellant, read before it goes; the field of this code says why it goes in spite of what was found
}

// Phrase is a text that may be put into a field by one click, and changed there.
type Phrase struct {
	Title   string   `yaml:"title" need:"yes"`
	Text    string   `yaml:"text" need:"yes"`
	Matters []string `yaml:"matters"` // beginnings of the codes of the matters it is meant for; none is all
}

// Option is one choice of a field.
type Option struct {
	Code  string `yaml:"code" need:"yes"`
	Title string `yaml:"title" need:"yes"`
	Basis string `yaml:"basis"` // the clause a reason rests on
	Stop  string `yaml:"stop"`  // whoever chooses it need not file, and is told this instead
}

// AsksOf reports whether a field is asked for where something is about a matter.
func (f *Field) AsksOf(matter string) bool {
	return len(f.Matters) == 0 || slices.ContainsFunc(f.Matters, func(m string) bool { return matter != "" && strings.HasPrefix(matter, m) })
}
