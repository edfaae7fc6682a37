package topic

import (
	"math"
	"slices"
)

// Heat says how much an issue moves a city, and why.
type Heat struct {
	Value      float64 `json:"value"`
	Messages   int     `json:"messages"`
	People     int     `json:"people"`     // different persons who wrote
	Supporters int     `json:"supporters"` // who agreed with a message
	Opponents  int     `json:"opponents"`
	Channels   int     `json:"channels"` // different channels
	Recent     int     `json:"recent"`   // messages of the last quarter of the window
	Voices     float64 `json:"voices"`   // √(people × (people + supporters))
	Spread     float64 `json:"spread"`   // factor: through how many channels
	Growth     float64 `json:"growth"`   // factor: more of late than before, or less
	Freshness  float64 `json:"freshness"`
	Trend      []int   `json:"trend"` // messages by twelfths of the window, the latest last
}

// Parts of the window.
const (
	trendParts = 12
	lateParts  = 3 // the last of them are "of late"
)

// heatOf weighs an issue. Writing takes more than agreeing, and a thousand who
// agree with one person are not a thousand who write: the voices of an issue are
// the geometric mean of those who wrote and of all who stand behind it. Channels,
// growth and freshness move that by no more than half.
func heatOf(messages []Message, rows []int32, o Options) Heat {
	h := Heat{Messages: len(rows), Trend: make([]int, trendParts)}
	people, channels := map[string]bool{}, map[string]bool{}
	last, dated := int64(0), 0
	for _, r := range rows {
		m := &messages[r]
		if m.Person == "" {
			h.People++
		} else {
			people[m.Person] = true
		}
		channels[m.Channel] = true
		h.Supporters += max(m.Up, 0)
		h.Opponents += max(m.Down, 0)
		last = max(last, m.At)
		if m.At == 0 {
			continue
		}
		if age := o.Now - m.At; age >= 0 && age < o.Window {
			h.Trend[trendParts-1-int(age*trendParts/o.Window)]++
			dated++
		}
	}
	h.People += len(people)
	h.Channels = len(channels)
	for _, n := range h.Trend[trendParts-lateParts:] {
		h.Recent += n
	}
	h.Voices = math.Sqrt(float64(h.People) * float64(h.People+h.Supporters))
	h.Spread = min(1+0.1*float64(h.Channels-1), 1.5)
	// The ratio of late messages to an even stream, drawn to 1 where there are few.
	even := float64(dated) * lateParts / trendParts
	h.Growth = math.Pow(min(max((float64(h.Recent)+2)/(even+2), 0.25), 4), 0.25)
	h.Freshness = 1
	if last != 0 {
		h.Freshness = 0.5 + 0.5*math.Exp2(-float64(max(o.Now-last, 0))/float64(o.Window))
	}
	h.Value = h.Voices * h.Spread * h.Growth * h.Freshness
	return h
}

// mostOf returns the key with the greatest weight, the first of equals.
func mostOf(weights map[string]float64) (string, float64) {
	keys := make([]string, 0, len(weights))
	for k := range weights {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	best, most := "", 0.0
	for _, k := range keys {
		if weights[k] > most {
			best, most = k, weights[k]
		}
	}
	return best, most
}
