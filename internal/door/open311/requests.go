package open311

import (
	"context"
	"errors"
	"math"
	"slices"
	"strconv"
	"time"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/geo"
	"yiwang/internal/base/text"
	"yiwang/internal/core/cases"
	"yiwang/internal/core/org"
	"yiwang/internal/work/view"
)

// reader is the door itself: it sees every case and says of it what is public.
var reader = org.Machine("open311")

// Bounds of a list: GeoReport v2 wants ninety days or a thousand requests at most.
const (
	mostDays     = 90 * 24 * time.Hour
	mostRequests = 1000
	defaultPage  = 50 // where a page is asked for without its size
	mostLooked   = 20_000
)

// asking is what a list of requests is narrowed to.
type asking struct {
	query        view.Query
	codes        []string
	open, closed bool
	updatedFrom  int64
	updatedTo    int64
	near         *geo.LngLat
	radius       float64 // metres
	page, size   int
}

// requests answers GET requests.
func (c *call) requests() (document, error) {
	if ids := c.words("service_request_id"); len(ids) > 0 {
		return c.byID(ids)
	}
	a, err := c.asking()
	if err != nil {
		return document{}, err
	}
	out := list{item: "request"}
	skip := (a.page - 1) * a.size
	err = c.View.Each(c.Context(), reader, a.query, mostLooked, func(r view.Row) error {
		if !c.public(&r.Case) || !a.admits(&r.Case) {
			return nil
		}
		if skip > 0 {
			skip--
			return nil
		}
		if len(out.of) == a.size {
			return enough
		}
		o, err := c.summary(c.Context(), &r.Case, false)
		out.of = append(out.of, o)
		return err
	})
	if errors.Is(err, enough) {
		err = nil
	}
	return document{"service_requests", out}, err
}

// enough ends a walk through a list early.
var enough = errors.New("enough")

func (c *call) asking() (a asking, err error) {
	a = asking{codes: c.words("service_code"), page: 1, size: mostRequests, open: true, closed: true}
	for _, code := range a.codes {
		if _, err := c.service(code); err != nil {
			return a, err
		}
	}
	if states := c.words("status"); len(states) > 0 {
		a.open, a.closed = slices.Contains(states, "open"), slices.Contains(states, "closed")
		if slices.ContainsFunc(states, func(s string) bool { return s != "open" && s != "closed" }) {
			return a, errs.E(errs.Invalid, "open311.status", nil).At("status")
		}
	}
	if c.arg("page") != "" || c.arg("page_size") != "" {
		if a.page, err = c.whole("page", 1, 1_000_000); err == nil {
			a.size, err = c.whole("page_size", defaultPage, mostRequests)
		}
		if err != nil {
			return a, err
		}
	}
	if err := c.span(&a); err != nil {
		return a, err
	}
	return a, c.circle(&a)
}

// span reads the times. A range of more than ninety days is cut to its last
// ninety, which GeoReport v2 allows.
func (c *call) span(a *asking) (err error) {
	a.query.Sort = view.ByFiled
	times := map[string]*int64{"start_date": &a.query.From, "end_date": &a.query.To, "updated_after": &a.updatedFrom, "updated_before": &a.updatedTo}
	for name, to := range times {
		if *to, err = c.time(name); err != nil {
			return err
		}
	}
	if a.updatedFrom > 0 || a.updatedTo > 0 {
		a.query.Sort = view.ByUpdated
		return nil
	}
	end := a.query.To
	if end == 0 {
		end = c.DB.Now()
		a.query.To = end + 1
	}
	if a.query.From > end {
		return errs.E(errs.Invalid, "open311.backwards", nil).At("start_date")
	}
	a.query.From = max(a.query.From, end-mostDays.Milliseconds())
	return nil
}

// circle reads a place to look around.
func (c *call) circle(a *asking) error {
	if c.arg("radius") == "" {
		return nil
	}
	p, err := c.point()
	if err != nil {
		return err
	}
	r, err := strconv.ParseFloat(c.arg("radius"), 64)
	if err != nil || p == nil || !(r > 0) || r > 50_000 {
		return errs.E(errs.Invalid, "open311.radius", nil).At("radius")
	}
	a.near, a.radius = p, r
	return nil
}

