package voucher

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/gm"
	"yiwang/internal/base/merkle"
)

// Checkpoint says how long a log was at a time, and its root then.
type Checkpoint struct {
	Origin string      // which log: a name without spaces, best a host and path
	Size   int64       // number of leaves
	Root   merkle.Hash // root over them
	At     int64       // when it was taken, UTC milliseconds
	Suite  gm.Suite    // whose hash the tree uses
}

const (
	mostNote       = 64 << 10
	mostSignatures = 64
	dash           = "— "
	timeLine       = "time "
	hashLine       = "hash "
	timeForm       = "2006-01-02T15:04:05.000Z"
)

// text returns what is signed: the body of c2sp.org/tlog-checkpoint with two
// extension lines.
func (c Checkpoint) text() string {
	return c.Origin + "\n" +
		strconv.FormatInt(c.Size, 10) + "\n" +
		base64.StdEncoding.EncodeToString(c.Root[:]) + "\n" +
		timeLine + time.UnixMilli(c.At).UTC().Format(timeForm) + "\n" +
		hashLine + c.Suite.HashName() + "\n"
}

// SignCheckpoint returns the checkpoint as a note signed by every key given. A
// log must never sign two checkpoints that do not fit each other; who calls
// this has checked it against the last one.
func SignCheckpoint(ctx context.Context, c Checkpoint, keys ...gm.Signer) (_ []byte, err error) {
	defer errs.Wrap(&err, "voucher.SignCheckpoint(%d)", c.Size)
	text := c.text()
	if back, err := parseText(text); err != nil || back != c || len(keys) == 0 {
		return nil, errs.E(errs.Invalid, "voucher.checkpoint_malformed", nil).Because(err)
	}
	note := []byte(text + "\n")
	for _, key := range keys {
		signature, err := key.Sign(ctx, []byte(text))
		if err != nil {
			return nil, err
		}
		id := noteKeyID(c.Origin, key.Verifier())
		note = append(note, dash+c.Origin+" "...)
		note = base64.StdEncoding.AppendEncode(note, append(id[:], signature...))
		note = append(note, '\n')
	}
	return note, nil
}

// ParseCheckpoint reads a checkpoint without checking who signed it. Use
// VerifyCheckpoint for anything that is to be believed.
func ParseCheckpoint(note []byte) (Checkpoint, error) {
	text, _, err := splitNote(note)
	if err != nil {
		return Checkpoint{}, err
	}
	return parseText(text)
}

// VerifyCheckpoint reads a checkpoint of the log named origin and checks that
// one of its keys signed it. As in every signed note, signatures of keys that
// are not known are passed over, and one wrong signature of a known key spoils
// the whole.
func VerifyCheckpoint(note []byte, origin string, keys gm.Ring) (_ Checkpoint, err error) {
	defer errs.Wrap(&err, "voucher.VerifyCheckpoint")
	text, signatures, err := splitNote(note)
	if err != nil {
		return Checkpoint{}, err
	}
	c, err := parseText(text)
	if err != nil {
		return Checkpoint{}, err
	}
	if c.Origin != origin {
		return Checkpoint{}, errs.E(errs.Invalid, "voucher.checkpoint_other_log", errs.Args{"origin": c.Origin})
	}
	byID := make(map[[4]byte]gm.Verifier, len(keys))
	for _, key := range keys {
		byID[noteKeyID(origin, key)] = key
	}
	signed := false
	for _, s := range signatures {
		key, ok := byID[s.keyID]
		if !ok || s.name != origin {
			continue
		}
		if err := key.Verify([]byte(text), s.signature); err != nil {
			return Checkpoint{}, errs.E(errs.Invalid, "voucher.checkpoint_altered", nil).Because(err)
		}
		signed = true
	}
	if !signed {
		return Checkpoint{}, errs.E(errs.Invalid, "voucher.checkpoint_forged", nil)
	}
	return c, nil
}

// noteKeyID is the short key identifier of c2sp.org/signed-note. SM2 has no
// type byte there, so it takes 0xff and a longer name, as the text advises.
func noteKeyID(name string, key gm.Verifier) [4]byte {
	kind := "\x01"
	if key.Suite() == gm.SM {
		kind = "\xffyiwang/sm2-sm3"
	}
	sum := sha256.Sum256(append([]byte(name+"\n"+kind), key.Public()...))
	return [4]byte(sum[:4])
}

type noteSignature struct {
	name      string
	keyID     [4]byte
	signature []byte
}

// splitNote parts a signed note into its text and its signature lines.
func splitNote(note []byte) (string, []noteSignature, error) {
	malformed := errs.E(errs.Invalid, "voucher.checkpoint_malformed", nil)
	if len(note) > mostNote || !utf8.Valid(note) || !bytes.HasSuffix(note, []byte("\n")) {
		return "", nil, malformed
	}
	for _, c := range note {
		if c < 0x20 && c != '\n' {
			return "", nil, malformed
		}
	}
	end := bytes.LastIndex(note, []byte("\n\n"))
	if end < 0 {
		return "", nil, malformed
	}
	lines := strings.Split(strings.TrimSuffix(string(note[end+2:]), "\n"), "\n")
	if len(lines) > mostSignatures {
		return "", nil, malformed
	}
	var signatures []noteSignature
	for _, line := range lines {
		s, ok := parseSignature(line)
		if !ok {
			return "", nil, malformed
		}
		signatures = append(signatures, s)
	}
	return string(note[:end+1]), signatures, nil
}

func parseSignature(line string) (noteSignature, bool) {
	rest, marked := strings.CutPrefix(line, dash)
	name, encoded, parted := strings.Cut(rest, " ")
	raw, err := base64.StdEncoding.Strict().DecodeString(encoded)
	if !marked || !parted || !isName(name) || err != nil || len(raw) < 5 {
		return noteSignature{}, false
	}
	return noteSignature{name: name, keyID: [4]byte(raw[:4]), signature: raw[4:]}, true
}

// parseText reads the body of a checkpoint. Extension lines after ours are
// those of a later version and are passed over; they are signed all the same.
func parseText(text string) (Checkpoint, error) {
	malformed := errs.E(errs.Invalid, "voucher.checkpoint_malformed", nil)
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	if len(lines) < 5 || !isName(lines[0]) {
		return Checkpoint{}, malformed
	}
	size, sizeErr := strconv.ParseInt(lines[1], 10, 64)
	root, rootErr := base64.StdEncoding.DecodeString(lines[2])
	at, timeErr := time.Parse(timeLine+timeForm, lines[3])
	suite, hashErr := gm.SuiteOfHash(strings.TrimPrefix(lines[4], hashLine))
	if sizeErr != nil || rootErr != nil || timeErr != nil || hashErr != nil ||
		size < 0 || len(root) != merkle.HashSize {
		return Checkpoint{}, malformed
	}
	c := Checkpoint{Origin: lines[0], Size: size, Root: merkle.Hash(root), At: at.UnixMilli(), Suite: suite}
	// What reads back differently was not written in the one form.
	if !strings.HasPrefix(text, c.text()) {
		return Checkpoint{}, malformed
	}
	for _, line := range lines[5:] {
		if line == "" {
			return Checkpoint{}, malformed
		}
	}
	return c, nil
}

// isName reports whether s may name a key or log in a signed note.
func isName(s string) bool {
	return s != "" && len(s) < 256 && utf8.ValidString(s) && !strings.Contains(s, "+") &&
		strings.IndexFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }) < 0
}
