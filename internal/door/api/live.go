package api

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"yiwang/internal/core/org"
)

const (
	heartbeat = 15 * time.Second
	// settle is how long changes gather before they are sent together.
	settle = 200 * time.Millisecond
	// sendTime is how long a reader may take to accept what is sent.
	sendTime = 10 * time.Second
)

const livePath = "/api/live"

func (s *server) liveRoutes(api huma.API) {
	route(s, api, op("live", http.MethodGet, livePath, "What happens, as server-sent events: hello, change, alert"), signedIn, s.live)
}

type liveInput struct {
	LastEventID string `header:"Last-Event-ID" maxLength:"30"`
}

func (s *server) live(ctx context.Context, c *caller, in *liveInput) (*huma.StreamResponse, error) {
	b := newSubscriber(c.actor, s.Staff.Directory().ScopeOf(c.actor))
	from, err := s.hub.join(ctx, b)
	if err != nil {
		return nil, err
	}
	return &huma.StreamResponse{Body: func(hctx huma.Context) {
		defer s.hub.leave(b)
		_, w := raw(hctx)
		h := w.Header()
		h.Set("Content-Type", "text/event-stream")
		h.Set("X-Accel-Buffering", "no")
		st := &stream{s: s, c: c, b: b, w: w, control: http.NewResponseController(w)}
		if err := st.run(hctx.Context(), from, in.LastEventID); err != nil && hctx.Context().Err() == nil {
			s.Logger.DebugContext(hctx.Context(), "a live feed ended", "request", c.id, "error", err)
		}
	}}, nil
}

// stream writes one live feed.
type stream struct {
	s       *server
	c       *caller
	b       *subscriber
	w       http.ResponseWriter
	control *http.ResponseController
	buf     bytes.Buffer
}

// run writes until the reader goes, falls too far behind, or is signed out.
func (t *stream) run(ctx context.Context, from int64, lastID string) error {
	hello := Hello{Seq: from - 1}
	if last, err := strconv.ParseInt(lastID, 10, 64); err == nil && last+1 < from {
		if hello.Reset = from-last > mostMissed || last < 0; !hello.Reset {
			if err := t.s.hub.catchUp(ctx, t.b, last+1, from); err != nil {
				return err
			}
		}
	}
	t.event("hello", "", hello)
	if err := t.send(); err != nil {
		return err
	}
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-beat.C:
			if err := t.stillIn(ctx); err != nil {
				return err
			}
			t.buf.WriteString(": \n\n")
		case <-t.b.wake:
			select {
			case <-ctx.Done():
				return nil
			case <-time.After(settle):
			}
			changes, alerts, flooded := t.b.take()
			if flooded {
				return fmt.Errorf("api: the reader is too slow")
			}
			for _, a := range alerts {
				t.event("alert", "", a)
			}
			for _, c := range changes {
				t.event("change", strconv.FormatInt(c.Seq, 10), c)
			}
		}
		if err := t.send(); err != nil {
			return err
		}
	}
}

// stillIn ends the feed of somebody who was signed out, and follows changed rights.
func (t *stream) stillIn(ctx context.Context) (err error) {
	actor := t.c.actor
	if t.c.key == nil {
		actor, err = t.s.Staff.Watch(ctx, t.c.token)
	} else {
		var ok bool
		if ok, err = t.s.keyHolds(ctx, t.c.key); err == nil && !ok {
			err = errSignedOut
		}
	}
	if err != nil {
		return err
	}
	t.b.admit(actor, t.s.Staff.Directory().ScopeOf(actor))
	return nil
}

var errSignedOut = fmt.Errorf("api: signed out")

// keyHolds reports whether a machine key is still active.
func (s *server) keyHolds(ctx context.Context, k *org.Key) (bool, error) {
	all, err := s.Staff.Keys(ctx)
	for _, o := range all {
		if o.ID == k.ID {
			return o.Active, err
		}
	}
	return false, err
}

// event puts an event into the buffer.
func (t *stream) event(kind, id string, v any) {
	doc, err := json.Marshal(v)
	if err != nil {
		t.s.Logger.Error("an event could not be written", "kind", kind, "error", err)
		return
	}
	if id != "" {
		t.buf.WriteString("id: " + id + "\n")
	}
	t.buf.WriteString("event: " + kind + "\ndata: ")
	t.buf.Write(doc)
	t.buf.WriteString("\n\n")
}

// send hands the buffer over; a reader who does not take it in time is cut off.
func (t *stream) send() error {
	if err := t.control.SetWriteDeadline(time.Now().Add(sendTime)); err != nil {
		return err
	}
	if _, err := t.buf.WriteTo(t.w); err != nil {
		return err
	}
	return t.control.Flush()
}
