package voucher_test

import (
	"strings"
	"testing"

	"yiwang/internal/core/voucher"
)

// The numbers are public examples of GB/T 36904; of real types and issuers.
func TestIdentifier(t *testing.T) {
	for _, s := range []string{
		"11100000000013338W011.11430000006122244L.20230000403.001.U",
		"11100000000013338W009.11330105002500287C.2025052201.002.0",
		"11100000MB03271699022.340100.000000016.001.9",
	} {
		n, err := voucher.ParseIdentifier(s)
		if err != nil {
			t.Errorf("%s: %v", s, err)
			continue
		}
		if got := n.String(); got != "1.2.156.3005.2."+s {
			t.Errorf("%s became %s", s, got)
		}
		if again, err := voucher.ParseIdentifier(n.String()); err != nil || again != n {
			t.Errorf("%s does not read back: %v", s, err)
		}
	}
	for wrong, want := range map[string]string{
		"11100000000013338W011.11430000006122244L.20230000403.001.V": "voucher.identifier_check",
		"11100000000013338W011.11430000006122244L.20230000403.002.U": "voucher.identifier_check",
		"11100000000013338W011.11430000006122244L.20230000403.001":   "voucher.identifier_form",
		"11100000000013338W.11430000006122244L.20230000403.001.U":    "voucher.identifier_form",
		"": "voucher.identifier_form",
	} {
		if _, err := voucher.ParseIdentifier(wrong); err == nil || !strings.Contains(err.Error(), strings.TrimPrefix(want, "voucher.")) {
			t.Errorf("%q: %v, want %s", wrong, err, want)
		}
	}
}
