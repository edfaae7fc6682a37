package portal

import (
	"context"
	"io"
	"time"

	"yiwang/internal/base/text"
	"yiwang/internal/core/matter"
	"yiwang/internal/core/place"
	"yiwang/internal/work/guide"
)

// Office is what the citizens' door needs of the house behind it. Texts that it
// hands over are meant for citizens: no staff names, no internal notes.
type Office interface {
	Certificates
	People
	Appointments

	// Book returns the declarations in force. It is called for every page and
	// must be cheap.
	Book(ctx context.Context) (*Book, error)

	// File opens a case. Filing the same External twice opens one case and
	// returns it both times, the second time perhaps without its code.
	File(ctx context.Context, f Filing) (Filed, error)

	// Find returns the id of the case with this number and query code, NotFound
	// where either is wrong. The code is compared in constant time, and an
	// unknown number takes as long as a wrong code.
	Find(ctx context.Context, number, code string) (string, error)

	// Look returns what the appellant of a case may see.
	Look(ctx context.Context, caseID string) (Progress, error)

	// Looks returns who opened the personal data of a case, and why, the latest first.
	Looks(ctx context.Context, caseID string) ([]Glimpse, error)

	// Paper returns the paper that went out to the appellant with the n-th action,
	// as PDF where the machine has a Chinese font, else as a page. Error: NotFound.
	Paper(ctx context.Context, caseID string, n int) (Handout, error)

	// Act takes one of the actions that are open to the appellant. The same Once
	// counts once.
	Act(ctx context.Context, a Act) error

	// Recover sends a new query code to a telephone number or an e-mail address for
	// each case that was filed with it. One that nobody filed with is no error.
	Recover(ctx context.Context, to string) error

	// About says with what confidence a message is about which matters, by code.
	About(ctx context.Context, message string) map[string]float64

	// Nearby returns open cases that may be the same event, the likeliest first.
	Nearby(ctx context.Context, e Event) ([]Neighbour, error)

	// Glance returns what anybody may know of a case.
	Glance(ctx context.Context, caseID string) (Neighbour, error)

	// Ask looks a question up in the knowledge base and counts it. Error: Invalid.
	Ask(ctx context.Context, question string) (Advice, error)

	// Mark notes what became of an answer: good, bad or case.
	Mark(ctx context.Context, id, mark string) error

	// Opened returns what the city shows to everybody. It is called for every page
	// and must be cheap.
	Opened(ctx context.Context) (Opened, error)

	// Keep inspects and stores an uploaded file, and refuses with Invalid or
	// TooLarge what it does not take.
	Keep(ctx context.Context, name string, r io.Reader) (File, error)

	// Open returns a kept file; small asks for a thumbnail of a picture.
	Open(ctx context.Context, id string, size Size) (io.ReadCloser, File, error)
}

// Book is the declarations a citizen's page is drawn from.
type Book struct {
	Title    string          // name of the site, e.g. 示范区民意速办
	Notice   string          // said on every page, e.g. that the data are invented; "" is nothing
	Families []matter.Family // those that citizens may file themselves
	Clocks   map[string][]matter.ClockSet
	Guides   *guide.Book
	Ground   *Ground // nil where the city has no map

	// Enterprise is the code of the channel by which enterprises file, "" where there
	// is none.
	Enterprise string
}

// Family returns a public family by its code.
func (b *Book) Family(code string) (matter.Family, bool) {
	for _, f := range b.Families {
		if f.Code == code {
			return f, true
		}
	}
	return matter.Family{}, false
}

// Appeals returns the family that the door 我要反映 opens: the first public one
// whose messages the machine reads and sends to the unit responsible.
func (b *Book) Appeals() (matter.Family, bool) {
	for _, f := range b.Families {
		if f.Dispatch {
			return f, true
		}
	}
	return matter.Family{}, false
}

// Glimpse is one opening of somebody's personal data, by the office and the role of
// who did it.
type Glimpse struct {
	At      time.Time
	Unit    string
	Role    string
	Purpose string
}

// Filing is a citizen's message or application, checked against its family.
type Filing struct {
	External string // id of the draft: the same draft never files twice
	Family   string
	Channel  string         // code, "" is that of the site
	Fields   map[string]any // by field code: string, float64 for numbers, bool for ticks; files are []string of ids
	Area     string         // area code, "" unknown
	Point    *place.Point   // nil unknown
	Files    []File
	Lang     string // language the person reads

	Person string  // who signed in and files it, "" nobody
	Of     Subject // whom it is for
	Agreed bool    // the registers may be read for it
}

