package app

import (
	"strings"
	"testing"

	"yiwang/internal/base/sqldb"
	"yiwang/internal/core/matter"
	"yiwang/internal/work/dispatch"
	"yiwang/internal/work/duty"
)

// When another duty list comes into force the machine knows its new matters by what
// is written of them, and a case goes to whom the new list names.
func TestTheMachineFollowsTheDutyList(t *testing.T) {
	a := open(t, t.TempDir())
	ctx := t.Context()
	editor, _ := a.Staff.Directory().Actor("duban")
	e, err := a.Duty.Begin(ctx, editor, 0, "低空版", "2099-01-01")
	if err != nil {
		t.Fatal(err)
	}
	drone := &matter.Matter{Code: "990001", Name: "低空物流", Family: duty.Family, Levels: []string{"交通出行", "低空经济"}, LevelCodes: []string{"99", "9900"},
		Description: "无人机送货航线、起降点、噪声和坠落", Keywords: []string{"无人机送货", "起降点", "无人机坠落"},
		Duty: matter.Duty{By: matter.ByFunction, Unit: "chengguan", Backstop: "centre", Basis: "2026年新增"}}
	if found, err := a.Duty.Put(ctx, editor, e.No, drone.Code, drone); err != nil || len(found) > 0 {
		t.Fatal(err, found)
	}
	said := dispatch.Message{Text: "无人机送货的起降点就在我家窗外，昨天还有无人机坠落"}
	best := func() string { return a.Judge.Read(said).Matters[0].Label }
	if best() == drone.Code {
		t.Fatal("known before it is published")
	}
	// Published long ago, as far as this house can tell: its day has come.
	err = a.DB.Write(ctx, func(tx *sqldb.Tx) error {
		_, err := tx.Exec(ctx, `update edition set state = 'published', from_day = '2026-01-02', published_by = 'caijue', published_at = ? where kind = 'duty' and no = ?`, tx.Now(), e.No)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := a.refreshDuty(ctx); err != nil {
		t.Fatal(err)
	}
	if got := best(); got != drone.Code {
		t.Errorf("read as %s", got)
	}
	m := a.City.Catalog.Find(duty.Family, drone.Code)
	if m == nil || !strings.Contains(m.Duty.Basis, "2026") || a.City.Responsible(a.Staff.Directory(), m, "").Unit != "chengguan" {
		t.Errorf("the list says %+v", m)
	}
}
