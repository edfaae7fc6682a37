package rehearsal

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"yiwang/internal/base/decl"
	"yiwang/internal/base/text"
	"yiwang/internal/core/place"
)

// Lines is a text of which each line is one way to say something.
type Lines string

// All returns the ways.
func (l Lines) All() []string {
	var out []string
	for line := range strings.Lines(string(l)) {
		if line = strings.TrimSpace(line); line != "" {
			out = append(out, line)
		}
	}
	return out
}

// Scene is what a life directory declares of one matter: how people speak of it
// and how units answer. Words in braces are slots, see slots.
type Scene struct {
	Matter    string         `yaml:"matter"`    // code in the duty list
	Topic     string         `yaml:"topic"`     // what it is about, in a few words
	Weight    int            `yaml:"weight"`    // how often it is heard, against the others
	Nature    map[string]int `yaml:"nature"`    // natures and their weights
	Urgency   string         `yaml:"urgency"`   // "" is none
	Place     string         `yaml:"place"`     // kinds of place it happens at; "" has no place
	Night     string         `yaml:"night"`     // "yes": people speak of last night
	Say       Lines          `yaml:"say"`       // citizens' words
	Patrol    Lines          `yaml:"patrol"`    // words of a grid worker or a partner who saw it
	Answer    Lines          `yaml:"answer"`    // what can be said at once
	Solved    Lines          `yaml:"solved"`    // who did what and when
	Partly    Lines          `yaml:"partly"`    //
	Explained Lines          `yaml:"explained"` //
}

// Kinds returns the kinds of place the scene happens at.
func (s *Scene) Kinds() []string { return strings.Fields(s.Place) }

// asks reports whether those who speak of it mostly want to know something, and
// nobody need go anywhere.
func (s *Scene) asks() bool { return s.Place == "" || s.Nature["咨询"] >= 5 }

// Rhythm is when and by which way messages come.
type Rhythm struct {
	PerDay    int            `yaml:"per_day"`
	Hours     []int          `yaml:"hours"`     // 24 weights, from midnight, China Standard Time
	Weekdays  []int          `yaml:"weekdays"`  // 7 percentages of an ordinary day, from Monday
	Channels  map[string]int `yaml:"channels"`  // weights by channel code
	Patrols   []string       `yaml:"patrols"`   // channels that carry the words of patrols
	Office    []string       `yaml:"office"`    // channels that are open in office hours only
	Anonymous int            `yaml:"anonymous"` // percent of messages without name and telephone number
	Repeats   int            `yaml:"repeats"`   // percent that tell of an event others told of before
	Busy      map[string]int `yaml:"busy"`      // communities in which more happens than elsewhere: percent of all
	Sick      []string       `yaml:"sick"`      // codes of units that are slow
	Partners  []Helping      `yaml:"partners"`  // what social partners put right
}

// Helping says which matters a kind of social partner puts right where it has a
// station, and how often it is given them.
type Helping struct {
	Function string   `yaml:"function"` // of the partner's unit
	Matters  []string `yaml:"matters"`  // codes, or how they begin
	Percent  float64  `yaml:"percent"`
	Far      bool     `yaml:"far"` // a station serves streets that have none, too
}

// Vague is what stands in a slot when nothing exact is known, or in nobody's words.
type Vague struct {
	Street    string   `yaml:"street"`     // whose street it is, unnamed
	Commune   string   `yaml:"commune"`    // the community, unnamed
	Road      string   `yaml:"road"`       // a road without a name
	OurStreet string   `yaml:"our_street"` // as people who do not say where they live say it
	OurPlace  string   `yaml:"our_place"`
	Place     string   `yaml:"place"` // as an official answers who named no place
	Since     string   `yaml:"since"`
	Date      string   `yaml:"date"`  // layout of a day
	Parts     []string `yaml:"parts"` // of the day, six hours each
}

