package knowledge

import (
	"io/fs"
	"time"

	"yiwang/internal/base/decl"
	"yiwang/internal/base/errs"
	"yiwang/internal/core/city"
)

// File is where a city pack keeps its entries; a pack may have none.
const File = "knowledge/guide.csv"

var columns = []string{"code", "question", "english", "asks", "answer", "basis", "unit", "matter", "reviewed", "expires", "local"}

// Entry is a question with its answer.
type Entry struct {
	Code     string   `json:"code"`
	Question string   `json:"question"`
	English  string   `json:"english,omitempty"` // the question in English
	Asks     []string `json:"asks,omitempty"`    // other words by which people ask it
	Answer   string   `json:"answer"`
	Basis    string   `json:"basis"`            // rule or notice that the answer rests on
	Link     string   `json:"link,omitempty"`   // where the basis can be read
	Unit     string   `json:"unit"`             // code of the unit that answers for it
	Matter   string   `json:"matter,omitempty"` // code in the duty list, whose words help to find it
	Reviewed string   `json:"reviewed,omitempty"`
	Expires  string   `json:"expires"`         // last day on which it is shown
	Local    bool     `json:"local,omitempty"` // holds here only; in the demo it is invented
}

// Read reads the entries of a city pack and tells what is wrong with them.
func Read(pack fs.FS, c *city.City) ([]Entry, []decl.Finding) {
	d := decl.Open(pack)
	if !d.Has(File) {
		return nil, nil
	}
	var all []Entry
	first := map[string]int{}
	for _, r := range d.CSV(File, columns...) {
		e := Entry{Code: r.Need("code"), Question: r.Need("question"), English: r.Text("english"), Asks: r.List("asks"), Answer: r.Need("answer"),
			Basis: r.Need("basis"), Unit: r.Need("unit"), Matter: r.Text("matter"), Reviewed: r.Need("reviewed"), Expires: r.Need("expires"), Local: r.Yes("local")}
		if line, twice := first[e.Code]; twice {
			r.Report("org.code_twice", errs.Args{"code": e.Code, "first": line})
			continue
		}
		first[e.Code] = r.Line
		if err := e.Check(c); err != nil {
			r.Report("knowledge.entry_wrong", errs.Args{"code": e.Code})
			continue
		}
		all = append(all, e)
	}
	return all, d.Findings()
}

// Sizes of an entry, in bytes.
const (
	maxQuestion = 300
	maxAnswer   = 6000
)

// Check says whether an entry may be shown: it has an answer, a basis, a unit that
// exists and a day of expiry. Error: Invalid, with the field.
func (e *Entry) Check(c *city.City) error {
	wrong := func(field string) error { return errs.E(errs.Invalid, "knowledge.need_"+field, nil).At(field) }
	switch {
	case e.Question == "" || len(e.Question) > maxQuestion:
		return wrong("question")
	case e.Answer == "" || len(e.Answer) > maxAnswer:
		return wrong("answer")
	case e.Basis == "":
		return wrong("basis")
	}
	if _, ok := c.Directory.Unit(e.Unit); !ok {
		return wrong("unit")
	}
	if e.Matter != "" && c.Catalog.Find("appeal", e.Matter) == nil {
		return wrong("matter")
	}
	if _, err := time.Parse(time.DateOnly, e.Expires); err != nil {
		return wrong("expires")
	}
	return nil
}
