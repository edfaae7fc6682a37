package api_test

import (
	"bufio"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"yiwang/internal/door/api/apitest"
)

// listener reads a live feed.
type listener struct {
	t      *testing.T
	res    *http.Response
	events chan event
}

type event struct {
	kind, id string
	data     m
	raw      string
}

func listen(t *testing.T, p *apitest.Person, lastID string) *listener {
	t.Helper()
	req := p.Request("GET", "/api/live", nil)
	if lastID != "" {
		req.Header.Set("Last-Event-ID", lastID)
	}
	l := &listener{t: t, res: p.Open(req), events: make(chan event, 1000)}
	if l.res.StatusCode != http.StatusOK || l.res.Header.Get("Content-Type") != "text/event-stream" {
		t.Fatalf("live: %d %s", l.res.StatusCode, l.res.Header)
	}
	go l.read()
	t.Cleanup(l.close)
	return l
}

func (l *listener) close() { _ = l.res.Body.Close() }

func (l *listener) read() {
	defer close(l.events)
	var e event
	lines := bufio.NewScanner(l.res.Body)
	for lines.Scan() {
		switch name, value, _ := strings.Cut(lines.Text(), ": "); {
		case name == "id":
			e.id = value
		case name == "event":
			e.kind = value
		case name == "data":
			e.raw = value
			if json.Unmarshal([]byte(value), &e.data) != nil {
				return
			}
		case lines.Text() == "" && e.kind != "":
			l.events <- e
			e = event{}
		}
	}
}

// next returns the next event of a kind, passing over others.
func (l *listener) next(kind string) event {
	l.t.Helper()
	late := time.After(10 * time.Second)
	for {
		select {
		case e, ok := <-l.events:
			if !ok {
				l.t.Fatalf("the feed ended before a %s", kind)
			}
			if e.kind == kind {
				return e
			}
		case <-late:
			l.t.Fatalf("no %s came", kind)
		}
	}
}

// quiet ends the test if a change of a case comes.
func (l *listener) quiet(id string) {
	l.t.Helper()
	wait := time.After(700 * time.Millisecond)
	for {
		select {
		case e := <-l.events:
			if e.data["id"] == id {
				l.t.Fatalf("somebody heard of a case that is not for them: %v", e)
			}
		case <-wait:
			return
		}
	}
}

func TestLive(t *testing.T) {
	apitest.Run(t, func(t *testing.T, h *apitest.House) {
		dispatcher := h.As(t, "fenbo")
		clerk, partner := listen(t, h.As(t, "shoufa"), ""), listen(t, h.As(t, "wuye"), "")
		desk := listen(t, dispatcher, "")
		desk.next("hello")
		clerk.next("hello")
		partner.next("hello")
		id := file(t, h)
		h.Settle(t)
		if e := desk.next("change"); e.data["id"] != id || e.data["kind"] != "file" || e.data["lane"] != "dispatch" || e.id == "" {
			t.Errorf("the desk hears %v", e)
		}
		dispatcher.Act(id, "dispatch", m{"matter": "030503", "unit": streetUnit}).OK()
		h.Settle(t)
		if e := clerk.next("alert"); e.data["id"] != id || e.data["clock"] != "sign" || e.data["unit"] != streetUnit {
			t.Errorf("the clerk is called by %v", e)
		}
		if e := clerk.next("change"); e.data["id"] != id || e.data["lane"] != "sign" {
			t.Errorf("the clerk hears %v", e)
		}
		partner.quiet(id)

		// The case goes to others: the clerk is told that it is gone, and no more.
		dispatcher.Act(id, "redispatch", m{"unit": "pt-wuye-01", "reason": "由物业处理"}).OK()
		h.Settle(t)
		if e := clerk.next("change"); e.data["id"] != id || e.data["lane"] != "gone" || e.data["title"] != "" || e.data["unit"] != "" {
			t.Errorf("the clerk hears of what is gone: %v", e)
		}
		if e := partner.next("change"); e.data["id"] != id || e.data["lane"] != "sign" {
			t.Errorf("the partner hears %v", e)
		}
	})
}

