package portal

import (
	"context"
	"time"

	"yiwang/internal/base/text"
	"yiwang/internal/core/matter"
	"yiwang/internal/core/voucher"
)

// Subject is a person or an enterprise that a register knows.
type Subject struct {
	Register string `json:"register"`
	ID       string `json:"id"`
}

// People is what the pages of somebody who signed in need of the house. A person is
// known by the id that the register of persons has.
type People interface {
	// Knock sends a code to the telephone that the register has for a name and an
	// identity number, and says the same where there is none. The code comes back in
	// clear only where all people are invented. Errors: Invalid, TooMany.
	Knock(ctx context.Context, name, number string) (id, shown string, err error)
	// Enter returns who a code lets in. Errors: NotFound, TooMany.
	Enter(ctx context.Context, id, code string) (person string, err error)
	// Person returns somebody who signed in. Error: NotFound.
	Person(ctx context.Context, person string) (Person, error)
	// FactsOf returns what the registers know of a person, item by item.
	FactsOf(ctx context.Context, person string) ([]OwnFact, error)
	// ReadingsOf returns who read it and what for, the latest first.
	ReadingsOf(ctx context.Context, person string) ([]OwnReading, error)
	// CasesOf returns what a person, or an enterprise of theirs, applied for.
	CasesOf(ctx context.Context, person string) ([]OwnCase, error)
	// OwnCase reports whether a case is a person's own.
	OwnCase(ctx context.Context, person, caseID string) (bool, error)
	// CertificatesFor returns a person's certificates, the newest first, with the case
	// that each came from.
	CertificatesFor(ctx context.Context, person string) ([]OwnCertificate, error)
	// Known returns what the register knows of the fields of a form, by field, for the
	// person or an enterprise of theirs. Each asking is logged and shown to them.
	Known(ctx context.Context, person string, of Subject, f matter.Family) (map[string]Known, error)
	// Stands returns the certificate that stands in for each material of a service, by
	// the material's code.
	Stands(ctx context.Context, person string, f matter.Family) (map[string]Standing, error)
	// Inspect checks a certificate that was handed in as a file for a material of a
	// service. Error: Invalid, with what is wrong with it.
	Inspect(ctx context.Context, f matter.Family, material string, file []byte) (Standing, error)
	// Other finds somebody in whose name a person applies, and says whether the register
	// knows the person as their guardian. Errors: NotFound, Invalid.
	Other(ctx context.Context, person, name, number string) (of Subject, ward bool, err error)
	// Policies returns how the enterprises of a person stand to a policy, to all with "".
	Policies(ctx context.Context, person, service string) ([]OwnPolicy, error)
	// WhyPolicy returns what the table of a policy says of an enterprise of a person's
	// today, and whether it qualifies. The reading is logged as the person's. Errors:
	// NotFound, Forbidden.
	WhyPolicy(ctx context.Context, person, service, enterprise string) (why func(text.Lang) *Reasons, grants bool, err error)
}

// OwnPolicy is how an enterprise stands to a policy (惠企政策).
type OwnPolicy struct {
	Service, Title string
	Enterprise     Enterprise
	CaseID         string // "" where it was never found to qualify
	State          string // of that case, in the citizen's words
	Waits          bool   // for the enterprise to accept
	Amount         string // in yuan, "" where nothing is paid
}

// Person is somebody who signed in.
type Person struct {
	ID          string
	Name        string
	Number      string // masked
	Phone       string // masked
	Enterprises []Enterprise
}

// Enterprise is one that a person may act for, as its legal representative.
type Enterprise struct{ ID, Name string }

// OwnFact is a fact as the one it is about reads it.
type OwnFact struct{ Register, Title, Value, Source, From string }

// OwnReading is one reading of somebody's facts.
type OwnReading struct {
	At      time.Time
	Who     string // unit or door
	Purpose string
	Items   string
}

// OwnCase is an application in a list of one's own.
type OwnCase struct {
	ID, Number, Title, State string
	Family                   string // code
	At                       time.Time
	Closed                   bool
}

// OwnCertificate is a certificate of a person's.
type OwnCertificate struct {
	voucher.Held
	CaseID string
}

// Reasons is what a decision table said of a case, in words.
type Reasons struct {
	Headline string
	Basis    string
	Because  []string
	Lacking  []string // what is not fulfilled
	Missing  []string // facts that are not known
	Doubt    string   // why a person decides whatever the table says
	Person   string   // that a person can be asked
}

// Known is what a register says for a field.
type Known struct {
	Value  string `json:"value"`
	Source string `json:"source"`
}

// Standing is a certificate that stands in for a material.
type Standing struct {
	Number string `json:"number"`
	Title  string `json:"title"`
}
