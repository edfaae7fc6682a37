package cases_test

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/gm"
	"yiwang/internal/core/cases"
	"yiwang/internal/core/cases/casestest"
	"yiwang/internal/core/org"
	"yiwang/internal/core/voucher"
)

// permitted tells the story of a stall's permit up to the certificate.
func permitted(t *testing.T, h *casestest.House) (*story, voucher.Held) {
	clerk, head := h.Staff(t, "shoufa"), h.Staff(t, "fuze")
	filed, err := h.Store.File(t.Context(), cases.Filing{
		Family: "street-stall", Channel: "web", Actor: org.Appellant(), Matter: "street-stall", Unit: clerk.Unit, Nature: "申请",
		Fields: in{"name": "张三丰", "phone": "13800000000", "address": "农林路口", "goods": "fruit", "from": "2026-12-01", "days": 30},
	})
	if err != nil {
		t.Fatal(err)
	}
	s := &story{t: t, h: h, id: filed.ID}
	s.act(clerk, "accept", nil).act(head, "grant", in{"opinion": "同意"}).act(clerk, "issue", nil).is("issued")
	held, err := h.Store.Certificates.ByCase(t.Context(), h.DB.Read(), s.id)
	if err != nil || len(held) != 1 {
		t.Fatalf("%d certificates, %v", len(held), err)
	}
	if _, err := h.Store.Sequence(t.Context(), "test"); err != nil {
		t.Fatal(err)
	}
	return s, held[0]
}

// A permit becomes a certificate that says what was applied for, that anybody can
// check offline, and whose state they can follow.
func TestCertificateLife(t *testing.T) {
	casestest.Run(t, func(t *testing.T, h *casestest.House) {
		head := h.Staff(t, "fuze")
		s, cert := permitted(t, h)
		said := map[string]string{}
		for _, l := range cert.Lines {
			said[l.Title] = l.Value
		}
		if said["经营者"] != "张三丰" || said["经营内容"] != "果蔬" || cert.Holder != "张三丰" || cert.Title != "临时占用街道设摊许可证" {
			t.Errorf("the certificate says %+v", cert.Certificate)
		}
		if got, want := time.UnixMilli(cert.ValidUntil).UTC().Format(time.RFC3339), "2027-02-23T16:00:00Z"; got != want {
			t.Errorf("three months from 23 November end at %s, want %s", got, want)
		}
		check := func(fault voucher.Fault, state voucher.State) {
			t.Helper()
			v, err := handed(t, h, cert.ID)
			if v.Fault != fault || v.State != state || (err == nil) != (fault == voucher.NoFault) || !v.Logged {
				t.Errorf("fault %q, state %s, logged %v: %v; want %q, %s", v.Fault, v.State, v.Logged, err, fault, state)
			}
		}
		check(voucher.NoFault, voucher.Valid)
		s.act(head, "suspend", in{"explain": "占道经营，限期改正"})
		check(voucher.Ended, voucher.Suspended)
		s.act(head, "restore", nil)
		check(voucher.NoFault, voucher.Valid)
		s.act(head, "revoke", in{"explain": "屡次占道"})
		check(voucher.Ended, voucher.Revoked)
		s.refused(errs.Conflict, head, "restore", nil)
		s.verified()
	})
}

