package webhook_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/gm"
	"yiwang/internal/base/outward"
	"yiwang/internal/base/sqldb/sqldbtest"
	"yiwang/internal/core/cases"
	"yiwang/internal/core/org"
	"yiwang/internal/door/api/apitest"
	"yiwang/internal/work/intake"
	"yiwang/internal/work/webhook"
)

// receiver is another system. It believes what is signed, and answers as it is told.
type receiver struct {
	*httptest.Server
	secret string
	now    func() time.Time
	status int
	hang   chan struct{} // it does not answer until this is closed; nil answers at once
	mu     sync.Mutex
	got    []webhook.Event
}

func newReceiver(t *testing.T, now func() time.Time) *receiver {
	r := &receiver{now: now, status: http.StatusNoContent}
	r.Server = httptest.NewServer(r)
	t.Cleanup(r.Close)
	return r
}

// ServeHTTP takes an event.
func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(req.Body)
	if err != nil || outward.Verify(req.Header, []byte(r.secret), body, r.now()) != nil {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	if r.hang != nil {
		select {
		case <-r.hang:
		case <-req.Context().Done():
			return
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	var e webhook.Event
	if r.status < 300 && json.Unmarshal(body, &e) == nil {
		r.got = append(r.got, e)
	}
	w.WriteHeader(r.status)
}

// told returns what came since the last time, as "KIND N" in its order.
func (r *receiver) told() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var out []string
	for _, e := range r.got {
		out = append(out, strings.TrimPrefix(e.Type, "yiwang.case."))
	}
	return strings.Join(out, " ")
}

type house struct {
	*apitest.House
	t    *testing.T
	feed *webhook.Feed
	by   org.Actor
}

func open(t *testing.T, a *apitest.House) *house {
	t.Helper()
	key, err := gm.NewKey(gm.Intl)
	if err != nil {
		t.Fatal(err)
	}
	h := &house{House: a, t: t, by: org.Machine("test")}
	h.feed = webhook.New(webhook.Deps{DB: a.DB, City: a.City, Staff: a.Staff, Cases: a.Cases, Key: key,
		Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, Site: "https://city.example"})
	return h
}

// subscribe makes a key and a subscription for it.
func (h *house) subscribe(r *receiver, k org.Key, s webhook.Subscription) webhook.Subscription {
	h.t.Helper()
	k.Name = "另一个系统"
	made, _, err := h.Staff.MakeKey(h.t.Context(), h.by, k)
	if err != nil {
		h.t.Fatal(err)
	}
	s.Key, s.URL = made.ID, r.URL
	s, r.secret, err = h.feed.Subscribe(h.t.Context(), h.by, s)
	if err != nil {
		h.t.Fatal(err)
	}
	return s
}

// tell lets a subscription work until nothing is left to do now.
func (h *house) tell(s webhook.Subscription) {
	h.t.Helper()
	if _, err := h.Cases.Sequence(h.t.Context(), "test"); err != nil {
		h.t.Fatal(err)
	}
	for more := true; more; {
		var err error
		if more, err = h.feed.Turn(h.t.Context(), s.ID, "test"); err != nil {
			h.t.Fatal(err)
		}
	}
}

func (h *house) file(channel, text string) cases.Filed {
	h.t.Helper()
	filed, err := h.Desk.File(h.t.Context(), intake.Message{Channel: channel, Actor: org.Appellant(), Text: text, Name: "陈女士", Phone: "13800138000"})
	if err != nil {
		h.t.Fatal(err)
	}
	return filed
}

func (h *house) act(id, role, action string, input map[string]any) {
	h.t.Helper()
	for _, p := range h.Staff.Directory().AllStaff() {
		if a, ok := h.Staff.Directory().Actor(p.ID); ok && a.Has(role) {
			if _, err := h.Cases.Act(h.t.Context(), a, cases.Deed{Case: id, Action: action, Input: input}); err != nil {
				h.t.Fatal(err)
			}
			return
		}
	}
	h.t.Fatalf("nobody is %s", role)
}

// state returns a subscription as the administrator sees it.
func (h *house) state(s webhook.Subscription) webhook.Subscription {
	h.t.Helper()
	all, err := h.feed.Subscriptions(h.t.Context())
	if err != nil {
		h.t.Fatal(err)
	}
	for _, x := range all {
		if x.ID == s.ID {
			return x
		}
	}
	h.t.Fatal("the subscription is gone")
	return s
}

// units returns two units that cases can be given to.
func (h *house) units() (a, b string) {
	h.t.Helper()
	var out []string
	for _, u := range h.Staff.Directory().Units() {
		if u.Kind == org.Department && u.Active && u.Parent != "" {
			out = append(out, u.Code)
		}
	}
	if len(out) < 2 {
		h.t.Fatal("the demo city has too few departments")
	}
	return out[0], out[1]
}

// The hotline platform hears of its own cases, a department of what it is given and
// of what it loses, and nobody of anything else. What citizens wrote stays here.
func TestEachHearsItsOwn(t *testing.T) {
	apitest.Run(t, func(t *testing.T, a *apitest.House) {
		h := open(t, a)
		first, second := h.units()
		platform, department := newReceiver(t, h.Clock.Now), newReceiver(t, h.Clock.Now)
		hotline := h.subscribe(platform, org.Key{Channel: "hotline-city", Unit: h.City.Centre, Roles: []string{"partner"}}, webhook.Subscription{Suite: gm.SM})
		unit := h.subscribe(department, org.Key{Unit: first, Roles: []string{"handler"}}, webhook.Subscription{Personal: true})

		mine := h.file("hotline-city", "小区门口的井盖松动，车过有响声。")
		h.file("web", "楼下餐馆油烟很大。")
		m := h.City.Catalog.InForce("appeal", "2026-11-23")[0].Code
		h.act(mine.ID, "dispatcher", "accept", nil)
		h.act(mine.ID, "dispatcher", "dispatch", map[string]any{"matter": m, "unit": first})
		h.act(mine.ID, "dispatcher", "redispatch", map[string]any{"unit": second, "reason": "属于它的职责"})
		h.act(mine.ID, "dispatcher", "note", map[string]any{"text": "只给工作人员看"})
		h.tell(hotline)
		h.tell(unit)

		if got := platform.told(); got != "file accept dispatch redispatch note" {
			t.Errorf("the platform heard %q", got)
		}
		if got := department.told(); got != "dispatch redispatch" {
			t.Errorf("the department heard %q", got)
		}
		e := platform.got[2]
		if e.SpecVersion != "1.0" || e.Source != "https://city.example/" || e.Subject != mine.Number || e.ID != mine.ID+"/3" ||
			e.Data.Unit != first || e.Data.State != "dispatched" || e.Data.From != "accepted" || e.Data.StateName == "" || e.Data.By != "staff" {
			t.Errorf("an event %+v", e)
		}
		for _, e := range platform.got {
			if raw, err := json.Marshal(e); err != nil || strings.Contains(string(raw), "井盖") || strings.Contains(string(raw), "1380013") || strings.Contains(string(raw), "只给") {
				t.Errorf("the platform was told %s, %v", raw, err)
			}
		}
		// The department may know who wrote, while the case is its own, and each look is kept.
		if p := department.got[0].Data.Personal; p["phone"] != "13800138000" || !strings.Contains(p["text"], "井盖") {
			t.Errorf("the department was told %v", p)
		}
		if p := department.got[1].Data.Personal; p != nil {
			t.Errorf("of a case that left it the department was told %v", p)
		}
		var opened int
		if err := h.DB.Read().QueryRow(t.Context(), `select count(*) from access_log where case_id = ? and purpose = 'webhook'`, mine.ID).Scan(&opened); err != nil || opened != 1 {
			t.Errorf("%d openings are logged, %v", opened, err)
		}
		if s := h.state(hotline); s.Sent != 5 || s.Waiting+s.Dead > 0 {
			t.Errorf("afterwards %+v", s)
		}
	})
}

// A receiver that is away misses nothing, in order; one that refuses an event has it
// put aside, where an administrator sends it again.
func TestAwayAndAgain(t *testing.T) {
	apitest.Run(t, func(t *testing.T, a *apitest.House) {
		h := open(t, a)
		r := newReceiver(t, h.Clock.Now)
		s := h.subscribe(r, org.Key{Unit: h.City.Centre, Roles: []string{"dispatcher"}}, webhook.Subscription{Kinds: []string{"file", "accept", "note"}})
		r.status = http.StatusServiceUnavailable
		c := h.file("web", "小区门口的井盖松动，车过有响声。")
		h.tell(s)
		h.act(c.ID, "dispatcher", "accept", nil)
		h.act(c.ID, "dispatcher", "note", map[string]any{"text": "x"})
		h.tell(s)
		if x := h.state(s); x.Waiting != 3 || x.Failures == 0 || x.Said == "" {
			t.Errorf("while it is away %+v", x)
		}
		r.status = http.StatusOK
		h.Clock.Pass(time.Hour)
		h.tell(s)
		if got := r.told(); got != "file accept note" {
			t.Errorf("it heard %q", got)
		}

		r.status, r.got = http.StatusBadRequest, nil
		h.act(c.ID, "dispatcher", "note", map[string]any{"text": "y"})
		for range 5 {
			h.tell(s)
			h.Clock.Pass(time.Hour)
		}
		dead, err := h.feed.Dead(t.Context(), 10)
		if err != nil || len(dead) != 1 || dead[0].Kind != "note" || !strings.Contains(dead[0].Said, "400") {
			t.Fatalf("given up: %+v, %v", dead, err)
		}
		r.status = http.StatusOK
		if n, err := h.feed.Again(t.Context(), h.by, s.ID, dead[0].Seq); n != 1 || err != nil {
			t.Errorf("sent again %d, %v", n, err)
		}
		h.tell(s)
		if got := r.told(); got != "note" {
			t.Errorf("again it heard %q", got)
		}

		// A day without an answer is given up too.
		r.status = http.StatusServiceUnavailable
		h.act(c.ID, "dispatcher", "note", map[string]any{"text": "z"})
		for range 30 {
			h.tell(s)
			h.Clock.Pass(time.Hour)
		}
		if x := h.state(s); x.Dead != 1 || x.Waiting != 0 {
			t.Errorf("after a day %+v", x)
		}
		// Who ends the key ends what it is told.
		if err := h.Staff.RevokeKey(t.Context(), h.by, s.Key); err != nil {
			t.Fatal(err)
		}
		h.tell(s)
		if x := h.state(s); x.Active {
			t.Error("the key has ended, its subscription has not")
		}
	})
}

// One receiver hangs; the other hears everything at once all the same.
func TestHangingCostsNobody(t *testing.T) {
	a := apitest.Open(t, sqldbtest.SQLiteURL)
	h := open(t, a)
	slow, quick := newReceiver(t, h.Clock.Now), newReceiver(t, h.Clock.Now)
	slow.hang = make(chan struct{})
	defer close(slow.hang)
	k := org.Key{Unit: h.City.Centre, Roles: []string{"dispatcher"}}
	h.subscribe(slow, k, webhook.Subscription{})
	h.subscribe(quick, k, webhook.Subscription{})
	done := make(chan error, 1)
	ctx, stop := context.WithCancel(t.Context())
	go func() { done <- h.feed.Run(ctx, "test") }()
	for i := range 10 {
		h.file("web", strings.Repeat("不同的事", i+2))
	}
	for wait := 0; len(strings.Fields(quick.told())) < 10 && wait < 100; wait++ {
		time.Sleep(50 * time.Millisecond)
	}
	if n := len(strings.Fields(quick.told())); n < 10 {
		t.Errorf("%d of 10 events came within five seconds", n)
	}
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// Nobody can make the house call its own network.
func TestSubscribeRefuses(t *testing.T) {
	a := apitest.Open(t, sqldbtest.SQLiteURL)
	h := open(t, a)
	made, _, err := h.Staff.MakeKey(t.Context(), h.by, org.Key{Name: "x", Unit: h.City.Centre, Roles: []string{"partner"}})
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		s    webhook.Subscription
		kind errs.Kind
	}{
		"own network":   {webhook.Subscription{Key: made.ID, URL: "https://10.0.0.1/"}, errs.Invalid},
		"metadata":      {webhook.Subscription{Key: made.ID, URL: "http://169.254.169.254/latest"}, errs.Invalid},
		"in clear":      {webhook.Subscription{Key: made.ID, URL: "http://hooks.example.cn/"}, errs.Invalid},
		"no key":        {webhook.Subscription{Key: "none", URL: "https://hooks.example.cn/"}, errs.Invalid},
		"no such kind":  {webhook.Subscription{Key: made.ID, URL: "https://hooks.example.cn/", Kinds: []string{"sing"}}, errs.Invalid},
		"may not know":  {webhook.Subscription{Key: made.ID, URL: "https://hooks.example.cn/", Personal: true}, errs.Forbidden},
		"no such suite": {webhook.Subscription{Key: made.ID, URL: "https://hooks.example.cn/", Suite: "md5"}, errs.Invalid},
	} {
		if _, _, err := h.feed.Subscribe(t.Context(), h.by, c.s); !errs.Is(err, c.kind) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
