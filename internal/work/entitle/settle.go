package entitle

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/text"
	"yiwang/internal/core/cases"
	"yiwang/internal/core/org"
	"yiwang/internal/core/rule"
	"yiwang/internal/work/intake"
)

// Actions of the lifecycle that an entitlement's cases run.
const (
	actGrant  = "entitle" // who qualifies is told
	actChange = "change"  // of the amount
	actStop   = "stop"    // who no longer qualifies
	actDoubt  = "doubt"   // the facts no longer say
	actClear  = "clear"   // they say again
	actPaid   = "paid"
	actBack   = "returned"
)

// Channel is the channel of cases that nobody asked for. It is none of those by which
// people come, which the pack declares.
const Channel = "automatic"

var machine = org.Machine("entitle")

// done is what was done about one subject.
type done int

const (
	nothing done = iota
	began
	ended
	changed
	doubted
)

// amount is what is paid each time, in hundredths of a yuan.
func (it Item) amount(dec *rule.Decision) int64 {
	if it.Amount == "" {
		return 0
	}
	return int64(math.Round(dec.Amount(it.Amount) * 100))
}

// settle brings a subject's standing in line with a decision. Taken twice it changes
// nothing the second time. A decision that grants although registers contradict each
// other about what it asks for is a person's.
func (o *Office) settle(ctx context.Context, it Item, st Standing, dec *rule.Decision, contested []string) (done, error) {
	st.Version = dec.Record().Version
	switch {
	case dec.Grants() && len(contested) > 0:
		return o.unsure(ctx, it, st, dec, contested)
	case dec.Grants():
		return o.grant(ctx, it, st, dec)
	case dec.State == rule.Decided:
		return o.refuse(ctx, it, st, dec)
	}
	return o.unsure(ctx, it, st, dec, nil)
}

func (o *Office) grant(ctx context.Context, it Item, st Standing, dec *rule.Decision) (done, error) {
	fen, why := it.amount(dec), strings.Join(dec.Rows(), " ")
	if st.State == Unsure && st.Case != "" {
		if err := o.act(ctx, st.Case, actClear, o.said(it, actClear, dec)); err != nil {
			return nothing, err
		}
		st.State, st.Why = Granted, why
		if fen == st.Fen {
			return changed, o.keep(ctx, st)
		}
	}
	if st.State == Granted {
		if fen == st.Fen {
			return nothing, nil
		}
		in := o.said(it, actChange, dec)
		in["amount"] = Yuan(fen)
		if err := o.act(ctx, st.Case, actChange, in); err != nil {
			return nothing, err
		}
		st.Fen, st.Why = fen, why
		return changed, o.keep(ctx, st)
	}
	st.Round++
	filed, err := o.open(ctx, it, st, dec, fen)
	if err != nil {
		return nothing, err
	}
	st.Case, st.State, st.Fen, st.Why = filed.ID, Granted, fen, why
	return began, o.keep(ctx, st)
}

// open files the case of somebody who newly qualifies. Its external id is the round, so
// that a run that was cut off opens it once.
func (o *Office) open(ctx context.Context, it Item, st Standing, dec *rule.Decision, fen int64) (cases.Filed, error) {
	var items []string
	for _, ways := range it.Fill {
		items = append(items, ways...)
	}
	known, err := o.Registers.Read(ctx, it, st.Subject, "", o.Now(), items)
	if err != nil {
		return cases.Filed{}, err
	}
	whose, err := o.Registers.Whose(ctx, it, st.Subject, o.Now())
	if err != nil {
		return cases.Filed{}, err
	}
	fields := map[string]any{}
	if f := o.Desk.City.Catalog.Family(it.Family); f != nil {
		for i := range f.Fields {
			if v, ok := it.Says[f.Fields[i].Code]; ok {
				fields[f.Fields[i].Code] = v
			}
		}
	}
	for field, ways := range it.Fill {
		for _, item := range ways {
			if v := known[item]; v != "" && fields[field] == nil {
				fields[field] = v
			}
		}
	}
	in := o.said(it, actGrant, dec)
	in["amount"] = Yuan(fen)
	f, err := o.Desk.Prepare(intake.Message{
		Family: it.Family, Unit: it.Unit, Channel: Channel, ExternalID: fmt.Sprintf("%s/%s/%d", it.Service, st.Subject, st.Round), Actor: machine, Fields: fields, Parties: whose,
		Steps: []cases.Step{{Action: actGrant, Input: in, By: machine}},
	})
	if err != nil {
		return cases.Filed{}, err
	}
	f.Content = f.ExternalID // the same round is the same case, whatever has changed since
	return o.Cases.File(ctx, f)
}

