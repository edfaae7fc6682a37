package mail

import (
	"cmp"
	"context"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/sqldb"
	"yiwang/internal/core/notice"
)

// comeBack takes a notification about a letter of ours. It counts where it came to
// the address that only this letter had, or quotes its id; a forged one changes
// nothing.
func (in *incoming) comeBack(ctx context.Context) error {
	letter, caseID, err := in.returned(ctx)
	if err != nil {
		return err
	}
	if letter == "" || in.Report == nil || !in.Report.Failed {
		return in.note(ctx, outMachine, caseID, 0) // out of office, delayed, or about nothing of ours
	}
	why := say("bounced", errs.Args{"status": cmp.Or(in.Report.Status, "?")})
	if err := notice.Return(ctx, in.DB, letter, why); err != nil {
		return err
	}
	if err := in.remark(ctx, caseID, say("bounced_note", errs.Args{"status": cmp.Or(in.Report.Status, "?")})); err != nil {
		return err
	}
	return in.note(ctx, outBounce, caseID, 0)
}

// returned finds the letter that came back and its case, "" where it is none of ours.
func (in *incoming) returned(ctx context.Context) (letter, caseID string, err error) {
	var is func(string) bool
	args := []any{notice.Mail}
	where := ` and case_id = ?`
	if id, n, mac, ok := splitLetter(in.bounced()); ok {
		is = func(l string) bool { return in.tokens.isLetter(mac, l) }
		where += ` and n = ?`
		args = append(args, id, n)
		caseID = id
	} else {
		if in.Report == nil {
			return "", "", nil
		}
		caseID, ok = in.tokens.caseOfIDs([]string{in.Report.About}, in.Domain)
		if !ok {
			return "", "", nil
		}
		is = func(l string) bool { return in.tokens.messageID(caseID, l, in.Domain) == in.Report.About }
		args = append(args, caseID)
	}
	all, err := sqldb.Select[string](ctx, in.DB.Read(), `select id from notice where channel = ?`+where, args...)
	for _, l := range all {
		if is(l) {
			return l, caseID, err
		}
	}
	return "", "", err
}
