package cases

import (
	"context"
	"encoding/base32"
	"strings"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/gm"
	"yiwang/internal/base/sqldb"
	"yiwang/internal/base/textzh"
)

// wordTable is the full-text index over what people wrote. Its words are blinded
// under a key of the house: a copy of the database finds nothing in it and reads
// nothing out of it.
const wordTable = sqldb.SearchTable("case_text")

// unindexed is where the words of new cases wait for the index.
const unindexed = "unindexed"

// indexBatch is how many cases are entered in one transaction, in which others wait.
const indexBatch = 128

// laterWords has the words of a case that is being opened wait for the index.
// PostgreSQL's index lets what is entered wait by itself.
func (w *writing) laterWords(tokens string) {
	if w.tx.Engine() == sqldb.Postgres {
		wordTable.Insert(w.tx.Engine(), w.later, w.c.ID, tokens)
		return
	}
	w.later(`insert into unindexed (case_id, words) values (?, ?)`, w.c.ID, tokens)
	w.tx.After(func() { w.s.wordsWait.Store(true) })
}

// Index enters the words of new cases that wait, unless this process knows of none.
// Whoever looks for words does so first, and what nobody looks for is entered within a
// second.
func (s *Store) Index(ctx context.Context) error {
	if !s.wordsWait.Load() {
		return nil
	}
	return s.IndexAll(ctx)
}

// IndexAll enters the words of all cases that wait, also those that a process left
// which is no more.
func (s *Store) IndexAll(ctx context.Context) (err error) {
	defer errs.Wrap(&err, "cases.IndexAll")
	s.indexing.Lock()
	defer s.indexing.Unlock()
	s.wordsWait.Store(false) // before it is looked: what comes meanwhile is seen or says so again
	for {
		n := 0
		err := s.DB.Write(ctx, func(tx *sqldb.Tx) (err error) {
			n, err = wordTable.Take(ctx, tx, unindexed, indexBatch)
			return err
		})
		if err != nil {
			s.wordsWait.Store(true)
		}
		if err != nil || n < indexBatch {
			return err
		}
	}
}

// putWords enters the words of a case instead of those it had, or of those that wait.
func putWords(ctx context.Context, tx *sqldb.Tx, id, tokens string) error {
	if _, err := tx.Exec(ctx, `delete from unindexed where case_id = ?`, id); err != nil {
		return err
	}
	return wordTable.Put(ctx, tx, id, tokens)
}

// dropWords takes the words of a case out, and those that wait.
func dropWords(ctx context.Context, tx *sqldb.Tx, id string) error {
	if _, err := tx.Exec(ctx, `delete from unindexed where case_id = ?`, id); err != nil {
		return err
	}
	return wordTable.Delete(ctx, tx, id)
}

// Lengths of a blinded word, in characters of five bits: a pair of Han characters
// begins with that of its first one alone, so that a single character can still be
// looked for as the beginning of a pair.
const (
	oneLength  = 4 // 20 bits: of some eight thousand characters in use
	pairLength = 6 // 30 more
	runLength  = 9 // 45 bits, of a run of letters and digits
)

// blindWords indexes words by what only the key knows them by.
type blindWords struct{ by gm.Blinder }

var blindLetters = base32.NewEncoding("0123456789abcdefghijklmnopqrstuv").WithPadding(base32.NoPadding)

func (b blindWords) sum(word string, length int) string {
	sum := b.by.Sum(word)
	var text [16]byte
	blindLetters.Encode(text[:], sum[:10])
	return string(text[:length])
}

// word blinds one word of textzh.Tokens.
func (b blindWords) word(w string) string {
	rs := []rune(w)
	switch {
	case !textzh.IsHan(rs[0]):
		return b.sum(w, runLength)
	case len(rs) == 1:
		return b.sum(w, oneLength)
	}
	return b.sum(string(rs[0]), oneLength) + b.sum(w, pairLength)
}

// tokens returns the blinded words of texts, separated by spaces.
func (b blindWords) tokens(texts ...string) string {
	words := strings.Fields(textzh.Tokens(strings.Join(texts, " ")))
	for i, w := range words {
		words[i] = b.word(w)
	}
	return strings.Join(words, " ")
}

// said are the tokens of what a case was filed with.
func (b blindWords) said(filed body) string {
	return b.tokens(filed.text("title"), filed.text("text"), filed.text("address"))
}

// Match returns a condition, with its one argument, that holds where column is the
// id of a case in whose text everything typed is found. A single Han character is
// found wherever it stands; letters and digits only as a whole run. Index enters what
// was just filed.
func (s *Store) Match(column, typed string) (condition string, arg any) {
	return wordTable.Match(s.DB.Engine(), column, s.blindQuery(typed))
}

// Latest returns the cases in whose text everything typed is found, as Match tells,
// those filed last, at most limit. That is by the order of filing as it is entered,
// which differs from that of their times where a clock was set back.
func (s *Store) Latest(ctx context.Context, typed string, limit int) (ids []string, err error) {
	defer errs.Wrap(&err, "cases.Latest")
	if err := s.Index(ctx); err != nil {
		return nil, err
	}
	return wordTable.Latest(ctx, s.DB.Read(), s.blindQuery(typed), limit)
}

// EnteredBefore returns a condition, with its one argument, that holds where column, with
// the name of its table before it, is the id of a case that Latest gives after another one.
func (s *Store) EnteredBefore(column, id string) (condition string, arg any) {
	return wordTable.Before(s.DB.Engine(), column, id)
}

// Among returns those of some cases in whose text everything typed is found, as Match
// tells.
func (s *Store) Among(ctx context.Context, typed string, ids []string) (_ []string, err error) {
	defer errs.Wrap(&err, "cases.Among")
	return wordTable.Among(ctx, s.DB.Read(), s.blindQuery(typed), ids)
}

func (s *Store) blindQuery(typed string) string {
	var b strings.Builder
	for _, t := range textzh.QueryTokens(typed) {
		b.WriteString(` "`)
		for i, w := range t.Words {
			if i > 0 {
				b.WriteByte(' ')
			}
			b.WriteString(s.blind.word(w))
		}
		if t.Prefix && textzh.IsHan([]rune(t.Words[len(t.Words)-1])[0]) {
			b.WriteByte('*')
		}
		b.WriteByte('"')
	}
	return b.String()
}