func handed(t *testing.T, h *casestest.House, id string) (voucher.Verdict, error) {
	t.Helper()
	f, err := h.Store.Handed(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := f.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	back, err := voucher.ParseFile(raw)
	if err != nil {
		t.Fatal(err)
	}
	return back.Check(gm.NewRing(h.Store.Signer.Verifier()), h.Clock.Now())
}

// An annotated copy names whom it is for; it ends with its original at the latest.
func TestAnnotatedCopy(t *testing.T) {
	casestest.Run(t, func(t *testing.T, h *casestest.House) {
		s, cert := permitted(t, h)
		s.act(org.Appellant(), "copy", in{"to": "农商行", "purpose": "开立账户"})
		held, err := h.Store.Certificates.ByCase(t.Context(), h.DB.Read(), s.id)
		if err != nil || len(held) != 2 {
			t.Fatalf("%d certificates, %v", len(held), err)
		}
		dup := held[1]
		if dup.Original != cert.ID || dup.Lines[len(dup.Lines)-1].Value != "开立账户" || dup.ValidUntil > cert.ValidUntil {
			t.Errorf("the copy is %+v", dup.Certificate)
		}
		s.act(h.Staff(t, "fuze"), "revoke", in{"explain": "屡次占道"})
		s.refused(errs.Conflict, org.Appellant(), "copy", in{"to": "农商行", "purpose": "开立账户"})
	})
}

// The proof handed out with a certificate satisfies the client of Go's checksum
// database, which knows nothing of this program.
func TestIndependentClientAcceptsProof(t *testing.T) {
	casestest.Run(t, func(t *testing.T, h *casestest.House) {
		_, cert := permitted(t, h)
		f, err := h.Store.Handed(t.Context(), cert.ID)
		if err != nil {
			t.Fatal(err)
		}
		c, err := voucher.ParseCheckpoint([]byte(f.Inclusion.Checkpoint))
		if err != nil {
			t.Fatal(err)
		}
		var path tlog.RecordProof
		for _, text := range f.Inclusion.Hashes {
			hash, err := tlog.ParseHash(text)
			if err != nil {
				t.Fatal(err)
			}
			path = append(path, hash)
		}
		leaf := tlog.RecordHash([]byte(f.Inclusion.Header))
		if err := tlog.CheckRecord(path, c.Size, tlog.Hash(c.Root), f.Inclusion.Seq, leaf); err != nil {
			t.Error(err)
		}
		if !strings.Contains(f.Inclusion.Header, gm.Intl.Digest(cert.Text)) {
			t.Error("the action does not name the certificate's digest")
		}
		leaf[0] ^= 1
		if err := tlog.CheckRecord(path, c.Size, tlog.Hash(c.Root), f.Inclusion.Seq, leaf); err == nil {
			t.Error("another leaf passed")
		}
	})
}

// A show-code shows what its holder chose, once, within a minute; of twenty who scan
// it at the same moment one sees it.
func TestShowCode(t *testing.T) {
	casestest.Run(t, func(t *testing.T, h *casestest.House) {
		_, cert := permitted(t, h)
		store := h.Store.Certificates
		token, _, err := store.Show(t.Context(), cert.ID, []string{"name", "goods"}, "市场巡查")
		if err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		seen := make(chan voucher.Shown, 20)
		failed := make(chan error, 20)
		for range 20 {
			wg.Go(func() {
				if out, err := store.Redeem(t.Context(), token, "巡查员"); err != nil {
					failed <- err
				} else {
					seen <- out
				}
			})
		}
		wg.Wait()
		close(failed)
		if len(seen) != 1 {
			t.Fatalf("%d saw it", len(seen))
		}
		for err := range failed {
			if keyOf(err) != "voucher.show_used" {
				t.Errorf("refused with %v", err)
			}
		}
		out := <-seen
		shows := func(text string) bool {
			return slices.ContainsFunc(out.Lines, func(l voucher.Line) bool { return l.Value == text })
		}
		if !shows("果蔬") || shows("农林路口") || strings.Contains(string(out.Signed), "农林路口") || out.Holder != "张**" {
			t.Errorf("shown %+v", out)
		}
		if _, err := voucher.Verify(out.Signed, gm.NewRing(h.Store.Signer.Verifier()), h.Clock.Now()); err != nil {
			t.Errorf("what was shown does not verify: %v", err)
		}
		h.Clock.Pass(time.Second)
		late, _, err := store.Show(t.Context(), cert.ID, []string{"name"}, "市场巡查")
		if err != nil {
			t.Fatal(err)
		}
		h.Clock.Pass(voucher.ShowLife)
		for _, c := range []struct{ token, want string }{{late, "voucher.show_late"}, {"ABCDEFG", "voucher.show_unknown"}, {token, "voucher.show_used"}} {
			if _, err := store.Redeem(t.Context(), c.token, "巡查员"); keyOf(err) != c.want {
				t.Errorf("%v, want %s", err, c.want)
			}
		}
		if _, _, err := store.Show(t.Context(), cert.ID, []string{"phone"}, "市场巡查"); keyOf(err) != "voucher.show_fields" {
			t.Errorf("a field that is not on it was shown: %v", err)
		}
		log, err := store.Showings(t.Context(), cert.ID)
		if err != nil || len(log) != 2 || log[1].Verifier != "巡查员" {
			t.Errorf("the holder reads %+v, %v", log, err)
		}
	})
}

func keyOf(err error) string {
	if e, ok := errors.AsType[*errs.Error](err); ok {
		return e.Key
	}
	return ""
}
