package voucher

import (
	"errors"
	"strings"

	"yiwang/internal/base/errs"
)

// Fault says what is wrong with a voucher or checkpoint that was refused.
type Fault string

// The faults. A statement that was invented and signed with a key of the
// inventor's is Forged; one that names a trusted key but does not carry that
// key's signature is Altered, whether changed later or never genuine.
const (
	NoFault   Fault = ""
	Malformed Fault = "malformed" // it is not a voucher or checkpoint in its one form
	Newer     Fault = "newer"     // made by a later version of this program
	Forged    Fault = "forged"    // the key that signed it is not trusted
	Altered   Fault = "altered"   // the signature does not fit the content
	Expired   Fault = "expired"   // genuine, but its time is over
	OtherLog  Fault = "other_log" // a genuine form, but of another log
	Ended     Fault = "ended"     // genuine, but suspended, revoked or given up
	Unlogged  Fault = "unlogged"  // the proof that came with it does not lead to the log
)

// FaultOf returns the fault that err reports, NoFault for any other error.
func FaultOf(err error) Fault {
	e, ok := errors.AsType[*errs.Error](err)
	if !ok {
		return NoFault
	}
	name, ok := strings.CutPrefix(e.Key, "voucher.")
	if !ok {
		return NoFault
	}
	if strings.HasPrefix(name, string(Ended)+"_") { // each state in its own words
		return Ended
	}
	if strings.HasPrefix(name, string(Malformed)+"_") { // and a print, which can be told from what is no voucher at all
		return Malformed
	}
	switch f := Fault(strings.TrimPrefix(name, "checkpoint_")); f {
	case Malformed, Newer, Forged, Altered, Expired, OtherLog, Unlogged:
		return f
	}
	return NoFault
}