// refuse stops what somebody had who no longer qualifies.
func (o *Office) refuse(ctx context.Context, it Item, st Standing, dec *rule.Decision) (done, error) {
	switch {
	case st.Case == "" && st.State == Unsure:
		st.State, st.Why = Ended, ""
		return nothing, o.keep(ctx, st)
	case st.State == Granted, st.State == Unsure:
		if err := o.act(ctx, st.Case, actStop, o.said(it, actStop, dec)); err != nil {
			return nothing, err
		}
		st.State, st.Why = Ended, dec.Clause
		return ended, o.keep(ctx, st)
	}
	return nothing, nil
}

// unsure holds what the facts do not decide, for a person.
func (o *Office) unsure(ctx context.Context, it Item, st Standing, dec *rule.Decision, contested []string) (done, error) {
	why := strings.Join(append(slices.Clone(dec.Missing), contested...), " ")
	if dec.State == rule.Conflict {
		why = strings.Join(dec.Rows(), " ")
	}
	if st.State == Unsure && st.Why == why {
		return nothing, nil
	}
	if st.State == Granted {
		if err := o.act(ctx, st.Case, actDoubt, o.said(it, actDoubt, dec)); err != nil {
			return nothing, err
		}
	}
	if st.State == Ended {
		st.Case = ""
	}
	st.State, st.Why = Unsure, why
	return doubted, o.keep(ctx, st)
}

// said is the decision as an action keeps it: in words, and so that it can be made
// again; with what is said of each case alike, as far as the action asks for it.
func (o *Office) said(it Item, action string, dec *rule.Decision) map[string]any {
	record, err := json.Marshal(dec.Record())
	if err != nil {
		record = nil // strings, numbers and yes/no always encode
	}
	in := map[string]any{"reason": dec.Explain(text.Chinese).String(), "decision": string(record)}
	if f := o.Desk.City.Catalog.Family(it.Family); f != nil {
		if a := o.Desk.City.Catalog.Lifecycle(f.Lifecycle).Action(action); a != nil {
			for i := range a.Input {
				if v, ok := it.Says[a.Input[i].Code]; ok {
					in[a.Input[i].Code] = v
				}
			}
		}
	}
	return in
}

// act takes an action on a case, unless the case is past it: whoever declined is not
// asked again.
func (o *Office) act(ctx context.Context, id, action string, in map[string]any) error {
	c, err := o.Cases.Get(ctx, id)
	if err != nil {
		return err
	}
	for _, choice := range o.Cases.Choices(machine, c) {
		if choice.Action == action && choice.Open {
			_, err = o.Cases.Act(ctx, machine, cases.Deed{Case: id, Action: action, Input: in})
			if errs.Is(err, errs.Conflict) {
				return nil // it moved on in between
			}
			return err
		}
	}
	return nil
}

// Yuan writes an amount in hundredths of a yuan as people do: 200, 200.50.
func Yuan(fen int64) string {
	if fen%100 == 0 {
		return strconv.FormatInt(fen/100, 10)
	}
	return fmt.Sprintf("%d.%02d", fen/100, fen%100)
}
