package exchange

import (
	_ "embed"
	"time"
)

// Version is that of the format. It is raised when an older reader would
// misunderstand a file; members that it may overlook are added without.
const Version = 1

// Schema is the JSON Schema of a line.
//
//go:embed schema.json
var Schema []byte

// Head is the first line of a file.
type Head struct {
	Version int       `json:"yiwang_exchange"`
	From    Peer      `json:"from"`
	MadeAt  time.Time `json:"made_at"`
}

// Peer names a platform: the code of its area, and what people call it.
type Peer struct {
	Code string `json:"code"`
	Name string `json:"name"`
}

// Foot is the last line: without it the file was cut off.
type Foot struct {
	End    bool   `json:"end"`
	Cases  int    `json:"cases"`
	SHA256 string `json:"sha256"` // of every byte before this line, in hexadecimal
}

// Case is one case as its sender has it.
type Case struct {
	Number  string            `json:"number"` // the sender's
	Token   string            `json:"token"`  // comes back with the result
	Yours   *Yours            `json:"yours,omitempty"`
	FiledAt time.Time         `json:"filed_at"`
	Fields  map[string]string `json:"fields"` // title, text, address, name, phone, email, …
	Lng     float64           `json:"lng,omitempty"`
	Lat     float64           `json:"lat,omitempty"`
	Area    string            `json:"area,omitempty"`   // statistical code
	Matter  Named             `json:"matter,omitzero"`  // DB44/T 2479
	Nature  string            `json:"nature,omitempty"` // 投诉, 咨询 …
	Urgency string            `json:"urgency,omitempty"`
	State   State             `json:"state"`
	Unit    Named             `json:"unit,omitzero"`
	DueAt   time.Time         `json:"due_at,omitzero"`
	Result  string            `json:"result,omitempty"`
	Answer  string            `json:"answer,omitempty"` // published to the appellant
	Rating  int               `json:"rating,omitempty"` // 1 very satisfied … 5 very dissatisfied
	Entries []Entry           `json:"entries"`
}

// Yours is the receiver's own case that this one was made from.
type Yours struct {
	Number string `json:"number"`
	Token  string `json:"token"`
}

// Named is a code and what people call it.
type Named struct {
	Code string `json:"code"`
	Name string `json:"name,omitempty"`
}

// State is where a case stands at its sender.
type State struct {
	Code     string `json:"code"`
	Name     string `json:"name,omitempty"`
	Closed   bool   `json:"closed,omitempty"`
	Answered bool   `json:"answered,omitempty"` // the appellant has Answer
}

// Entry is one thing that happened to a case.
type Entry struct {
	N       int       `json:"n"` // ordinal in the sender's case
	At      time.Time `json:"at"`
	Kind    string    `json:"kind"`
	Title   string    `json:"title"`
	By      string    `json:"by"` // citizen, staff, machine
	Unit    Named     `json:"unit,omitzero"`
	Citizen string    `json:"citizen,omitempty"` // as the appellant reads it; "" is for the offices only
	Values  []Value   `json:"values,omitempty"`
	Files   []File    `json:"files,omitempty"`
}

// Value is what was entered.
type Value struct {
	Code  string `json:"code"`
	Title string `json:"title"`
	Text  string `json:"text"`
}

// File is an attachment, with its content.
type File struct {
	Name string `json:"name"`
	Type string `json:"type"`
	Data []byte `json:"data"` // base64
}
