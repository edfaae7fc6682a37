package rule

// Table is a decision table as it is declared: what must be known, what comes out,
// and rows that each say when they hold, what follows and by which clause.
type Table struct {
	Code     string    `yaml:"code" json:"code" need:"yes"`
	Title    string    `yaml:"title" json:"title" need:"yes"`
	Basis    string    `yaml:"basis,omitempty" json:"basis,omitempty" need:"yes"`                       // the law or rule whose clauses the rows name
	Hit      string    `yaml:"hit" json:"hit" need:"yes" oneof:"unique first any priority collect"`     // what happens where several rows hold
	Collect  string    `yaml:"collect,omitempty" json:"collect,omitempty" oneof:"sum least most count"` // what collect does with the number of all rows that hold; none lists them
	Facts    []Fact    `yaml:"facts" json:"facts" need:"yes"`                                           // what the rows ask for
	Results  []Result  `yaml:"results" json:"results" need:"yes"`                                       // what comes out; priority ranks by the options of the first
	Rows     []Row     `yaml:"rows" json:"rows" need:"yes"`                                             // first is read from above
	Else     *Else     `yaml:"else,omitempty" json:"else,omitempty"`                                    // what follows where no row holds
	Examples []Example `yaml:"examples,omitempty" json:"examples,omitempty" need:"yes"`                 // what must come out of what; run whenever the table is checked
	Person   string    `yaml:"person,omitempty" json:"person,omitempty"`                                // who is asked for a decision by a person
	From     string    `yaml:"from,omitempty" json:"from,omitempty"`                                    // first day of this edition, 2026-01-01
}

// Fact is one thing a table asks for.
type Fact struct {
	Code     string   `yaml:"code" json:"code" need:"yes"`
	Title    string   `yaml:"title" json:"title" need:"yes"`
	Type     string   `yaml:"type" json:"type" need:"yes" oneof:"number yesno choice date text"`
	Unit     string   `yaml:"unit,omitempty" json:"unit,omitempty"`         // of a number
	Places   int      `yaml:"places,omitempty" json:"places,omitempty"`     // decimal places of a number; more are refused
	Least    string   `yaml:"least,omitempty" json:"least,omitempty"`       // smallest value there can be
	Most     string   `yaml:"most,omitempty" json:"most,omitempty"`         // largest value there can be
	Options  []Option `yaml:"options,omitempty" json:"options,omitempty"`   // of a choice
	Optional bool     `yaml:"optional,omitempty" json:"optional,omitempty"` // its absence is an answer too, and not a want of knowledge
	Source   string   `yaml:"source,omitempty" json:"source,omitempty"`     // register item it is read from, person.birth
	Value    string   `yaml:"value,omitempty" json:"value,omitempty"`       // expression over other facts that it follows from
}

// Result is one thing that a decision says.
type Result struct {
	Code    string   `yaml:"code" json:"code" need:"yes"`
	Title   string   `yaml:"title" json:"title" need:"yes"`
	Type    string   `yaml:"type" json:"type" need:"yes" oneof:"number yesno choice date text"`
	Unit    string   `yaml:"unit,omitempty" json:"unit,omitempty"`       // of a number
	Places  int      `yaml:"places,omitempty" json:"places,omitempty"`   // decimal places of a number
	Options []Option `yaml:"options,omitempty" json:"options,omitempty"` // of a choice
}

// Option is one value of a choice.
type Option struct {
	Code   string `yaml:"code" json:"code" need:"yes"`
	Title  string `yaml:"title" json:"title" need:"yes"`
	Grants bool   `yaml:"grants,omitempty" json:"grants,omitempty"` // of a result: it is what was asked for
}

// Row is one row of a table.
type Row struct {
	Code   string            `yaml:"code" json:"code" need:"yes"`
	When   map[string]string `yaml:"when,omitempty" json:"when,omitempty"` // test by fact; a fact left out may be anything
	Then   map[string]string `yaml:"then" json:"then" need:"yes"`
	Clause string            `yaml:"clause" json:"clause" need:"yes"`
	From   string            `yaml:"from,omitempty" json:"from,omitempty"` // first day
	To     string            `yaml:"to,omitempty" json:"to,omitempty"`     // last day
	Note   string            `yaml:"note,omitempty" json:"note,omitempty"` // for those who edit the table
}

// Else is what follows where no row holds.
type Else struct {
	Then   map[string]string `yaml:"then" json:"then" need:"yes"`
	Clause string            `yaml:"clause" json:"clause" need:"yes"`
}

// Example is a decision that must come out.
type Example struct {
	Name  string            `yaml:"name" json:"name" need:"yes"`
	On    string            `yaml:"on" json:"on" need:"yes"` // the day of the decision
	Given map[string]string `yaml:"given,omitempty" json:"given,omitempty"`
	Want  map[string]string `yaml:"want,omitempty" json:"want,omitempty"` // results, or
	State State             `yaml:"state,omitempty" json:"state,omitempty" oneof:"decided missing"`
}

// State says how far a decision came.
type State string

// The states of a decision.
const (
	Decided  State = "decided"  // there is an outcome
	Missing  State = "missing"  // it turns on facts that are not known
	NoRow    State = "no_row"   // the table says nothing of these facts
	Conflict State = "conflict" // rows that hold say different things
)

// The kinds of values.
const (
	typeNumber = "number"
	typeYesNo  = "yesno"
	typeChoice = "choice"
	typeDate   = "date"
	typeText   = "text"
)

// The hit policies, as DMN names them.
const (
	hitUnique   = "unique"
	hitFirst    = "first"
	hitAny      = "any"
	hitPriority = "priority"
	hitCollect  = "collect"
)
