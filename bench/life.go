package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
)

// lifeUnit is a unit of the demo city that handles appeals.
const lifeUnit = "st-xiangmihu-um"

// people are the keys that take a case through its life.
type people struct {
	centre, unit string
}

// hire makes the keys. Whoever answers in the unit also leads it, so that no step
// waits for an approval.
func (h *house) hire() (p people, err error) {
	if p.centre, err = h.makeKey("centre", "centre", "counter", "dispatcher", "auditor", "caller"); err != nil {
		return p, err
	}
	p.unit, err = h.makeKey("unit", lifeUnit, "clerk", "handler", "head")
	return p, err
}

// life is the deed of taking one appeal from its filing to its rating.
func (h *house) life(p people, series string) deed {
	file := h.appeal(series)
	return func(worker, turn int) error {
		id, err := h.filed(file, worker, turn)
		if err != nil {
			return err
		}
		if err := h.dispatch(p, id); err != nil {
			return err
		}
		for _, step := range []struct {
			key, action string
			input       map[string]any
		}{
			{p.unit, "sign", nil},
			{p.unit, "contact", map[string]any{"means": "phone", "note": "已致电反映人，说明办理安排。"}},
			{p.unit, "resolve", map[string]any{"result": "solved", "answer": "经执法队现场核查，已责令当事人停止施工并清理现场，后续每周巡查一次。如有疑问请联系我们。"}},
			{p.centre, "pass", nil},
			{p.centre, "call_back", map[string]any{"solved": "yes", "level": 1}}, // and its rating
		} {
			if err := h.act(step.key, id, step.action, step.input); err != nil {
				return err
			}
		}
		return nil
	}
}

func (h *house) filed(file func(worker, turn int) (*http.Request, error), worker, turn int) (id string, err error) {
	req, err := file(worker, turn)
	if err != nil {
		return "", err
	}
	body, err := answer(h.client, req)
	if err != nil {
		return "", err
	}
	var filed struct{ ID string }
	return filed.ID, json.Unmarshal(body, &filed)
}

// dispatch gives a case to the unit, also where the machine was sure of another.
func (h *house) dispatch(p people, id string) error {
	to := map[string]any{"matter": lifeMatter, "unit": lifeUnit, "reason": "按属地办理。"}
	err := h.act(p.centre, id, "redispatch", to)
	var no *refusal
	if errors.As(err, &no) && no.status == http.StatusConflict {
		delete(to, "reason")
		err = h.act(p.centre, id, "dispatch", to)
	}
	return err
}

// lifeMatter is a matter that the unit handles.
const lifeMatter = "030503"

func (h *house) act(key, id, action string, input map[string]any) error {
	req, err := post(h.base+"/api/cases/"+id+"/actions/"+action, key, map[string]any{"input": input})
	if err != nil {
		return err
	}
	req.Header.Set("Prefer", "return=minimal") // a program does not look at the page
	_, err = answer(h.client, req)
	return err
}

func (h *house) makeKey(name, unit string, roles ...string) (string, error) {
	var key struct{ Key string }
	req, err := post(h.base+"/api/admin/keys", "", map[string]any{"name": name, "channel": "hotline", "unit": unit, "roles": roles})
	if err != nil {
		return "", err
	}
	body, err := answer(h.admin, req)
	if err != nil {
		return "", fmt.Errorf("a key for %s: %w", unit, err)
	}
	return key.Key, json.Unmarshal(body, &key)
}
