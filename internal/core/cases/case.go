package cases

import (
	"encoding/json"
	"fmt"
	"strings"
)

// Case is the state row: what lists and desks read. It is the fold of the case's
// actions; nothing else writes it. Times are UTC milliseconds, 0 is never.
type Case struct {
	ID        string  `db:"id" json:"id"`
	Number    string  `db:"number" json:"number"`   // what people say and write; with a check digit
	Family    string  `db:"family" json:"family"`   // e.g. "appeal"
	Matter    string  `db:"matter" json:"matter"`   // code in the duty list, "" until known
	State     string  `db:"state" json:"state"`     // code of the lifecycle's state
	Lane      string  `db:"lane" json:"lane"`       // which lane of a desk shows it
	Closed    int     `db:"closed" json:"closed"`   // 1 when nobody has to act any more
	Title     string  `db:"title" json:"title"`     // short and masked
	Channel   string  `db:"channel" json:"channel"` // code of the channel it came by
	Nature    string  `db:"nature" json:"nature"`   // 投诉, 咨询 …
	Urgency   string  `db:"urgency" json:"urgency"` // none, utility, collective, danger
	Area      string  `db:"area" json:"area"`       // narrowest area known
	Grid      string  `db:"grid" json:"grid"`       // grid code, "" unknown
	Lng       float64 `db:"lng" json:"lng"`         // WGS-84 degrees, 0 unknown
	Lat       float64 `db:"lat" json:"lat"`
	Unit      string  `db:"unit" json:"unit"` // responsible unit
	UnitPath  string  `db:"unit_path" json:"-"`
	Holder    string  `db:"holder" json:"holder"` // staff id of the person working on it
	FiledBy   string  `db:"filed_by" json:"filed_by"`
	FiledAt   int64   `db:"filed_at" json:"filed_at"`
	UpdatedAt int64   `db:"updated_at" json:"updated_at"`
	ClosedAt  int64   `db:"closed_at" json:"closed_at"`
	DueAt     int64   `db:"due_at" json:"due_at"`       // of the nearest running clock
	DueClock  string  `db:"due_clock" json:"due_clock"` // its code
	Late      int     `db:"late" json:"late"`           // running clocks that are breached
	Rating    int     `db:"rating" json:"rating"`       // 1 very satisfied … 5 very dissatisfied, 0 none
	Result    string  `db:"result" json:"result"`
	Repeats   int     `db:"repeats" json:"repeats"` // cases linked as the same thing
	Counts    string  `db:"counts" json:"-"`        // JSON object of counters
	Data      string  `db:"data" json:"-"`          // JSON object of declared, non-personal fields
	Pack      string  `db:"pack" json:"-"`          // version of the declarations it runs by
	Version   int64   `db:"version" json:"version"` // number of its latest action
}

const caseColumns = `id, number, family, matter, state, lane, closed, title, channel, nature, urgency,
	area, grid, lng, lat, unit, unit_path, holder, filed_by, filed_at, updated_at, closed_at,
	due_at, due_clock, late, rating, result, repeats, counts, data, pack, version`

// Columns lists the columns of the state row, for packages that select rows.
const Columns = caseColumns

// OfFamily returns the condition, with its one argument, that a case is of a family. It
// is in the words of the index that holds all families but the appeals'.
func OfFamily(family string) string {
	if family == "appeal" {
		return "family = ?"
	}
	return "family = ? and family <> 'appeal'"
}

// fields points to the columns of the row, in the order of caseColumns.
func (c *Case) fields() []any {
	return []any{&c.ID, &c.Number, &c.Family, &c.Matter, &c.State, &c.Lane, &c.Closed, &c.Title, &c.Channel, &c.Nature,
		&c.Urgency, &c.Area, &c.Grid, &c.Lng, &c.Lat, &c.Unit, &c.UnitPath, &c.Holder, &c.FiledBy, &c.FiledAt, &c.UpdatedAt,
		&c.ClosedAt, &c.DueAt, &c.DueClock, &c.Late, &c.Rating, &c.Result, &c.Repeats, &c.Counts, &c.Data, &c.Pack, &c.Version}
}

func (c *Case) values() []any {
	out := c.fields()
	for i, p := range out {
		out[i] = valueOf(p)
	}
	return out
}

// valueOf returns what a field holds.
func valueOf(field any) any {
	switch p := field.(type) {
	case *string:
		return *p
	case *int:
		return *p
	case *int64:
		return *p
	case *float64:
		return *p
	}
	return nil
}

// sameField reports whether two rows hold the same in a field. It makes no values of
// them, which would be one allocation for each.
func sameField(a, b any) bool {
	switch p := a.(type) {
	case *string:
		return *p == *b.(*string)
	case *int:
		return *p == *b.(*int)
	case *int64:
		return *p == *b.(*int64)
	case *float64:
		return *p == *b.(*float64)
	}
	return false
}

// counts returns the counters of the case by name.
func (c *Case) counts() map[string]int64 { return decodeMap[int64](c.Counts) }

// Count returns one counter, 0 where it was never raised.
func (c *Case) Count(name string) int64 { return c.counts()[name] }

func (c *Case) data() map[string]any { return decodeMap[any](c.Data) }

func decodeMap[V any](text string) map[string]V {
	m := map[string]V{}
	if text != "" && text != "{}" {
		// The text is our own JSON; a row that is not is found by Verify.
		_ = json.Unmarshal([]byte(text), &m)
	}
	return m
}

func encodeMap[V any](m map[string]V) string {
	if len(m) == 0 {
		return "{}"
	}
	b, err := json.Marshal(m)
	if err != nil {
		return "{}" // values come from JSON or from the expression types, both encodable
	}
	return string(b)
}

// set applies one change of an action to the state row. Names are those of the
// fold; an unknown one is a defect of the writer and is reported.
func (c *Case) set(name string, v any) error {
	if counter, ok := strings.CutPrefix(name, "counts."); ok {
		m := c.counts()
		m[counter] = toInt(v)
		c.Counts = encodeMap(m)
		return nil
	}
	if field, ok := strings.CutPrefix(name, "data."); ok {
		m := c.data()
		m[field] = v
		c.Data = encodeMap(m)
		return nil
	}
	if p := c.textField(name); p != nil {
		*p = fmt.Sprint(v)
		return nil
	}
	switch name {
	case "closed":
		c.Closed = int(toInt(v))
	case "rating":
		c.Rating = int(toInt(v))
	default:
		return fmt.Errorf("cases: a state row has no field %q", name)
	}
	return nil
}

func (c *Case) textField(name string) *string {
	switch name {
	case "number":
		return &c.Number
	case "family":
		return &c.Family
	case "matter":
		return &c.Matter
	case "state":
		return &c.State
	case "lane":
		return &c.Lane
	case "channel":
		return &c.Channel
	case "nature":
		return &c.Nature
	case "urgency":
		return &c.Urgency
	case "area":
		return &c.Area
	case "grid":
		return &c.Grid
	case "unit":
		return &c.Unit
	case "holder":
		return &c.Holder
	case "filed_by":
		return &c.FiledBy
	case "result":
		return &c.Result
	}
	return nil
}

func toInt(v any) int64 {
	switch x := v.(type) {
	case int:
		return int64(x)
	case int64:
		return x
	case float64:
		return int64(x)
	case bool:
		if x {
			return 1
		}
	}
	return 0
}
