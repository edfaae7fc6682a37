package guide

import "yiwang/internal/core/matter"

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

func (s *Share) add(is bool) {
	s.Of++
	if is {
		s.N++
	}
}

// Measure counts the figures of some items.
func Measure(items []*matter.Service) Figures {
	f := Figures{Items: len(items)}
	visits := 0
	for _, s := range items {
		if s.Live() {
			f.Live++
		}
		if len(s.Missing()) > 0 {
			f.Incipient++
		}
		promised := s.Instant || s.Promised.Days > 0
		if promised {
			f.Instant.add(s.Instant)
		}
		if s.Type == "permit" {
			f.Permits++
			if promised {
				f.InstantPermit.add(s.Instant)
			}
		}
		if s.Legal.Days > 0 && promised && s.Legal.In == s.Promised.In {
			f.Measured++
			f.LegalDays += s.Legal.Days
			f.PromisedDays += s.Promised.Days
		}
		if s.Depth != "" { // an item without it does not say how often one must come
			f.Online.add(s.Depth == "apply" || s.Depth == "full")
			f.Full.add(s.Depth == "full")
			f.AtMostOnce.add(s.Visits <= 1)
			f.ZeroVisits.add(s.Visits == 0)
			f.Scoped.add(len(s.Scope) > 0)
			visits += s.Visits
		}
		for _, m := range s.Materials {
			f.Materials++
			if m.Replaces != "" || m.Item != "" || m.Source == "government" {
				f.NotBrought++
			}
		}
	}
	if f.LegalDays > 0 {
		f.Compression = 1 - float64(f.PromisedDays)/float64(f.LegalDays)
	}
	if f.Full.Of > 0 {
		f.Visits = float64(visits) / float64(f.Full.Of)
	}
	return f
}
