package api

import (
	"context"
	"maps"
	"net/http"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"yiwang/internal/base/gm"
	"yiwang/internal/base/text"
	"yiwang/internal/core/notice"
	"yiwang/internal/work/webhook"
)

func (s *server) outwardRoutes(api huma.API) {
	route(s, api, op("adminListWebhooks", http.MethodGet, "/api/admin/webhooks", "Systems that are told of cases"), administrator, s.adminListWebhooks)
	route(s, api, op("adminMakeWebhook", http.MethodPost, "/api/admin/webhooks", "Tell another system of cases"), administrator, s.adminMakeWebhook)
	route(s, api, op("adminEndWebhook", http.MethodDelete, "/api/admin/webhooks/{id}", "Stop telling a system"), administrator, s.adminEndWebhook)
	route(s, api, op("adminDeadEvents", http.MethodGet, "/api/admin/webhooks/dead", "Events that were given up"), administrator, s.adminDeadEvents)
	route(s, api, op("adminSendEvents", http.MethodPost, "/api/admin/webhooks/{id}/again", "Send events again that were given up"), administrator, s.adminSendEvents)
	route(s, api, op("adminListTroubles", http.MethodGet, "/api/admin/notices", "Notices that failed, came back or are unknown"), administrator, s.adminListTroubles)
	route(s, api, op("adminSendNotice", http.MethodPost, "/api/admin/notices/again", "Send a notice again"), administrator, s.adminSendNotice)
}

// Webhook is a system that is told of cases.
type Webhook struct {
	ID       string   `json:"id"`
	Key      string   `json:"key" doc:"Id of the machine key: what it sees is told"`
	KeyName  string   `json:"key_name"`
	URL      string   `json:"url"`
	Kinds    []string `json:"kinds" nullable:"false" doc:"Of actions; none is all"`
	Personal bool     `json:"personal"`
	Suite    string   `json:"suite" enum:"intl,sm"`
	Active   bool     `json:"active"`
	At       int64    `json:"at"`
	Waiting  int      `json:"waiting"`
	Dead     int      `json:"dead"`
	Failures int      `json:"failures" doc:"In a row"`
	Sent     int64    `json:"sent"`
	SentAt   int64    `json:"sent_at"`
	Said     string   `json:"said" doc:"Why the latest try failed"`
	Secret   string   `json:"secret,omitempty" doc:"Of the signatures, in clear for this once"`
}

func webhookOf(x webhook.Subscription, keys map[string]string) Webhook {
	return Webhook{ID: x.ID, Key: x.Key, KeyName: keys[x.Key], URL: x.URL, Kinds: list(x.Kinds), Personal: x.Personal, Suite: string(x.Suite), Active: x.Active,
		At: x.At, Waiting: x.Waiting, Dead: x.Dead, Failures: x.Failures, Sent: x.Sent, SentAt: x.SentAt, Said: x.Said}
}

// Webhooks are the systems that are told, and of what kinds of actions they can be.
type Webhooks struct {
	Items []Webhook `json:"items" nullable:"false"`
	Kinds []Kind    `json:"kinds" nullable:"false"`
}

// Kind is a kind of action, as people call it.
type Kind struct {
	Code  string `json:"code"`
	Title string `json:"title"`
}

func (s *server) namesOfKeys(ctx context.Context) (map[string]string, error) {
	keys, err := s.Staff.Keys(ctx)
	names := map[string]string{}
	for _, k := range keys {
		names[k.ID] = k.Name
	}
	return names, err
}

func (s *server) adminListWebhooks(ctx context.Context, c *caller, _ *struct{}) (*body[Webhooks], error) {
	all, err := s.Hooks.Subscriptions(ctx)
	if err != nil {
		return nil, err
	}
	names, err := s.namesOfKeys(ctx)
	out := Webhooks{Items: []Webhook{}, Kinds: []Kind{}}
	for _, x := range all {
		out.Items = append(out.Items, webhookOf(x, names))
	}
	for _, code := range s.Hooks.Kinds() {
		out.Kinds = append(out.Kinds, Kind{code, s.actionTitle(c.lang, code)})
	}
	return answer(out), err
}

// actionTitle is what an action is called in the first family that has it.
func (s *server) actionTitle(lang text.Lang, code string) string {
	families := s.City.Catalog.Families()
	for _, family := range slices.Sorted(maps.Keys(families)) {
		if life := s.City.Catalog.Lifecycle(families[family].Lifecycle); life != nil {
			if a := life.Action(code); a != nil {
				return a.Title
			}
		}
	}
	return text.Say(lang, "api.kind_"+code, nil)
}

