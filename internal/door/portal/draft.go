package portal

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"sync"
	"time"

	"yiwang/internal/base/errs"
	"yiwang/internal/core/place"
)

const (
	draftLife = 7 * 24 * time.Hour // how long an unsent draft is kept
	filedLife = 2 * time.Hour      // how long the receipt can be looked at again
)

// draft is a form that is being filled in. Its id is the external id of the
// filing, so that sending it twice files once.
type draft struct {
	ID      string            `json:"id"`
	Values  map[string]string `json:"values"` // by field code, as typed
	Files   []File            `json:"files"`
	Asked   []string          `json:"asked"` // codes of the questions that its words lead to
	Area    string            `json:"area"`
	Point   *place.Point      `json:"point"`
	View    view              `json:"view"`    // what the map shows
	Contact string            `json:"contact"` // "named", "anonymous" or "" undecided
	Offered bool              `json:"offered"` // cases nearby were shown
	Saved   time.Time         `json:"saved"`   // zero for one that was never saved
	Filed   *Filed            `json:"filed"`   // the receipt, once sent
	App     application       `json:"app"`     // of a service

	key string // under which it is kept, where that is not its id: of somebody who signed in
}

func newDraft() *draft { return &draft{ID: newSecret(), Values: map[string]string{}} }

func (d *draft) empty() bool { return d.Saved.IsZero() }

// loadDraft returns the draft of the form at base that the browser holds the
// cookie of, and a new one where it holds none.
func (s *Site) loadDraft(r *http.Request, base, person string) (*draft, error) {
	fresh := newDraft()
	id, ok := s.signedCookie(r, cookieDraft)
	if person != "" {
		id, ok = s.draftOf(person, base), true
		fresh.key = id
	}
	if !ok {
		return fresh, nil
	}
	sealed, err := s.drafts.LoadDraft(r.Context(), id)
	if errs.Is(err, errs.NotFound) {
		return fresh, nil
	}
	if err != nil {
		return nil, err
	}
	plain, err := s.key.Open(sealed, []byte(base+" "+id))
	if errs.Is(err, errs.Invalid) {
		return fresh, nil // the key was changed, or the cookie belongs to another form
	}
	if err != nil {
		return nil, err
	}
	d := new(draft)
	if err := json.Unmarshal(plain, d); err != nil {
		return fresh, nil // written by another edition of the program
	}
	d.key = fresh.key
	if d.Values == nil {
		d.Values = map[string]string{}
	}
	return d, nil
}

// saveDraft keeps the draft, with more that changes with it, and hands the browser its
// cookie.
func (s *Site) saveDraft(w http.ResponseWriter, r *http.Request, base string, d *draft, more ...Sealed) error {
	if d.empty() {
		if err := tooMany(s.limits.draft.Take(s.address(r), s.now())); err != nil {
			return err
		}
	}
	d.Saved = s.now()
	life := draftLife
	if d.Filed != nil {
		life = filedLife
	}
	plain, err := json.Marshal(d)
	if err != nil {
		return err
	}
	key := cmp.Or(d.key, d.ID)
	sealed, err := s.key.Seal(plain, []byte(base+" "+key))
	if err != nil {
		return err
	}
	if err := s.drafts.SaveDrafts(r.Context(), append(more, Sealed{key, sealed, s.now().Add(life)})...); err != nil {
		return err
	}
	if d.key != "" {
		return nil // it is known by who it belongs to
	}
	s.setSigned(w, r, cookieDraft, base, d.ID, life)
	return nil
}

func (s *Site) dropDraft(ctx context.Context, w http.ResponseWriter, r *http.Request, base string, d *draft) error {
	s.setSigned(w, r, cookieDraft, base, "", 0)
	if d.empty() {
		return nil
	}
	return s.drafts.DropDraft(ctx, cmp.Or(d.key, d.ID))
}

// locks lets only one request at a time work on the same thing: the second click
// of a double click waits and then finds what the first one did.
type locks struct {
	mu   sync.Mutex
	held map[string]*lock
}

type lock struct {
	sync.Mutex
	users int // who has it or waits for it
}

// take waits for a thing and returns what lets go of it.
func (l *locks) take(id string) (free func()) {
	l.mu.Lock()
	k := l.held[id]
	if k == nil {
		if k = new(lock); l.held == nil {
			l.held = map[string]*lock{}
		}
		l.held[id] = k
	}
	k.users++
	l.mu.Unlock()
	k.Lock()
	return func() {
		k.Unlock()
		l.mu.Lock()
		defer l.mu.Unlock()
		if k.users--; k.users == 0 {
			delete(l.held, id)
		}
	}
}
