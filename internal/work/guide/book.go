package guide

import (
	"strings"
	"sync"

	"yiwang/internal/core/city"
	"yiwang/internal/core/matter"
	"yiwang/internal/work/knowledge"
)

// Book is the service items of a city as people look for them. It is safe for
// concurrent use and follows the day.
type Book struct {
	city *city.City

	mu  sync.Mutex
	day *edition
}

// edition is the items of a day.
type edition struct {
	day    string
	items  []*matter.Service
	byCode map[string]*matter.Service
	index  func() *knowledge.Index // made when somebody asks first
}

// NewBook returns the book of a city.
func NewBook(c *city.City) *Book { return &Book{city: c} }

func (b *Book) today() *edition {
	b.mu.Lock()
	defer b.mu.Unlock()
	if today := matter.Today(); b.day == nil || b.day.day != today {
		e := &edition{day: today, items: b.city.Catalog.Services(today), byCode: map[string]*matter.Service{}}
		for _, s := range e.items {
			e.byCode[s.Code] = s
		}
		e.index = sync.OnceValue(func() *knowledge.Index { return b.indexOf(e.items) })
		b.day = e
	}
	return b.day
}

// Items returns the items in force today, by code. They must not be changed.
func (b *Book) Items() []*matter.Service { return b.today().items }

// Item returns the item with a code that is in force today, nil if there is none.
func (b *Book) Item(code string) *matter.Service { return b.today().byCode[code] }

// City returns the city whose book it is.
func (b *Book) City() *city.City { return b.city }

// UnitName returns the name of a unit, its code where it has none.
func (b *Book) UnitName(code string) string {
	if b.city.Directory != nil {
		if u, ok := b.city.Directory.Unit(code); ok {
			return u.Name
		}
	}
	return code
}

// Find returns the items that fit best what somebody asks, at most n, and whether
// the first is sure.
func (b *Book) Find(question string, n int) (found []*matter.Service, sure bool) {
	e := b.today()
	hits := e.index().Find(question, n)
	for _, h := range hits.Hits {
		found = append(found, e.byCode[h.Entry.Code])
	}
	return found, hits.Sure
}

// indexOf puts the items where the words of a question find them: the name and how
// people ask weigh most, what the guide says less.
func (b *Book) indexOf(items []*matter.Service) *knowledge.Index {
	themes := map[string]string{}
	for _, t := range b.city.Catalog.Themes() {
		themes[t.Code] = t.Name
	}
	entries := make([]knowledge.Entry, 0, len(items))
	for _, s := range items {
		said := append([]string{s.Content, s.Guide, s.Result.Title, b.UnitName(s.Unit)}, s.Conditions...)
		for _, m := range s.Materials {
			said = append(said, m.Title)
		}
		for _, t := range s.Themes {
			said = append(said, themes[t])
		}
		for _, q := range s.Answers {
			said = append(said, q.Q)
		}
		entries = append(entries, knowledge.Entry{Code: s.Code, Question: s.Title, Asks: s.Asked, Answer: strings.Join(said, "\n"), Unit: s.Unit})
	}
	return knowledge.NewIndex(entries, func(string) []string { return nil }, meant)
}
