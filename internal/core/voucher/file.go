package voucher

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"slices"
	"time"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/gm"
	"yiwang/internal/base/merkle"
)

// Inclusion shows that an action stands in the log as a checkpoint has it (RFC 6962
// §2.1.1): hash the header to a leaf, go up with the hashes, and compare with the
// root that the checkpoint signs.
type Inclusion struct {
	Seq        int64    `json:"seq"`        // number of the action, its leaf's index
	Size       int64    `json:"size"`       // of the tree
	Header     string   `json:"header"`     // the exact bytes that were hashed
	Hashes     []string `json:"hashes"`     // base64, from the leaf to the root
	Checkpoint string   `json:"checkpoint"` // signed note over size and root
}

// File is a voucher as it is handed over, with what proves it offline: on its first
// line the voucher, on the others its inclusion in the log and its status list. A
// voucher alone is a file too.
type File struct {
	Voucher   []byte
	Inclusion *Inclusion
	List      []byte // signed status list
}

// mostFile bounds a file: a voucher, a list, and a proof whose header holds texts.
const mostFile = 1 << 20

// Bytes writes the file, one JSON object on each line.
func (f File) Bytes() ([]byte, error) {
	out := append(slices.Clone(f.Voucher), '\n')
	if f.Inclusion != nil {
		line, err := json.Marshal(f.Inclusion)
		if err != nil {
			return nil, err
		}
		out = append(append(out, line...), '\n')
	}
	if len(f.List) > 0 {
		out = append(append(out, f.List...), '\n')
	}
	return out, nil
}

// ParseFile reads a file without believing it. Error: Invalid "voucher.malformed".
func ParseFile(b []byte) (f File, err error) {
	malformed := errs.E(errs.Invalid, "voucher.malformed", nil)
	if len(b) > mostFile {
		return f, malformed
	}
	for i, line := range bytes.Split(bytes.TrimSpace(b), []byte("\n")) {
		line = bytes.TrimSpace(line)
		var probe struct {
			Kind string  `json:"kind"`
			Root *string `json:"checkpoint"`
		}
		if err := json.Unmarshal(line, &probe); err != nil {
			return f, malformed.Because(err)
		}
		switch {
		case i == 0:
			f.Voucher = line
		case probe.Root != nil && f.Inclusion == nil:
			f.Inclusion = &Inclusion{}
			if err := json.Unmarshal(line, f.Inclusion); err != nil {
				return f, malformed.Because(err)
			}
		case probe.Kind == listKind && f.List == nil:
			f.List = line
		default:
			return f, malformed
		}
	}
	return f, nil
}

// Verdict is what the check of a file came to.
type Verdict struct {
	Certificate
	IsCertificate bool
	Fault         Fault // of the voucher; NoFault where it is genuine and in time
	State         State // by the list; "" where no list was there
	StateAt       int64 // when the list was true, UTC milliseconds
	Fresh         bool  // the list is not older than it may be
	Logged        bool  // the log holds its digest, by the checkpoint
	LoggedAt      int64 // of the checkpoint, UTC milliseconds
}

// Good reports whether the voucher may be relied on: genuine, in time, and where it
// has a status, valid by a list that is still fresh.
func (v Verdict) Good() bool {
	return v.Fault == NoFault && (v.List == "" || v.State == Valid && v.Fresh)
}

// Check checks a file offline, against the keys that are trusted, as of a time. A
// fault of the voucher is in the Verdict, with the error that says it; a proof or a
// list that does not hold makes the whole refused, for somebody meddled with it.
func (f File) Check(keys gm.Ring, at time.Time) (v Verdict, err error) {
	defer errs.Wrap(&err, "voucher.Check")
	s, err := Verify(f.Voucher, keys, at)
	v.Fault = FaultOf(err)
	if err != nil && v.Fault != Expired {
		return v, err
	}
	v.Certificate, v.IsCertificate = AsCertificate(s)
	if f.Inclusion != nil {
		note, failed := f.Inclusion.holds(f.Voucher, keys)
		if failed != nil {
			v.Fault = Unlogged
			return v, failed
		}
		v.Logged, v.LoggedAt = true, note.At
	}
	if failed := f.status(&v, keys, at); failed != nil {
		return v, failed
	}
	return v, err
}

// status looks the certificate up in the list of the file.
func (f File) status(v *Verdict, keys gm.Ring, at time.Time) error {
	if f.List == nil || v.List == "" {
		return nil
	}
	l, err := ReadList(f.List, keys, at)
	if err != nil && FaultOf(err) != Expired {
		v.Fault = FaultOf(err)
		return err
	}
	state, known := l.State(v.Index)
	if l.ID != v.List || !known {
		v.Fault = Malformed
		return errs.E(errs.Invalid, "voucher.malformed", nil)
	}
	v.State, v.StateAt, v.Fresh = state, l.At, err == nil
	if state != Valid {
		if v.Fault == NoFault {
			v.Fault = Ended
		}
		return errs.E(errs.Invalid, "voucher.ended_"+state.Word(), nil)
	}
	return nil
}

// holds checks that the proof leads from the voucher's digest to a signed root.
func (p *Inclusion) holds(voucher []byte, keys gm.Ring) (Checkpoint, error) {
	wrong := errs.E(errs.Invalid, "voucher.unlogged", nil)
	c, err := ParseCheckpoint([]byte(p.Checkpoint))
	if err != nil {
		return c, wrong.Because(err)
	}
	if c, err = VerifyCheckpoint([]byte(p.Checkpoint), c.Origin, keys); err != nil {
		return c, wrong.Because(err)
	}
	var header struct {
		Proof []string `json:"proof"`
	}
	if err := json.Unmarshal([]byte(p.Header), &header); err != nil {
		return c, wrong.Because(err)
	}
	if !slices.ContainsFunc(header.Proof, func(d string) bool { return gm.CheckDigest(d, voucher) == nil }) {
		return c, wrong
	}
	hashes := make([]merkle.Hash, len(p.Hashes))
	for i, text := range p.Hashes {
		raw, err := base64.StdEncoding.DecodeString(text)
		if err != nil || len(raw) != merkle.HashSize {
			return c, wrong.Because(err)
		}
		hashes[i] = merkle.Hash(raw)
	}
	tree := merkle.Hasher(c.Suite.Sum)
	if c.Size != p.Size {
		return c, wrong
	}
	if err := tree.VerifyInclusion(p.Seq, c.Size, tree.Leaf([]byte(p.Header)), c.Root, hashes); err != nil {
		return c, wrong.Because(err)
	}
	return c, nil
}
