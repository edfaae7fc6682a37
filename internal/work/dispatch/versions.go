package dispatch

// BaseVersion names the model that ships with the program among the versions.
const BaseVersion = "base"

// Version is a model of the city's own.
type Version struct {
	Version string  `json:"version"`
	At      int64   `json:"at"`      // trained, UTC milliseconds
	By      string  `json:"by"`      // who had it trained
	Decided int     `json:"decided"` // cases it learnt from
	Until   int64   `json:"until"`   // the last of them was decided then
	Right   float64 `json:"right"`   // share of right first answers, cross-validated
	Sent    float64 `json:"sent"`    // share it would send by itself
	Trial   *Trial  `json:"trial,omitempty"`
}

// VersionEvent is a line of the record of versions.
type VersionEvent struct {
	At      int64   `json:"at"`
	By      string  `json:"by"`
	Kind    string  `json:"kind"` // VersionTrained, VersionTried or VersionServing
	Version Version `json:"model"`
}

// The kinds of events.
const (
	VersionTrained = "trained"
	VersionTried   = "tried"   // again, on further cases
	VersionServing = "serving" // from then on
)

// Versions is what is known of a city's models.
type Versions struct {
	Serving  string // version
	Since    int64  // it serves; 0 from the beginning
	Training bool   // one is being trained
	Waiting  int    // decisions since the latest training
	Known    []Version
	Events   []VersionEvent // the latest first, as Known
}

// Take adds an event that came after those before.
func (v *Versions) Take(e VersionEvent) {
	v.Events = append([]VersionEvent{e}, v.Events...)
	switch e.Kind {
	case VersionTrained:
		v.Known = append([]Version{e.Version}, v.Known...)
	case VersionTried:
		for i := range v.Known {
			if v.Known[i].Version == e.Version.Version {
				v.Known[i].Trial = e.Version.Trial
				break
			}
		}
	case VersionServing:
		v.Serving, v.Since = e.Version.Version, e.At
	}
}

// Candidate returns the model that goes on in the shadow of the serving one, and how
// often it was tried: the latest, as long as no trial has spoken against it and
// nobody has had it serve.
func (v *Versions) Candidate() (c Version, tried int, ok bool) {
	if len(v.Known) == 0 || v.Known[0].Trial == nil {
		return c, 0, false
	}
	c = v.Known[0]
	for _, e := range v.Events {
		switch {
		case e.Version.Version != c.Version:
		case e.Kind == VersionServing:
			return c, tried, false
		default:
			tried++
		}
	}
	return c, tried, c.Trial.Verdict == TooFew || c.Trial.Verdict == NoBetter
}

// Find returns what is known of a version; of the base model only its name.
func (v *Versions) Find(version string) Version {
	for _, k := range v.Known {
		if k.Version == version {
			return k
		}
	}
	return Version{Version: version}
}