type webhookInput struct {
	Body struct {
		Key      string   `json:"key" maxLength:"40"`
		URL      string   `json:"url" maxLength:"1000"`
		Kinds    []string `json:"kinds,omitempty" maxItems:"200" nullable:"false"`
		Personal bool     `json:"personal,omitempty"`
		Suite    string   `json:"suite,omitempty" enum:"intl,sm" doc:"intl where empty"`
	}
}

func (s *server) adminMakeWebhook(ctx context.Context, c *caller, in *webhookInput) (*body[Webhook], error) {
	b := &in.Body
	made, secret, err := s.Hooks.Subscribe(ctx, c.actor, webhook.Subscription{Key: b.Key, URL: b.URL, Kinds: b.Kinds, Personal: b.Personal, Suite: gm.Suite(b.Suite)})
	if err != nil {
		return nil, err
	}
	names, err := s.namesOfKeys(ctx)
	out := webhookOf(made, names)
	out.Secret = secret
	return answer(out), err
}

func (s *server) adminEndWebhook(ctx context.Context, c *caller, in *idInput) (*struct{}, error) {
	return nil, s.Hooks.End(ctx, c.actor, in.ID)
}

// mostTroubles bounds the lists of what did not arrive.
const mostTroubles = 500

// DeadEvent is an event that was given up.
type DeadEvent struct {
	Webhook   string `json:"webhook"`
	Seq       int64  `json:"seq"`
	Case      string `json:"case"`
	N         int    `json:"n"`
	Kind      string `json:"kind"`
	KindTitle string `json:"kind_title"`
	At        int64  `json:"at"`
	Tries     int    `json:"tries"`
	Said      string `json:"said"`
}

func (s *server) adminDeadEvents(ctx context.Context, c *caller, _ *struct{}) (*body[items[DeadEvent]], error) {
	all, err := s.Hooks.Dead(ctx, mostTroubles)
	out := items[DeadEvent]{Items: []DeadEvent{}}
	for _, d := range all {
		out.Items = append(out.Items, DeadEvent{Webhook: d.Sub, Seq: d.Seq, Case: d.Case, N: d.N, Kind: d.Kind, KindTitle: s.actionTitle(c.lang, d.Kind), At: d.At, Tries: d.Tries, Said: d.Said})
	}
	return answer(out), err
}

type againInput struct {
	ID   string `path:"id" maxLength:"40"`
	Body struct {
		Seq *int64 `json:"seq,omitempty" minimum:"0" doc:"One event; all where it is left out"`
	}
}

// SentAgain is how many events go once more.
type SentAgain struct {
	N int `json:"n"`
}

func (s *server) adminSendEvents(ctx context.Context, c *caller, in *againInput) (*body[SentAgain], error) {
	seq := int64(-1)
	if in.Body.Seq != nil {
		seq = *in.Body.Seq
	}
	n, err := s.Hooks.Again(ctx, c.actor, in.ID, seq)
	return answer(SentAgain{n}), err
}

// TroubledNotice is a notice that did not arrive, or may not have.
type TroubledNotice struct {
	ID       string `json:"id"`
	Case     string `json:"case"`
	Number   string `json:"number"`
	Title    string `json:"title"`
	Audience string `json:"audience"`
	Channel  string `json:"channel" enum:"sms,mail,wechat,im,inapp,voice"`
	State    string `json:"state" enum:"failed,unknown,bounced"`
	At       int64  `json:"at"`
	Tries    int    `json:"tries"`
	Said     string `json:"said"`
}

func (s *server) adminListTroubles(ctx context.Context, c *caller, _ *struct{}) (*body[items[TroubledNotice]], error) {
	all, err := notice.Troubles(ctx, s.DB, mostTroubles)
	out := items[TroubledNotice]{Items: []TroubledNotice{}}
	for i := range all {
		x := &all[i]
		t, _ := s.City.Templates.Find(x.Template)
		number, _ := x.ArgsOf()["number"].(string)
		out.Items = append(out.Items, TroubledNotice{ID: x.ID, Case: x.CaseID, Number: number, Title: t.Title, Audience: s.audience(c.lang, x.Audience),
			Channel: x.Channel, State: string(x.State), At: x.At, Tries: x.Tries, Said: x.Receipt})
	}
	return answer(out), err
}

type noticeAgainInput struct {
	Body struct {
		ID string `json:"id" maxLength:"300"`
	}
}

func (s *server) adminSendNotice(ctx context.Context, c *caller, in *noticeAgainInput) (*struct{}, error) {
	if err := s.City.Templates.Again(ctx, s.DB, in.Body.ID); err != nil {
		return nil, err
	}
	return nil, s.Staff.Note(ctx, c.actor, "notice_again", in.Body.ID, nil)
}
