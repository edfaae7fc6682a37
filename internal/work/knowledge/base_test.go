package knowledge_test

import (
	"io/fs"
	"strings"
	"testing"

	packs "yiwang/city"
	"yiwang/internal/base/errs"
	"yiwang/internal/core/cases/casestest"
	"yiwang/internal/work/knowledge"
)

func base(t *testing.T, h *casestest.House) *knowledge.Base {
	t.Helper()
	pack, err := fs.Sub(packs.Demo(), "demo")
	if err != nil {
		t.Fatal(err)
	}
	b, err := knowledge.Open(t.Context(), h.DB, h.City, pack)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// A person writes an entry, another reviews it; only then do citizens get it, and
// after its day of expiry no longer. Another process sees all of it.
func TestAnEntryIsWrittenReviewedAndExpires(t *testing.T) {
	casestest.Run(t, func(t *testing.T, h *casestest.House) {
		ctx, b, other := t.Context(), base(t, h), base(t, h)
		writer, reviewer := h.Staff(t, "shouli"), h.Staff(t, "shenhe")
		const question = "今年有花车巡游吗"
		if r, err := b.Ask(ctx, knowledge.AtPortal, question); err != nil || r.Sure {
			t.Fatalf("nobody has written it yet: %+v, %v", r, err)
		}
		e := knowledge.Entry{Question: "元宵灯会花车巡游什么时候开始？", Answer: "正月十五晚七时开始。", Basis: "活动公告（示例）", Unit: "wenti", Expires: "2027-02-28"}
		bad := e
		bad.Basis = ""
		if _, err := b.Write(ctx, writer, bad); !errs.Is(err, errs.Invalid) {
			t.Fatalf("an entry without a basis: %v", err)
		}
		k, err := b.Write(ctx, writer, e)
		if err != nil {
			t.Fatal(err)
		}
		if f, err := other.Look(ctx, question); err != nil || f.Sure {
			t.Fatalf("a draft is shown: %+v, %v", f, err)
		}
		if err := b.Review(ctx, writer, k.Code, true); !errs.Is(err, errs.Forbidden) {
			t.Fatalf("one's own draft: %v", err)
		}
		if err := b.Review(ctx, reviewer, k.Code, true); err != nil {
			t.Fatal(err)
		}
		if err := b.Review(ctx, reviewer, k.Code, true); !errs.Is(err, errs.Conflict) {
			t.Fatalf("reviewed twice: %v", err)
		}
		r, err := other.Ask(ctx, knowledge.AtPortal, question)
		if err != nil || !r.Sure || r.Hits[0].Entry.Answer != e.Answer || r.Hits[0].Entry.Reviewed != "2026-11-23" {
			t.Fatalf("the other process: %+v, %v", r, err)
		}
		h.Clock.Pass(100 * 24 * 3600e9)
		if f, err := b.Look(ctx, question); err != nil || f.Sure {
			t.Fatalf("after its last day: %+v, %v", f, err)
		}
	})
}

// What was asked is counted by what became of it; of a question only what no entry
// answered is kept, without the numbers in it.
func TestUseIsCounted(t *testing.T) {
	casestest.Run(t, func(t *testing.T, h *casestest.House) {
		ctx, b := t.Context(), base(t, h)
		for question, mark := range map[string]string{"离婚冷静期几天": knowledge.Good, "闻到煤气味怎么办": knowledge.Bad, "我叫张三电话13800138000请问鱼塘承包": knowledge.Case} {
			r, err := b.Ask(ctx, knowledge.AtPortal, question)
			if err != nil {
				t.Fatal(err)
			}
			if err := b.Mark(ctx, r.ID, mark); err != nil {
				t.Fatal(err)
			}
		}
		if err := b.Mark(ctx, "x", "perfect"); !errs.Is(err, errs.Invalid) {
			t.Errorf("an unknown mark: %v", err)
		}
		all, by, err := b.Use(ctx, 0)
		if err != nil || all != (knowledge.Figures{Asked: 3, Answered: 2, Good: 1, Bad: 1, Cases: 1}) || by["divorce"].Good != 1 {
			t.Fatalf("figures: %+v %+v %v", all, by["divorce"], err)
		}
		open, err := b.Unanswered(ctx, 10)
		if err != nil || len(open) != 1 || strings.Contains(open[0].Question, "13800138000") {
			t.Fatalf("unanswered: %+v %v", open, err)
		}
	})
}

// An entry of the pack can be withdrawn and comes back by review.
func TestAnEntryOfThePackIsWithdrawn(t *testing.T) {
	casestest.Run(t, func(t *testing.T, h *casestest.House) {
		ctx, b := t.Context(), base(t, h)
		if err := b.Withdraw(ctx, h.Staff(t, "shouli"), "divorce"); err != nil {
			t.Fatal(err)
		}
		if f, _ := b.Look(ctx, "离婚冷静期几天"); f.Sure && f.Hits[0].Entry.Code == "divorce" {
			t.Error("it is still shown")
		}
		if err := b.Review(ctx, h.Staff(t, "shenhe"), "divorce", true); err != nil {
			t.Fatal(err)
		}
		if f, _ := b.Look(ctx, "离婚冷静期几天"); !f.Sure || f.Hits[0].Entry.Code != "divorce" {
			t.Error("it did not come back")
		}
	})
}
