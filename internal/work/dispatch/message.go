package dispatch

// Message is what a citizen wrote, as received.
type Message struct {
	Title   string
	Text    string
	Channel string // code of the channel; not used to judge
}

// Scored is a label with the probability that it is right, 0 to 1, calibrated
// on cases that were not learnt from.
type Scored struct {
	Label string
	P     float64
}

// Span is a piece of a message that means something.
type Span struct {
	Text  string
	Title bool // the offsets count in the title, not in the text
	From  int  // byte offset
	To    int  // byte offset after the last
}

// Reading is what the judge makes of one message. A part for which the model
// has learnt nothing is zero.
type Reading struct {
	Matters   []Scored // the best ten, the likeliest first
	Nature    Scored   // one of the natures in the history it learnt from
	Urgency   Scored
	Units     []Scored // unit types, the likeliest five first
	Category  Scored
	PlaceText []Span    // places named, the most telling first
	Demands   int       // how many separate demands, at least 1
	Model     string    // version of the model that read it
	Meaning   []float32 // direction of the text among the model's topics, of length one
}

// Entry is one matter of the duty list.
type Entry struct {
	Code        string
	Name        string
	Path        []string // names of the levels above, the highest first
	Description string
	Words       []string  // words and phrases citizens use for it
	Examples    []Message // what citizens might say about it, made up; nobody wrote them
	Units       []Scored  // unit types that usually handle it, with the share each gets
}

// Decided is a case whose answer is known. Labels that are empty are not learnt
// from; a Decided with none of them is text without labels.
type Decided struct {
	ID string
	Message
	Matter   string
	Also     []string // further matters that would be right too
	Checked  bool     // several people read it and the labels are what they found
	Nature   string
	Urgency  string
	Category string
	Unit     string // unit type
	Places   []string
	Demands  int // 0: unknown
}

// Corpus is everything a model is learnt from.
type Corpus struct {
	Duty    []Entry
	Guides  map[Task][]Entry // words that go with the labels of other tasks
	Decided []Decided
	Texts   []Message // nobody labelled these
	Names   []string  // of places, as addresses write them; none: places are learnt from messages alone
}

// Task names one question the judge answers.
type Task string

// The tasks.
const (
	Matter   Task = "matter"
	Category Task = "category"
	Unit     Task = "unit_type"
	Nature   Task = "nature"
	Urgency  Task = "urgent"
	Place    Task = "place" // found in the text, not chosen among labels
)

// Tasks lists the tasks that choose among labels.
var Tasks = []Task{Matter, Category, Unit, Nature, Urgency}

// Label returns the answer of a decided case to a task, "" where unknown.
func (d *Decided) Label(t Task) string {
	switch t {
	case Matter:
		return d.Matter
	case Category:
		return d.Category
	case Unit:
		return d.Unit
	case Nature:
		return d.Nature
	case Urgency:
		return d.Urgency
	}
	return ""
}

// Forget takes the answer to a task away.
func (d *Decided) Forget(t Task) {
	switch t {
	case Matter:
		d.Matter, d.Also = "", nil
	case Category:
		d.Category = ""
	case Unit:
		d.Unit = ""
	case Nature:
		d.Nature = ""
	case Urgency:
		d.Urgency = ""
	}
}
