package cases

import (
	"context"
	"encoding/base64"
	"time"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/merkle"
	"yiwang/internal/core/voucher"
)

// Prove returns the proof for an action of a case under the latest checkpoint,
// signing a new one if the action is younger. Errors: NotFound; Unavailable
// "cases.unnumbered" for the moment until the action has its number.
func (s *Store) Prove(ctx context.Context, id string, n int) (p voucher.Inclusion, err error) {
	defer errs.Wrap(&err, "cases.Prove(%s, %d)", id, n)
	q := s.DB.Read()
	var at int64
	if err := q.QueryRow(ctx, `select header, at from action where case_id = ? and n = ?`, id, n).Scan(&p.Header, &at); err != nil {
		return p, notFound(err)
	}
	if p.Seq, err = s.seqOf(ctx, id, n, at); err != nil {
		return p, err
	}
	var cp voucher.Checkpoint
	err = q.QueryRow(ctx, `select note from checkpoint order by size desc limit 1`).Scan(&p.Checkpoint)
	if err == nil {
		cp, err = voucher.ParseCheckpoint([]byte(p.Checkpoint))
	}
	if errs.Is(err, errs.NotFound) || err == nil && cp.Size <= p.Seq {
		if p.Checkpoint, err = s.Checkpoint(ctx); err == nil {
			cp, err = voucher.ParseCheckpoint([]byte(p.Checkpoint))
		}
	}
	if err != nil {
		return p, err
	}
	p.Size = cp.Size
	var path []merkle.Hash
	if path, err = tree.InclusionProof(ctx, tiles{q: q}, p.Seq, p.Size); err != nil {
		return p, err
	}
	p.Hashes = make([]string, len(path))
	for i, h := range path {
		p.Hashes[i] = base64.StdEncoding.EncodeToString(h[:])
	}
	return p, nil
}

// seqOf finds the number of an action by its time: the log is not indexed by
// case, for that would cost every write what few ever ask.
func (s *Store) seqOf(ctx context.Context, id string, n int, at int64) (int64, error) {
	first, err := s.SeqAt(ctx, at-backdateTolerance.Milliseconds())
	if err != nil {
		return 0, err
	}
	last, err := s.SeqAt(ctx, at+backdateTolerance.Milliseconds())
	if err != nil {
		return 0, err
	}
	var seq int64
	err = s.DB.Read().QueryRow(ctx, `select seq from leaf where seq >= ? and seq <= ? and case_id = ? and n = ?`, first, last, id, n).Scan(&seq)
	if errs.Is(err, errs.NotFound) {
		return 0, errs.E(errs.Unavailable, "cases.unnumbered", nil)
	}
	return seq, err
}

// LatestCheckpoint returns the latest signed note, signing one if there is none
// or the log has grown since for longer than a minute.
func (s *Store) LatestCheckpoint(ctx context.Context) (note string, err error) {
	defer errs.Wrap(&err, "cases.LatestCheckpoint")
	err = s.DB.Read().QueryRow(ctx, `select note from checkpoint order by size desc limit 1`).Scan(&note)
	if err == nil {
		cp, err := voucher.ParseCheckpoint([]byte(note))
		if err != nil || s.DB.Now()-cp.At < time.Minute.Milliseconds() {
			return note, err
		}
	} else if !errs.Is(err, errs.NotFound) {
		return "", err
	}
	return s.Checkpoint(ctx)
}