// Filed is the receipt of a filing.
type Filed struct {
	CaseID string
	Number string
	Code   string // query code; "" where it was handed out before
	At     time.Time
}

// Progress is a case as its appellant sees it.
type Progress struct {
	CaseID, Number, Family, Title string
	State                         string // in the citizen's words
	Closed                        bool
	Unit                          string // name of the unit responsible, "" while there is none
	FiledAt                       time.Time
	Said                          []Said   // what was filed
	Steps                         []Step   // oldest first
	Promise                       *Promise // what comes next and until when; nil where nothing is running
	Actions                       []Choice // open to the appellant
	Apply                         string   // code of the service that it asks to be applied for, "" none

	Reasons func(text.Lang) *Reasons // why a table decided as it did; nil where none was asked
	Files   []File                   // everything the appellant may open
}

// Said is one answer of the filing form.
type Said struct{ Title, Value string }

// Step is something that happened.
type Step struct {
	At    time.Time
	Text  string
	Unit  string // name of the unit that did it, "" for the appellant and the machine
	Mine  bool   // done by the appellant
	Paper string // title of the paper that went out to the appellant with it, "" for none
	N     int    // its ordinal, by which the paper is asked for
	Files []File
}

// Handout is a paper as it is handed out.
type Handout struct {
	Name string // of the file
	Type string
	Body []byte
}

// Promise is the nearest limit that somebody has to keep.
type Promise struct {
	Title string // declared name of the clock
	Unit  string // who has to keep it
	Due   time.Time
}

// Choice is an action open to the appellant.
type Choice struct {
	Code, Title, Hint string
	Main              bool // the step that is expected next
	Ends              bool // leads to where nobody works on the case any more
	Input             []matter.Field
}

// Act is an action taken by the appellant.
type Act struct {
	CaseID string
	Action string
	Once   string         // id of this act, so that a double click counts once
	Input  map[string]any // by field code: string, float64, bool; rating 1…5 as int; files are []string of ids
	Files  []File
}

// Advice is what the knowledge base says to a question.
type Advice struct {
	ID    string // for marking it
	Sure  bool   // the first is given as the answer; else all are offered
	Items []Guidance
}

// Guidance is an answer with what it rests on.
type Guidance struct {
	Question, English, Answer, Basis, Link, Unit string
	Reviewed, Expires                            string // days
	Local                                        bool
}

// Opened is what the city shows to everybody: figures of the last months and
// answered cases, with nothing personal in them.
type Opened struct {
	AsOf   time.Time
	Months []Month // the latest first
	Cases  []Example
}

// Month is the figures of a month. Rates are texts, "" where there is none.
type Month struct {
	Month                            string // "2026-11"
	Received, Ended                  int64
	OnTime, Resolution, Satisfaction string
}

// Example is an answered case in words written for everybody.
type Example struct{ About, Where, Unit, Summary string }

// Event is what is known of a happening that is about to be filed.
type Event struct {
	Family, Text, Address, Area string
	Point                       *place.Point
}

// Neighbour is somebody's case with nothing personal in it.
type Neighbour struct {
	CaseID  string
	About   string // name of the matter, or of the family
	Where   string // area, as people say it
	State   string // in the citizen's words
	Unit    string
	FiledAt time.Time
	Closed  bool
}

// File is an uploaded file that was inspected and kept.
type File struct {
	ID   string
	Name string
	Type string // media type by content
	Size int64
}

// Size says how large a picture is wanted.
type Size string

// The sizes.
const (
	Full  Size = "full"
	Small Size = "small"
)

// Drafts keeps what a person has not sent yet. It is sealed before it comes here.
type Drafts interface {
	LoadDraft(ctx context.Context, id string) ([]byte, error) // NotFound where there is none, or its time is over
	SaveDrafts(ctx context.Context, all ...Sealed) error      // together or not at all
	DropDraft(ctx context.Context, id string) error
}

// Sealed is a draft as it is kept.
type Sealed struct {
	ID    string
	Doc   []byte
	Until time.Time
}
