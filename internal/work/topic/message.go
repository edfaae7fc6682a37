package topic

// Message is what somebody said, as grouping reads it.
type Message struct {
	ID       string
	At       int64 // UTC milliseconds; 0 where unknown
	Title    string
	Text     string
	Person   string // who wrote, in whatever code; "" where unknown
	Up, Down int    // supporters and opponents
	Channel  string
	Reading
}

// Reading is what the machine judge made of a message.
type Reading struct {
	Matters []Weighed // what it may be about, by code
	Places  []string  // places it names
}

// Weighed is a code with its probability.
type Weighed struct {
	Code string
	P    float64
}
