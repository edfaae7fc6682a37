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
	Kind    string  `json:"kind"` // VersionTrained or VersionServing
	Version Version `json:"model"`
}

// The kinds of events.
const (
	VersionTrained = "trained"
	VersionServing = "serving" // from then on
)

// Versions is what is known of a city's models.
type Versions struct {
	Serving  string // version
	Since    int64  // it serves; 0 from the beginning
	Training bool   // one is being trained
	Waiting  int    // decisions that the latest model has not learnt from
	Known    []Version
	Events   []VersionEvent // the latest first, as Known
}

// Take adds an event that came after those before.
func (v *Versions) Take(e VersionEvent) {
	v.Events = append([]VersionEvent{e}, v.Events...)
	switch e.Kind {
	case VersionTrained:
		v.Known = append([]Version{e.Version}, v.Known...)
	case VersionServing:
		v.Serving, v.Since = e.Version.Version, e.At
	}
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
