package idnumber_test

import (
	"errors"
	"testing"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/idnumber"
)

// The numbers that should pass are the examples of the standards and codes that
// stand in public laws; each wrong one is wrong in one way.
func TestCitizen(t *testing.T) {
	for _, c := range []struct{ number, want string }{
		{"11010519491231002X", ""},
		{"440524188001010014", ""},
		{"110105194912310020", "idnumber.citizen_check"},
		{"11010519490231002X", "idnumber.citizen_birth"}, // 31 February
		{"11010517491231002X", "idnumber.citizen_birth"},
		{"11010519491231002", "idnumber.citizen_form"},
		{"1101051949123100AX", "idnumber.citizen_form"},
		{"01010519491231002X", "idnumber.citizen_form"},
		{"", "idnumber.citizen_form"},
	} {
		if _, err := idnumber.Citizen(c.number); key(err) != c.want {
			t.Errorf("%q: %q, want %q", c.number, key(err), c.want)
		}
	}
	p, err := idnumber.Citizen("440524188001010014")
	if err != nil || p.Area != "440524" || p.Birth.Format("2006-01-02") != "1880-01-01" || !p.Male {
		t.Errorf("read %+v, %v", p, err)
	}
}

func TestCredit(t *testing.T) {
	for _, c := range []struct{ code, want string }{
		{"11100000000013338W", ""},
		{"11430000006122244L", ""},
		{"11330105002500287C", ""},
		{"11330105002500287D", "idnumber.credit_check"},
		{"1133010500250O287C", "idnumber.credit_form"}, // a letter that the standard left out
		{"11330A05002500287C", "idnumber.credit_form"},
		{"11330105002500287", "idnumber.credit_form"},
	} {
		if err := idnumber.Credit(c.code); key(err) != c.want {
			t.Errorf("%q: %q, want %q", c.code, key(err), c.want)
		}
	}
}

// Every single wrong character and every swap of neighbours is found: that is
// what MOD 11-2 and MOD 37,36 promise.
func TestChecksFindSingleErrorsAndSwaps(t *testing.T) {
	const number = "11010519491231002X"
	for i := range 17 {
		for d := byte('0'); d <= '9'; d++ {
			wrong := number[:i] + string(d) + number[i+1:]
			if _, err := idnumber.Citizen(wrong); wrong != number && err == nil {
				t.Errorf("%s passed", wrong)
			}
		}
	}
	const text = "11100000MB03271699022340100000000016001"
	want, _ := idnumber.Mod37(text)
	for i := range len(text) - 1 {
		swapped := text[:i] + text[i+1:i+2] + text[i:i+1] + text[i+2:]
		if got, _ := idnumber.Mod37(swapped); got == want && swapped != text {
			t.Errorf("a swap at %d was not found", i)
		}
	}
	if _, ok := idnumber.Mod37("abc"); ok {
		t.Error("small letters have no check character")
	}
}

func FuzzCitizen(f *testing.F) {
	f.Add("11010519491231002X")
	f.Add("440524188001010014")
	f.Fuzz(func(t *testing.T, s string) {
		if _, err := idnumber.Citizen(idnumber.Plain(s)); err == nil && len(idnumber.Plain(s)) != 18 {
			t.Errorf("%q passed", s)
		}
		_ = idnumber.Credit(s)
	})
}

func key(err error) string {
	if e, ok := errors.AsType[*errs.Error](err); ok {
		return e.Key
	}
	return ""
}
