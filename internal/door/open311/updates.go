package open311

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"yiwang/internal/base/errs"
	"yiwang/internal/core/cases"
	"yiwang/internal/core/org"
	"yiwang/internal/work/view"
)

// The extension for updates goes back to mySociety's FixMyStreet: whoever sent a
// request asks what became of it, and passes on what its citizen adds.

// mostUpdates bounds a list of updates.
const mostUpdates = 1000

// spoken are the statuses of the extension by the lane in which a case stands.
var spoken = map[string]string{
	"dispatch": "OPEN", "sign": "INTERNAL_REFERRAL", "contact": "INVESTIGATING", "handle": "IN_PROGRESS", "return": "INTERNAL_REFERRAL",
	"approve": "IN_PROGRESS", "audit": "IN_PROGRESS", "callback": "FIXED", "later": "FIXED", "rate": "FIXED", "done": "CLOSED",
	"rule": "INTERNAL_REFERRAL", "hold": "ACTION_SCHEDULED", "merged": "DUPLICATE", "parts": "IN_PROGRESS",
}

// updates answers GET servicerequestupdates: what citizens of this channel can
// read, between two times, the last day where none are given.
func (c *call) updates() (document, error) {
	if err := c.needKey(); err != nil {
		return document{}, err
	}
	from, err := c.time("start_date")
	if err != nil {
		return document{}, err
	}
	to, err := c.time("end_date")
	if err != nil {
		return document{}, err
	}
	if to == 0 {
		to = c.DB.Now() + 1
	}
	if from == 0 {
		from = to - (24 * time.Hour).Milliseconds()
	}
	out := list{item: "request_update"}
	q := view.Query{Channel: c.key.Channel, Sort: view.ByUpdated}
	err = c.View.Each(c.Context(), reader, q, mostLooked, func(r view.Row) error {
		if r.UpdatedAt < from || len(out.of) >= mostUpdates {
			return enough // the latest come first
		}
		some, err := c.told(r.ID, from, to)
		out.of = append(out.of, some...)
		return err
	})
	if errors.Is(err, enough) {
		err = nil
	}
	out.of = out.of[:min(len(out.of), mostUpdates)]
	return document{"service_request_updates", out}, err
}

// told returns what a case told its citizen between two times.
func (c *call) told(id string, from, to int64) ([]any, error) {
	v, err := c.Cases.Open(c.Context(), reader, id, "")
	if err != nil {
		return nil, err
	}
	var out []any
	state, life := "", c.City.Catalog.Lifecycle(c.City.Catalog.Family(v.Case.Family).Lifecycle)
	for _, e := range v.Entries {
		if e.Header.To != "" {
			state = e.Header.To
		}
		if e.Header.At < from || e.Header.At >= to || strings.TrimSpace(e.Citizen) == "" || e.Header.N == 1 {
			continue
		}
		status := "OPEN"
		if st := life.State(state); st != nil && spoken[st.Lane] != "" {
			status = spoken[st.Lane]
		}
		out = append(out, object{
			{"update_id", fmt.Sprintf("%s-%d", v.Case.Number, e.Header.N)}, {"service_request_id", v.Case.Number}, {"status", status},
			{"updated_datetime", stamp(e.Header.At)}, {"description", e.Citizen}, {"media_url", nil}, {"external_status_code", state},
		})
	}
	return out, nil
}

// update answers POST servicerequestupdates: the citizen adds something, or takes
// the request back (CANCELLED).
func (c *call) update() (document, error) {
	if err := c.needKey(); err != nil {
		return document{}, err
	}
	k, err := c.find(c.arg("service_request_id"))
	if err == nil && !c.mine(&k) {
		err = errs.E(errs.NotFound, "open311.no_request", nil).At("service_request_id")
	}
	if err != nil {
		return document{}, err
	}
	if c.arg("update_id") == "" {
		return document{}, errs.E(errs.Invalid, "open311.needs_update", nil).At("update_id")
	}
	deed := cases.Deed{Case: k.ID, Action: "add", Input: map[string]any{"text": c.arg("description")}, Once: "open311:" + c.key.ID + ":" + c.arg("update_id")}
	if c.arg("status") == "CANCELLED" {
		deed.Action, deed.Input = "withdraw", map[string]any{"reason": c.arg("description")}
	}
	if deed.Files, err = c.media(); err != nil {
		return document{}, err
	}
	if len(deed.Files) > 0 && deed.Action != "add" {
		return document{}, errs.E(errs.Invalid, "open311.no_media", nil).At("media")
	}
	after, err := c.Cases.Act(c.Context(), org.Appellant(), deed)
	if err != nil {
		return document{}, err
	}
	o := object{{"update_id", fmt.Sprintf("%s-%d", after.Number, after.Version)}, {"service_request_id", after.Number}}
	return document{"service_request_updates", list{"request_update", []any{o}}}, nil
}