// point reads lat and long; nil where neither is given. Error: Invalid.
func (c *call) point() (*geo.LngLat, error) {
	lat, long := c.arg("lat"), c.arg("long")
	if lat == "" && long == "" {
		return nil, nil
	}
	y, err1 := strconv.ParseFloat(lat, 64)
	x, err2 := strconv.ParseFloat(long, 64)
	if err1 != nil || err2 != nil || !(math.Abs(y) <= 90) || !(math.Abs(x) <= 180) {
		return nil, errs.E(errs.Invalid, "open311.point", nil).At("lat")
	}
	return &geo.LngLat{x, y}, nil
}

// whole reads a number from 1 to most.
func (c *call) whole(name string, usual, most int) (int, error) {
	if c.arg(name) == "" {
		return usual, nil
	}
	n, err := strconv.Atoi(c.arg(name))
	if err != nil || n < 1 || n > most {
		return 0, errs.E(errs.Invalid, "open311.whole", errs.Args{"most": most}).At(name)
	}
	return n, nil
}

// layouts are the forms of W3C date and time; those without a zone are China's.
var layouts = []string{time.RFC3339Nano, "2006-01-02T15:04Z07:00", "2006-01-02T15:04:05", time.DateTime, time.DateOnly}

// time reads a time in UTC milliseconds, 0 where it is not given. Error: Invalid.
func (c *call) time(name string) (int64, error) {
	s := c.arg(name)
	if s == "" {
		return 0, nil
	}
	for _, l := range layouts {
		if t, err := time.ParseInLocation(l, s, text.CST); err == nil && t.Year() > 1969 && t.Year() < 10_000 {
			return t.UnixMilli(), nil
		}
	}
	return 0, errs.E(errs.Invalid, "open311.time", nil).At(name)
}

func (a *asking) admits(k *cases.Case) bool {
	switch {
	case k.Closed == 1 && !a.closed, k.Closed == 0 && !a.open,
		len(a.codes) > 0 && !slices.Contains(a.codes, k.Matter) && !slices.Contains(a.codes, k.Family),
		a.updatedFrom > 0 && k.UpdatedAt < a.updatedFrom, a.updatedTo > 0 && k.UpdatedAt >= a.updatedTo:
		return false
	case a.near == nil:
		return true
	}
	return (k.Lng != 0 || k.Lat != 0) && geo.Distance(*a.near, geo.LngLat{k.Lng, k.Lat}) <= a.radius
}

// public reports whether a case is shown: it is of a family that citizens may use
// and came by a channel of theirs, or by the caller's own.
func (c *call) public(k *cases.Case) bool {
	f := c.City.Catalog.Family(k.Family)
	ch, _ := c.City.Channel(k.Channel)
	return f != nil && f.Public && (ch.Public || c.mine(k))
}

// mine reports whether a case came by the channel of the caller's key.
func (c *call) mine(k *cases.Case) bool { return c.key != nil && c.key.Channel == k.Channel }

// find returns a case that may be shown. Error: NotFound.
func (c *call) find(number string) (cases.Case, error) {
	k, err := c.Cases.ByNumber(c.Context(), number)
	if err == nil && !c.public(&k) || errs.Is(err, errs.Invalid) {
		err = errs.E(errs.NotFound, "open311.no_request", nil).At("service_request_id")
	}
	return k, err
}

func (c *call) byID(ids []string) (document, error) {
	if len(ids) > mostRequests {
		return document{}, errs.E(errs.Invalid, "open311.whole", errs.Args{"most": mostRequests}).At("service_request_id")
	}
	out := list{item: "request"}
	for _, id := range ids {
		k, err := c.find(id)
		if errs.Is(err, errs.NotFound) {
			continue // a list of several tells which of them are there
		}
		if err != nil {
			return document{}, err
		}
		o, err := c.summary(c.Context(), &k, false)
		if err != nil {
			return document{}, err
		}
		out.of = append(out.of, o)
	}
	return document{"service_requests", out}, nil
}

// request answers GET requests/{id}.
func (c *call) request(id string) (document, error) {
	k, err := c.find(id)
	if err != nil {
		return document{}, err
	}
	o, err := c.summary(c.Context(), &k, true)
	return document{"service_requests", list{"request", []any{o}}}, err
}

