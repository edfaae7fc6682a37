package app

import (
	"context"
	"fmt"
	"time"

	"yiwang/internal/base/calendar"
	"yiwang/internal/base/errs"
	"yiwang/internal/base/text"
	"yiwang/internal/core/cases"
	"yiwang/internal/core/matter"
	"yiwang/internal/core/org"
	"yiwang/internal/door/portal"
)

// What can be booked: the working hours of the next working days. Places is how many
// people a window sees in an hour.
const (
	bookingFamily = "booking"
	bookDays      = 5
	bookPlaces    = 6
)

var bookHours = []int{9, 10, 11, 14, 15, 16, 17}

// slots returns the hours that are open from tomorrow on, whether taken or not.
func (o *office) slots() []portal.Slot {
	var out []portal.Slot
	day := o.Now().In(text.CST)
	for n, looked := 0, 0; n < bookDays && looked < 30; looked++ {
		day = day.AddDate(0, 0, 1)
		if !o.City.Calendar.IsWorkday(calendar.DateOf(day.UnixMilli())) {
			continue
		}
		n++
		for _, hour := range bookHours {
			out = append(out, portal.Slot{Day: day.Format(time.DateOnly), Hour: hour, Left: bookPlaces})
		}
	}
	return out
}

func slotKey(unit string, s portal.Slot) string { return fmt.Sprintf("%s/%s/%d", unit, s.Day, s.Hour) }

// Slots returns the hours that can be booked for a service.
func (o *office) Slots(ctx context.Context, f matter.Family) ([]portal.Slot, error) {
	out := o.slots()
	things := make([]string, len(out))
	for i, s := range out {
		things[i] = slotKey(f.Service.Unit, s)
	}
	taken, err := o.Cases.Taken(ctx, things)
	for i := range out {
		out[i].Left = max(0, out[i].Left-taken[things[i]])
	}
	return out, err
}

// Reserve keeps a place of an hour.
func (o *office) Reserve(ctx context.Context, f matter.Family, s portal.Slot, name, phone, once string) (portal.Filed, error) {
	open := false
	for _, x := range o.slots() {
		open = open || x.Day == s.Day && x.Hour == s.Hour
	}
	if !open || o.City.Catalog.Family(bookingFamily) == nil {
		return portal.Filed{}, errs.E(errs.Invalid, "apply.no_slot", nil).At("slot")
	}
	w := f.Service.Places[0]
	filed, err := o.Cases.File(ctx, cases.Filing{
		Family: bookingFamily, Matter: bookingFamily, Channel: webChannel, ExternalID: "book/" + once, Content: s.Day + fmt.Sprint(s.Hour) + phone,
		Actor: org.Appellant(), Unit: f.Service.Unit, Nature: o.City.Catalog.Family(bookingFamily).Natures[0],
		Fields: map[string]any{"service": f.Title, "unit": f.Service.Unit, "window": w.Title + "，" + w.Address, "day": s.Day, "hour": s.Hour,
			"places": bookPlaces, "name": name, "phone": phone},
	})
	return portal.Filed{CaseID: filed.ID, Number: filed.Number, Code: filed.Code, At: o.Now()}, err
}
