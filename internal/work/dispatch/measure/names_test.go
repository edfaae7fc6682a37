package measure_test

import (
	"slices"
	"testing"

	"yiwang/internal/base/errs"
	"yiwang/internal/work/dispatch/measure"
)

// Of a tagged address only what names a place is a name, and each name comes once.
func TestNames(t *testing.T) {
	file := write(t, "龙 B-town", "镇 I-town", "东 B-road", "路 I-road", "602 B-roadno", "号 I-roadno", "", "云 B-poi", "苑 I-poi", "东 B-road", "路 I-road")
	names, err := measure.Names(file)
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"龙镇", "东路", "云苑"}; !slices.Equal(names, want) {
		t.Errorf("names %v, want %v", names, want)
	}
	if _, err := measure.Names(file + ".none"); !errs.Is(err, errs.NotFound) {
		t.Errorf("got %v, want it not found", err)
	}
}
