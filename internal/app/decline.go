package app

import (
	"context"
	"errors"
	"fmt"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/text"
	"yiwang/internal/core/cases"
	"yiwang/internal/core/org"
	"yiwang/internal/work/view"
)

// alarmFamily is the family of the cases by which the machine asks for help: a task
// for a unit, told to it and with clocks.
const alarmFamily = "task"

// warnOfDecline opens a task for the dispatch centre where what the machine sends is
// less often right than it was: its people are told, it has a clock, and what came of
// it stands in the log. One a week for each matter, unit or the whole.
func (a *App) warnOfDecline(ctx context.Context) (err error) {
	defer errs.Wrap(&err, "app.warnOfDecline")
	if a.City.Catalog.Family(alarmFamily) == nil {
		return nil // the city declared no such work
	}
	l, err := a.View.Lived(ctx, org.Machine("dispatch"), view.Scope{}, view.RecentDays)
	if err != nil {
		return err
	}
	year, week := a.Now().In(text.CST).ISOWeek()
	for _, d := range l.Drops {
		of := a.declineOf(d)
		args := errs.Args{
			"of": of, "days": view.RecentDays, "sent": d.Recent.Sent, "wrong": d.Recent.Wrong, "right": rightShare(d.Recent),
			"base_days": view.BaseDays, "base_sent": d.Before.Sent, "base_wrong": d.Before.Wrong, "base_right": rightShare(d.Before),
			"link": a.site() + "/desk/lived",
		}
		_, e := a.Cases.File(ctx, cases.Filing{
			Family: alarmFamily, Channel: "counter", Actor: org.Machine("dispatch"), Unit: a.City.Centre, Matter: alarmFamily, Nature: "任务",
			ExternalID: fmt.Sprintf("decline/%d-%02d/%s/%s", year, week, d.Matter, d.Unit),
			Fields:     map[string]any{"title": text.Say(text.Chinese, "dispatch.decline_title", args), "task": text.Say(text.Chinese, "dispatch.decline", args)},
		})
		err = errors.Join(err, e)
	}
	return err
}

// declineOf names what a drop is about.
func (a *App) declineOf(d view.Drop) string {
	if m := a.City.Catalog.Find("appeal", d.Matter); m != nil {
		return m.Name
	}
	if u, ok := a.Staff.Directory().Unit(d.Unit); ok {
		return u.Name
	}
	return text.Say(text.Chinese, "dispatch.decline_all", nil)
}

func rightShare(o view.LivedOf) string {
	return fmt.Sprintf("%.1f%%", 100*float64(o.Sent-o.Wrong)/float64(max(1, o.Sent)))
}
