package matter

// PartsWord is what an effect that opens cases says for the parts that a service item
// declares (一件事).
const PartsWord = "parts"

// RuleCode returns the decision table that a decide effect asks for a case of this
// family: the one it names, else that of the service item, "" where there is none.
func (f *Family) RuleCode(named string) string {
	if named == "" && f.Service != nil {
		return f.Service.Rule
	}
	return named
}

// PartCodes returns the families of the cases that an open effect files: the one it
// names, or the parts of the service item.
func (f *Family) PartCodes(named string) []string {
	if named != PartsWord {
		return []string{named}
	}
	var codes []string
	if f.Service != nil {
		for _, p := range f.Service.Parts {
			codes = append(codes, p.Service)
		}
	}
	return codes
}
