package guide

import "yiwang/internal/core/matter"

// Indicator is a figure of the catalogue, defined once for the command, the desk and
// whoever counts after: of the items of which its element is known, the sum of one number
// of each over the sum of another.
type Indicator struct {
	Code string
	// of returns what an item adds above and below the line; not known, it is in neither.
	of     func(s *matter.Service) (n, d int, known bool)
	Shrink bool // the figure is 1 − n ÷ d
	Mean   bool // it is a mean and no share
}

// said is an indicator that counts items of which something is so.
func said(code string, known, is func(s *matter.Service) bool) Indicator {
	return Indicator{Code: code, of: func(s *matter.Service) (int, int, bool) {
		if !known(s) {
			return 0, 0, false
		}
		if is(s) {
			return 1, 1, true
		}
		return 0, 1, true
	}}
}

func promises(s *matter.Service) bool   { return s.Instant || s.Promised.Days > 0 }
func hasDepth(s *matter.Service) bool   { return s.Depth != "" } // an item without it does not say how often one must come
func instant(s *matter.Service) bool    { return s.Instant }
func fullOnline(s *matter.Service) bool { return s.Depth == "full" }

// Indicators are the figures of the catalogue in the order in which they are shown.
var Indicators = []Indicator{
	said("instant", promises, instant),
	said("instant_permit", func(s *matter.Service) bool { return s.Type == "permit" && promises(s) }, instant),
	{Code: "compression", Shrink: true, of: func(s *matter.Service) (int, int, bool) {
		return s.Promised.Days, s.Legal.Days, s.Legal.Days > 0 && promises(s) && s.Legal.In == s.Promised.In
	}},
	{Code: "visits", Mean: true, of: func(s *matter.Service) (int, int, bool) { return s.Visits, 1, hasDepth(s) }},
	said("at_most_once", hasDepth, func(s *matter.Service) bool { return s.Visits <= 1 }),
	said("zero_visits", hasDepth, func(s *matter.Service) bool { return s.Visits == 0 }),
	said("full", hasDepth, fullOnline),
	said("online", hasDepth, func(s *matter.Service) bool { return s.Depth == "apply" || fullOnline(s) }),
	said("scoped", hasDepth, func(s *matter.Service) bool { return len(s.Scope) > 0 }),
}

// FindIndicator returns the indicator with a code.
func FindIndicator(code string) (Indicator, bool) {
	for _, i := range Indicators {
		if i.Code == code {
			return i, true
		}
	}
	return Indicator{}, false
}

// Which part of the items stands behind a figure.
const (
	PartIn      = "in"      // counted above the line
	PartOut     = "out"     // below the line only
	PartUnknown = "unknown" // the element is not known
)

// Part tells where an item stands in the figure. Of a mean or a shrinkage every item of
// which the element is known adds something; those that add least (no visit, no day less)
// are what the figure asks for.
func (i Indicator) Part(s *matter.Service) string {
	n, d, known := i.of(s)
	switch {
	case !known:
		return PartUnknown
	case i.Shrink && n < d, i.Mean && n == 0, !i.Shrink && !i.Mean && n > 0:
		return PartIn
	}
	return PartOut
}

// Count is an indicator of some items.
type Count struct {
	N       int // above the line
	Of      int // below it
	Items   int // of which the element is known
	Unknown int // of which it is not
	In      int // items in PartIn
}

// Count counts the indicator of some items.
func (i Indicator) Count(items []*matter.Service) (c Count) {
	for _, s := range items {
		n, d, known := i.of(s)
		if !known {
			c.Unknown++
			continue
		}
		c.Items++
		if i.Part(s) == PartIn {
			c.In++
		}
		c.N += n
		c.Of += d
	}
	return c
}

// Value returns the figure, 0 of nothing.
func (i Indicator) Value(c Count) float64 {
	if c.Of == 0 {
		return 0
	}
	v := float64(c.N) / float64(c.Of)
	if i.Shrink {
		return 1 - v
	}
	return v
}

// Figures are what the catalogue says of itself. Each rate is a part of those items
// of which the element is known; how many those are stands beside it.
type Figures struct {
	Items     int `json:"items"`
	Live      int `json:"live"`      // can be applied for here
	Permits   int `json:"permits"`   // 行政许可事项
	Incipient int `json:"unwritten"` // lack some element

	Instant       Share `json:"instant"`        // 即办率 of all items
	InstantPermit Share `json:"instant_permit"` // 即办率 of permits
	Online        Share `json:"online"`         // 网上可办率
	Full          Share `json:"full"`           // 全流程网办率
	AtMostOnce    Share `json:"at_most_once"`   // 最多跑一次
	ZeroVisits    Share `json:"zero_visits"`    // 零跑动
	Scoped        Share `json:"scoped"`         // 通办: can be had elsewhere too

	LegalDays    int     `json:"legal_days"`    // Σ of the items that have both limits
	PromisedDays int     `json:"promised_days"` // Σ of the same
	Measured     int     `json:"measured"`      // how many those are
	Compression  float64 `json:"compression"`   // 时限压缩率: 1 − Σ promised ÷ Σ legal
	Visits       float64 `json:"visits"`        // 平均跑动次数

	NotBrought int `json:"not_brought"` // materials that a register or certificate replaces
	Materials  int `json:"materials"`   // all materials
}

// Share is a part of a whole.
type Share struct {
	N  int `json:"n"`
	Of int `json:"of"`
}

// Rate returns the share as a fraction, 0 of nothing.
func (s Share) Rate() float64 {
	if s.Of == 0 {
		return 0
	}
	return float64(s.N) / float64(s.Of)
}

// Measure counts the figures of some items.
func Measure(items []*matter.Service) Figures {
	f := Figures{Items: len(items)}
	for code, share := range map[string]*Share{"instant": &f.Instant, "instant_permit": &f.InstantPermit, "online": &f.Online, "full": &f.Full,
		"at_most_once": &f.AtMostOnce, "zero_visits": &f.ZeroVisits, "scoped": &f.Scoped} {
		i, _ := FindIndicator(code)
		c := i.Count(items)
		*share = Share{c.N, c.Of}
	}
	shorter, _ := FindIndicator("compression")
	days := shorter.Count(items)
	f.PromisedDays, f.LegalDays, f.Measured = days.N, days.Of, days.Items
	f.Compression = shorter.Value(days)
	visits, _ := FindIndicator("visits")
	f.Visits = visits.Value(visits.Count(items))
	for _, s := range items {
		if s.Live() {
			f.Live++
		}
		if len(s.Missing()) > 0 {
			f.Incipient++
		}
		if s.Type == "permit" {
			f.Permits++
		}
		for _, m := range s.Materials {
			f.Materials++
			if m.Replaces != "" || m.Item != "" || m.Source == "government" {
				f.NotBrought++
			}
		}
	}
	return f
}