// token answers GET tokens/{token}. Requests get their number at once, which
// stands for its own token.
func (c *call) token(id string) (document, error) {
	k, err := c.find(id)
	if errs.Is(err, errs.NotFound) {
		err = errs.E(errs.NotFound, "open311.no_token", nil).At("token")
	}
	if err != nil {
		return document{}, err
	}
	return document{"service_requests", list{"request", []any{object{{"service_request_id", k.Number}, {"token", k.Number}}}}}, nil
}

// blur is how exactly strangers learn where it was: some hundred metres.
const blur = 1000

// summary says of a case what the caller may know. One's own cases come with what
// was said, masked as it is for staff, where they are asked for one by one.
func (c *call) summary(ctx context.Context, k *cases.Case, whole bool) (object, error) {
	mine, extended := c.mine(k), c.arg("extensions") == "true"
	var v cases.View
	if mine && whole || extended {
		var err error
		if v, err = c.Cases.Open(ctx, reader, k.ID, ""); err != nil {
			return nil, err
		}
	}
	code, name := c.named(k)
	place, _ := c.City.Places.Area(k.Area)
	description := name
	if place.Name != "" {
		description += " · " + place.Name
	}
	address := place.Name
	lat, long := math.Round(k.Lat*blur)/blur, math.Round(k.Lng*blur)/blur
	if mine {
		lat, long = k.Lat, k.Lng
		if k.Title != "" {
			description = k.Title
		}
		for _, f := range v.Fields {
			switch f.Code {
			case "text":
				description = f.Text
			case "address":
				address = f.Text
			}
		}
	}
	status, updated, state := "open", k.UpdatedAt, ""
	if k.Closed == 1 {
		status, updated = "closed", max(k.ClosedAt, k.FiledAt)
	}
	if st := c.City.Catalog.Lifecycle(c.City.Catalog.Family(k.Family).Lifecycle).State(k.State); st != nil {
		state = st.Citizen
	}
	unit, _ := c.Staff.Directory().Unit(k.Unit)
	o := object{
		{"service_request_id", k.Number}, {"status", status}, {"status_notes", state}, {"service_name", name}, {"service_code", code},
		{"description", description}, {"agency_responsible", unit.Name}, {"service_notice", nil},
		{"requested_datetime", stamp(k.FiledAt)}, {"updated_datetime", stamp(updated)}, {"expected_datetime", stamp(k.DueAt)},
		{"address", address}, {"address_id", k.Area}, {"zipcode", nil}, {"lat", coordinate(lat, k)}, {"long", coordinate(long, k)}, {"media_url", nil},
	}
	if extended {
		o = append(o, c.extension(k, &v, mine)...)
	}
	return o, nil
}

// named returns the service a case belongs to.
func (c *call) named(k *cases.Case) (code, name string) {
	if m := c.City.Catalog.Find(k.Family, k.Matter); m != nil {
		return m.Code, m.Name
	}
	return k.Family, c.City.Catalog.Family(k.Family).Title
}

// extension is what extensions=true adds. What was written stands in the notes of
// one's own cases only.
func (c *call) extension(k *cases.Case, v *cases.View, mine bool) object {
	channel, _ := c.City.Channel(k.Channel)
	notes := list{item: "note"}
	for _, e := range v.ForCitizen() {
		said := e.Title
		if mine {
			said = e.Citizen
		}
		notes.of = append(notes.of, object{{"datetime", stamp(e.Header.At)}, {"description", said}, {"type", e.Header.Kind}})
	}
	return object{
		{"extended_attributes", object{{"state", k.State}, {"nature", k.Nature}, {"channel", channel.Name}, {"rating", k.Rating}, {"result", k.Result}}},
		{"attributes", nil}, {"notes", notes},
	}
}

func coordinate(x float64, k *cases.Case) any {
	if k.Lng == 0 && k.Lat == 0 {
		return nil
	}
	return x
}

// stamp writes a time as GeoReport v2 wants it, with its zone; nothing for 0.
func stamp(ms int64) string {
	if ms == 0 {
		return ""
	}
	return time.UnixMilli(ms).In(text.CST).Format(time.RFC3339)
}
