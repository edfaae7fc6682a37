package limit

import "time"

// Rate is how often a caller may come in the long run, in requests a second. Ten
// seconds' worth may come at once.
type Rate int

// Limit returns the buckets of a rate.
func (r Rate) Limit() *Limit { return New(10*int(r), time.Second/time.Duration(r), Keys) }

// Rates are those of the callers of a programs' door, by who they are.
type Rates struct {
	Staff   Rate // an account, signed in at however many places
	Key     Rate // another system, by its key
	Address Rate // an address from which nobody has signed in
}

// Usual are the rates where the operator names no others. A person at a busy desk makes
// two requests a second; the platform of a city of 15 million hands over three cases a
// second in its worst hour; behind one address a whole office opens the page at nine.
var Usual = Rates{Staff: 50, Key: 200, Address: 60}

// Or returns the rates with those of usual where there are none.
func (r Rates) Or(usual Rates) Rates {
	for _, p := range []struct{ to, from *Rate }{{&r.Staff, &usual.Staff}, {&r.Key, &usual.Key}, {&r.Address, &usual.Address}} {
		if *p.to <= 0 {
			*p.to = *p.from
		}
	}
	return r
}
