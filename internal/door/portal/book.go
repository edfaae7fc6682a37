package portal

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/text"
	"yiwang/internal/core/matter"
)

// Slot is an hour at a window.
type Slot struct {
	Day  string // 2026-12-01
	Hour int
	Left int // places that nobody has taken
}

// Appointments is what the pages of booking need of the house.
type Appointments interface {
	// Slots returns the hours that can be booked for a service, the soonest first.
	Slots(ctx context.Context, f matter.Family) ([]Slot, error)
	// Reserve keeps a place of one of them. Errors: Conflict where all are taken, Invalid
	// where it is none of them.
	Reserve(ctx context.Context, f matter.Family, s Slot, name, phone, once string) (Filed, error)
}

// bookView is the page on which an hour is chosen.
type bookView struct {
	Title    heading
	Window   heading
	Address  heading
	Back     string
	Once     string
	Days     []bookDay
	Chosen   string
	Name     string
	Phone    string
	Problems []problem
}

type bookDay struct {
	Day   string
	Said  string
	Slots []bookSlot
}

type bookSlot struct {
	Value, Said string
	Left        int
	Chosen      bool
}

// bookable returns the service of the address, where its windows take bookings.
func (v *visit) bookable() (matter.Family, error) {
	f, ok := v.book.Family(v.r.PathValue("family"))
	if !ok || f.Service == nil || !f.Service.Booking || len(f.Service.Places) == 0 {
		return f, errs.E(errs.NotFound, "portal.error_not_found", nil)
	}
	return f, nil
}

func (s *Site) bookForm(v *visit) error {
	f, err := v.bookable()
	if err != nil {
		return err
	}
	return s.drawBooking(v, 200, f, bookView{Once: newSecret()})
}

func (s *Site) drawBooking(v *visit, status int, f matter.Family, view bookView) error {
	slots, err := s.office.Slots(v.ctx(), f)
	if err != nil {
		return err
	}
	w := f.Service.Places[0]
	view.Title, view.Window, view.Address = declaredText(v.lang, f.Title), declaredText(v.lang, w.Title), declaredText(v.lang, w.Address)
	view.Back = "/services/" + f.Code
	for _, x := range slots {
		if n := len(view.Days); n == 0 || view.Days[n-1].Day != x.Day {
			view.Days = append(view.Days, bookDay{Day: x.Day, Said: x.Day})
			if day, err := time.ParseInLocation(time.DateOnly, x.Day, text.CST); err == nil {
				view.Days[n].Said = text.Day(v.lang, day)
			}
		}
		d := &view.Days[len(view.Days)-1]
		value := x.Day + " " + strconv.Itoa(x.Hour)
		d.Slots = append(d.Slots, bookSlot{value, v.say("book_hour", errs.Args{"from": x.Hour, "to": x.Hour + 1}), x.Left, value == view.Chosen})
	}
	return v.show(status, "book", v.say("book_title", nil), view)
}

// takeBooking keeps a place, once however often the button is pressed.
func (s *Site) takeBooking(v *visit) error {
	f, err := v.bookable()
	if err != nil {
		return err
	}
	sent, err := s.readForm(v)
	if err != nil {
		return err
	}
	view := bookView{Once: cut(sent.Get("_once"), 60), Chosen: sent.Get("slot"), Name: cut(sent.Get("name"), 200), Phone: cut(sent.Get("phone"), 60)}
	day, hour, _ := strings.Cut(view.Chosen, " ")
	n, err := strconv.Atoi(hour)
	if err != nil {
		view.Problems = append(view.Problems, problem{Field: "slot", Said: v.say("mend_slot", nil)})
	}
	if view.Name == "" {
		view.Problems = append(view.Problems, problem{Field: "name", Said: v.say("mend_enter_name", nil)})
	}
	if !plausiblePhone(view.Phone) {
		view.Problems = append(view.Problems, problem{Field: "phone", Said: v.say("mend_phone", errs.Args{"title": v.say("book_phone", nil)})})
	}
	if len(view.Problems) > 0 || view.Once == "" {
		return s.drawBooking(v, 422, f, view)
	}
	if err := v.slow(s.limits.file, s.address(v.r)); err != nil {
		return err
	}
	filed, err := s.office.Reserve(v.ctx(), f, Slot{Day: day, Hour: n}, view.Name, view.Phone, view.Once)
	if e, ok := errors.AsType[*errs.Error](err); ok && slices.Contains([]errs.Kind{errs.Conflict, errs.Invalid}, e.Kind) {
		view.Problems = []problem{{Field: "slot", Said: text.Error(v.lang, err)}}
		return s.drawBooking(v, 422, f, view)
	}
	if err != nil {
		return err
	}
	s.setSigned(v.w, v.r, cookieCase, "/", filed.CaseID, sessionLife)
	return v.goTo("/track")
}
