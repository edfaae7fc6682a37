package open311

import (
	"testing"

	"yiwang/internal/core/city"
)

// Wherever an appeal stands, others are told a status of the extension; what is
// merged is a duplicate to them and no open report.
func TestEveryLaneHasAStatus(t *testing.T) {
	c, err := city.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	for _, st := range c.Catalog.Lifecycle("appeal").States {
		if spoken[st.Lane] == "" {
			t.Errorf("%s lies in the lane %q, which has no status", st.Code, st.Lane)
		}
	}
	if got := spoken["merged"]; got != "DUPLICATE" {
		t.Errorf("merged is %s", got)
	}
}
