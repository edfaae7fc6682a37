package exchange

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
)

// The published schema has the members that the program writes, and no others.
func TestSchemaSaysWhatIsWritten(t *testing.T) {
	var doc struct {
		Defs map[string]struct {
			Properties map[string]any `json:"properties"`
		} `json:"$defs"`
	}
	if err := json.Unmarshal(Schema, &doc); err != nil {
		t.Fatal(err)
	}
	for name, form := range map[string]reflect.Type{"head": reflect.TypeFor[Head](), "case": reflect.TypeFor[Case](), "entry": reflect.TypeFor[Entry](), "foot": reflect.TypeFor[Foot](), "named": reflect.TypeFor[Named]()} {
		said := doc.Defs[name].Properties
		for f := range form.Fields() {
			member, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			if said[member] == nil {
				t.Errorf("%s.%s is not in the schema", name, member)
			}
			delete(said, member)
		}
		for member := range said {
			t.Errorf("the schema has %s.%s, which nobody writes", name, member)
		}
	}
}
