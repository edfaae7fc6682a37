package guide

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strconv"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/sqldb"
	"yiwang/internal/core/matter"
)

// Annals remember which versions of each item this city has had: an item is edited in
// its file, so a version is what was loaded, from the moment it was loaded first.
type Annals struct{ DB *sqldb.DB }

// Version is a declaration of an item as it was loaded. One without Declared says that
// the item was no longer in the pack.
type Version struct {
	No       int
	From     string // first day of the edition that the file names, "" ever since
	SeenAt   int64  // when it was loaded first, UTC milliseconds
	Declared map[string]any
}

// versionRow is a row of service_version.
type versionRow struct {
	Code   string `db:"code"`
	No     int64  `db:"no"`
	From   string `db:"from_day"`
	SeenAt int64  `db:"seen_at"`
	Digest string `db:"digest"`
	Doc    string `db:"doc"`
}

// Note keeps what differs of the editions of all items from what was loaded last, and
// returns how many versions that are.
func (a *Annals) Note(ctx context.Context, items []*matter.Service) (noted int, err error) {
	defer errs.Wrap(&err, "guide.Annals.Note")
	kept, err := sqldb.Select[versionRow](ctx, a.DB.Read(), `select code, no, from_day, seen_at, digest, '' as doc from service_version order by code, no`)
	if err != nil {
		return 0, err
	}
	type edition struct{ code, from string }
	last, top := map[edition]string{}, map[string]int64{}
	for _, r := range kept {
		last[edition{r.Code, r.From}], top[r.Code] = r.Digest, r.No
	}
	var fresh []versionRow
	add := func(code, from, digest, doc string) {
		top[code]++
		fresh = append(fresh, versionRow{Code: code, No: top[code], From: from, Digest: digest, Doc: doc})
	}
	here := map[edition]bool{}
	for _, s := range items {
		doc, err := json.Marshal(Declared(s))
		if err != nil {
			return 0, err
		}
		sum := sha256.Sum256(doc)
		digest := hex.EncodeToString(sum[:])
		e := edition{s.Code, s.From}
		if here[e] = true; last[e] != digest {
			add(s.Code, s.From, digest, string(doc))
		}
	}
	for e, digest := range last {
		if !here[e] && digest != "" {
			add(e.code, e.from, "", "")
		}
	}
	if len(fresh) == 0 {
		return 0, nil
	}
	return len(fresh), a.DB.Write(ctx, func(tx *sqldb.Tx) error {
		b := &sqldb.Batch{}
		for _, r := range fresh {
			// Another process that loads the same pack notes the same.
			b.Add(`insert into service_version (code, no, from_day, seen_at, digest, doc) values (?, ?, ?, ?, ?, ?) on conflict (code, no) do nothing`,
				r.Code, r.No, r.From, tx.Now(), r.Digest, r.Doc)
		}
		_, err := tx.Pipeline(ctx, b)
		return err
	})
}

// Of returns the versions of an item, the first loaded first.
func (a *Annals) Of(ctx context.Context, code string) ([]Version, error) {
	rows, err := sqldb.Select[versionRow](ctx, a.DB.Read(), `select code, no, from_day, seen_at, digest, doc from service_version where code = ? order by no`, code)
	if err != nil {
		return nil, err
	}
	out := make([]Version, len(rows))
	for i, r := range rows {
		out[i] = Version{No: int(r.No), From: r.From, SeenAt: r.SeenAt}
		if r.Doc == "" {
			continue
		}
		if err := json.Unmarshal([]byte(r.Doc), &out[i].Declared); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Before returns which of the versions one is to be compared with: the last before it of
// the same edition, else the last before it of any. It is -1 for the first.
func Before(all []Version, i int) int {
	for j := i - 1; j >= 0; j-- {
		if all[j].From == all[i].From {
			return j
		}
	}
	return i - 1
}

// trimmed writes a number as it was declared.
func trimmed(v any) string {
	if x, ok := v.(float64); ok {
		return strconv.FormatFloat(x, 'f', -1, 64)
	}
	b, err := json.Marshal(v)
	if err != nil {
		return ""
	}
	return string(b)
}