// Words is what everybody says whatever the matter, and the fillings of slots.
type Words struct {
	Open    Lines            `yaml:"open"`    // beginnings of a message
	Close   Lines            `yaml:"close"`   // ends
	Plea    Lines            `yaml:"plea"`    // feelings
	Story   Lines            `yaml:"story"`   // how those begin who have much to tell
	Slips   Lines            `yaml:"slips"`   // right=wrong
	Nowhere Lines            `yaml:"nowhere"` // instead of a place
	Day     Lines            `yaml:"day"`     // fillings of {time}
	Night   Lines            `yaml:"night"`
	Since   Lines            `yaml:"since"`
	Spot    Lines            `yaml:"spot"`
	Names   map[string]Lines `yaml:"names"` // invented businesses, by slot
	Vague   Vague            `yaml:"vague"`
	Surname Lines            `yaml:"surname"`
	Given   Lines            `yaml:"given"`

	Greet  Lines `yaml:"greet"`  // beginning of an official answer
	Bye    Lines `yaml:"bye"`    // its end
	Plain  Lines `yaml:"plain"`  // an answer where the scene has none
	Again  Lines `yaml:"again"`  // of the second answer, after a rework
	Called Lines `yaml:"called"` // notes of a contact
	Visit  Lines `yaml:"visit"`
	Failed Lines `yaml:"failed"`
	Report Lines `yaml:"report"`
	Extend Lines `yaml:"extend"`

	ReturnDuty  Lines `yaml:"return_duty"`
	ReturnPlace Lines `yaml:"return_place"`
	Refuse      Lines `yaml:"refuse"` // why a return is not accepted
	Redispatch  Lines `yaml:"redispatch"`
	Recall      Lines `yaml:"recall"`
	Reject      Lines `yaml:"reject"` // code=explanation
	Same        Lines `yaml:"same"`   // why two cases are about the same thing
	SendBack    Lines `yaml:"send_back"`
	AuditFail   Lines `yaml:"audit_fail"`
	CallFailed  Lines `yaml:"call_failed"`
	Good        Lines `yaml:"good"` // words at the call-back
	Fair        Lines `yaml:"fair"`
	Bad         Lines `yaml:"bad"`
	Urge        Lines `yaml:"urge"`
	Supervise   Lines `yaml:"supervise"`
	Add         Lines `yaml:"add"`
	Withdraw    Lines `yaml:"withdraw"`
	Note        Lines `yaml:"note"`

	// The same, where somebody only wants to know something.
	AskOpen   Lines `yaml:"ask_open"`
	AskClose  Lines `yaml:"ask_close"`
	AskCalled Lines `yaml:"ask_called"`
	AskReport Lines `yaml:"ask_report"`
	AskDoubt  Lines `yaml:"ask_doubt"`
	AskGood   Lines `yaml:"ask_good"`
	AskBad    Lines `yaml:"ask_bad"`
	AskAdd    Lines `yaml:"ask_add"`

	// What else officials write, by action; "code=words" where the action takes a choice.
	Deeds map[string]Lines `yaml:"deeds"`
}

// Script is a city's declared life.
type Script struct {
	Rhythm Rhythm
	Words  Words
	Scenes []Scene
	places map[string][]place.Name // by kind
	total  int                     // of the weights of the scenes
}

// Read reads the life directory of a pack. What is wrong is reported with file
// and line by the findings.
func Read(fsys fs.FS) (*Script, []decl.Finding) {
	d := decl.Open(fsys)
	s := &Script{places: map[string][]place.Name{}}
	var head struct {
		Rhythm Rhythm `yaml:"rhythm"`
		Words  Words  `yaml:"words"`
	}
	d.YAML("life/words.yaml", &head.Words)
	d.YAML("life/rhythm.yaml", &head.Rhythm)
	s.Words, s.Rhythm = head.Words, head.Rhythm
	for _, name := range d.Glob("life/scenes-*.yaml") {
		var file struct {
			Scenes []Scene `yaml:"scenes"`
		}
		d.YAML(name, &file)
		s.Scenes = append(s.Scenes, file.Scenes...)
	}
	for _, n := range place.Read(d).Names {
		s.places[n.Kind] = append(s.places[n.Kind], n)
	}
	for i := range s.Scenes {
		s.total += s.Scenes[i].Weight
	}
	return s, d.Findings()
}

// Load reads the life of a pack and fails where it cannot be played.
func Load(fsys fs.FS) (*Script, error) {
	s, findings := Read(fsys)
	if decl.Faulty(findings) {
		return nil, fmt.Errorf("rehearsal: %d findings, the first: %s", len(findings), findings[0].Say(text.English))
	}
	r := &s.Rhythm
	if s.total == 0 || len(r.Hours) != 24 || len(r.Weekdays) != 7 || r.PerDay < 1 || len(r.Channels) == 0 {
		return nil, fmt.Errorf("rehearsal: life/rhythm.yaml or the scenes are incomplete")
	}
	if slices.Max(r.Hours) < 1 {
		return nil, fmt.Errorf("rehearsal: life/rhythm.yaml: all hours are empty")
	}
	return s, nil
}