// The feed tells nobody what a person left of themselves, and of a case only those who
// see it: everybody listens to what was before and what happens to a case that goes from
// the desk to a unit and on to another. Who has not signed in hears nothing.
func TestLiveFeedIsMasked(t *testing.T) {
	h := apitest.Open(t, sqlite)
	stage := setStage(t, h)
	people := cast(t, h, stage)
	people["-"].Get("/api/live").Is(http.StatusUnauthorized)
	delete(people, "-")
	ears := map[string]*listener{}
	for letter, p := range people {
		ears[letter] = listen(t, p, "0")
	}
	all := map[string]map[string]m{} // what each has heard of each case
	take := func() {
		for letter, l := range ears {
			for len(l.events) > 0 {
				e := <-l.events
				for what, v := range personal {
					if strings.Contains(e.raw, v) {
						t.Errorf("%s hears the %s: %s", letter, what, e.raw)
					}
				}
				if id, ok := e.data["id"].(string); ok && e.kind == "change" {
					all[letter][id] = e.data
				}
			}
		}
	}
	// hear listens until those who are to hear of a case have, and whoever is not has had a
	// second more.
	hear := func(id, who string) map[string]map[string]m {
		for letter := range ears {
			all[letter] = map[string]m{}
		}
		for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
			if take(); !strings.ContainsFunc(who, func(letter rune) bool { return all[string(letter)] != nil && all[string(letter)][id] == nil }) {
				break
			}
		}
		time.Sleep(time.Second)
		take()
		return all
	}
	// want compares who has heard of a case, and how it is called to them, with who sees
	// it, by its page too, and who saw it before.
	want := func(when string, heard map[string]map[string]m, id, sees, saw string) {
		for letter := range ears {
			c := heard[letter][id]
			if got := people[letter].Get("/api/cases/" + id); (got.Status == http.StatusOK) != strings.Contains(sees, letter) {
				t.Errorf("%s: %s, who asks for the page, is answered %d", when, letter, got.Status)
			}
			switch {
			case strings.Contains(sees, letter):
				if title, _ := c["title"].(string); c == nil || !strings.HasPrefix(title, "工地") && !strings.HasPrefix(title, "小区") {
					t.Errorf("%s: %s does not hear of it: %v", when, letter, c)
				}
			case strings.Contains(saw, letter):
				if c["lane"] != "gone" || c["title"] != "" || c["unit"] != "" || c["area"] != "" || c["lng"] != 0.0 {
					t.Errorf("%s: %s hears of what is gone: %v", when, letter, c)
				}
			case c != nil:
				t.Errorf("%s: %s hears of a case that is not for them: %v", when, letter, c)
			}
		}
	}
	past := hear(stage.names["in"], inside)
	want("what was before", past, stage.names["in"], inside, "")
	want("what was before", past, stage.names["out"], outside, "")
	id := h.As(t, "shouli").Post("/api/cases", m{"family": "appeal", "channel": "hotline", "title": "工地夜间施工" + planted,
		"text": "有事。" + planted, "fields": m{"phone": personal["phone"], "name": personal["name"]}}).OK().Text("id")
	h.Settle(t)
	want("at the desk", hear(id, city+"L"), id, city+"L", "")
	dispatcher := h.As(t, "fenbo")
	dispatcher.Act(id, "dispatch", m{"matter": "030503", "unit": streetUnit, "reason": planted}).OK()
	h.Settle(t)
	want("at a unit", hear(id, inside), id, inside, "")
	dispatcher.Act(id, "redispatch", m{"unit": "pt-wuye-01", "reason": planted}).OK()
	h.Settle(t)
	want("gone on", hear(id, outside), id, outside, "KHJ")
}

// Who comes back hears what was missed, once for each case.
func TestLiveResumes(t *testing.T) {
	apitest.Run(t, func(t *testing.T, h *apitest.House) {
		dispatcher := h.As(t, "fenbo")
		first := listen(t, dispatcher, "")
		first.next("hello")
		one := file(t, h)
		h.Settle(t)
		seen := first.next("change")
		first.close()
		two := file(t, h)
		dispatcher.Act(one, "accept", nil).OK()
		dispatcher.Act(one, "dispatch", m{"matter": "030503", "unit": streetUnit}).OK()
		h.Settle(t)
		back := listen(t, dispatcher, seen.id)
		heard := map[any]int{}
		for range 2 {
			heard[back.next("change").data["id"]]++
		}
		if heard[one] != 1 || heard[two] != 1 {
			t.Errorf("heard after coming back: %v", heard)
		}
		if e := listen(t, dispatcher, "-5").next("hello"); e.data["reset"] != true {
			t.Errorf("who missed too much is not told: %v", e)
		}
		end, err := strconv.Atoi(seen.id)
		if err != nil {
			t.Fatal(err)
		}
		if e := listen(t, dispatcher, strconv.Itoa(end+100)).next("hello"); e.data["reset"] == true {
			t.Errorf("nothing was missed: %v", e)
		}
	})
}

// One person cannot use up the door.
func TestLiveStreamsAreBounded(t *testing.T) {
	h := apitest.Open(t, sqlite)
	p := h.As(t, "fenbo")
	for range 30 {
		listen(t, p, "").next("hello")
	}
	p.Get("/api/live").Is(http.StatusTooManyRequests)
	h.As(t, "shoufa").Get("/api/session").OK()
}
