package matter

// Entitlement says that a service item reaches whoever has a right to it without an
// application (免申即享): its decision table is run over a register.
type Entitlement struct {
	Register string            `yaml:"register" need:"yes"`           // whose subjects it is run over, e.g. person
	Purpose  string            `yaml:"purpose" need:"yes"`            // for which their facts are read
	Offer    bool              `yaml:"offer"`                         // who qualifies has it once they accept it (惠企政策); its page is among the policies
	Amount   string            `yaml:"amount"`                        // result of the table that says how many yuan are paid; "" pays nothing
	Payee    string            `yaml:"payee"`                         // item of the register that names who is told and paid instead, e.g. guardian
	Tell     string            `yaml:"tell"`                          // item that names who is told instead, and the subject itself is paid, e.g. representative
	Fills    map[string]string `yaml:"fills"`                         // field of the case → item, or one of whom an item names (guardian.phone)
	Every    string            `yaml:"every" oneof:"once year month"` // how often it is paid; "" is once
}

// Asked reports whether somebody asked for what the cases of a family are about: it is
// neither work among offices nor what reaches people without their asking (免申即享).
func (f *Family) Asked() bool {
	return !f.Internal && (f.Service == nil || f.Service.Entitle == nil)
}
