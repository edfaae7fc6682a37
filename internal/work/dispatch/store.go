package dispatch

import (
	"bytes"
	"compress/flate"
	"crypto/sha256"
	"io"
	"slices"

	"yiwang/internal/base/errs"
)

// A model file is: magic, format, SHA-256 of what follows, the packed body.
const (
	magic    = "YWDISPATCH"
	format   = 1
	maxModel = 400 << 20 // of an unpacked body
)

// Save writes the model. It holds hashes and weights, never a citizen's text; the
// duty list stands in it in full.
func (m *Model) Save(out io.Writer) (err error) {
	defer errs.Wrap(&err, "Save(%s)", m.version)
	var w writer
	m.encode(&w)
	var packed bytes.Buffer
	z, err := flate.NewWriter(&packed, flate.BestCompression)
	if err != nil {
		return err
	}
	if _, err := z.Write(w.b); err != nil {
		return err
	}
	if err := z.Close(); err != nil {
		return err
	}
	sum := sha256.Sum256(packed.Bytes())
	head := append([]byte(magic), format)
	for _, part := range [][]byte{head, sum[:], packed.Bytes()} {
		if _, err := out.Write(part); err != nil {
			return err
		}
	}
	return nil
}

// Load reads a model that Save wrote. A file that is damaged, cut short or of a
// newer format is refused with errs.Invalid.
func Load(in io.Reader) (_ *Model, err error) {
	defer errs.Wrap(&err, "dispatch.Load")
	head := make([]byte, len(magic)+1+sha256.Size)
	if _, err := io.ReadFull(in, head); err != nil || string(head[:len(magic)]) != magic {
		return nil, errs.E(errs.Invalid, "dispatch.no_model", nil).Because(err)
	}
	if head[len(magic)] != format {
		return nil, errs.E(errs.Invalid, "dispatch.other_format", errs.Args{"format": head[len(magic)], "known": format})
	}
	sum := sha256.New()
	packed := io.TeeReader(in, sum)
	body, err := io.ReadAll(io.LimitReader(flate.NewReader(packed), maxModel+1))
	if err == nil {
		_, err = io.Copy(io.Discard, packed)
	}
	if err != nil || len(body) > maxModel || !bytes.Equal(sum.Sum(nil), head[len(magic)+1:]) {
		return nil, errs.E(errs.Invalid, "dispatch.damaged_model", nil).Because(err)
	}
	r := reader{b: body}
	m := decode(&r)
	if r.broken || len(r.b) > 0 {
		return nil, errs.E(errs.Invalid, "dispatch.damaged_model", nil)
	}
	return m, nil
}

func (m *Model) encode(w *writer) {
	w.string(m.version)
	w.int(len(m.duty))
	for _, e := range m.duty {
		w.strings([]string{e.Code, e.Name, e.Description})
		w.strings(e.Path)
		w.strings(e.Words)
	}
	m.space.encode(w)
	for _, t := range Tasks {
		k := m.tasks[t]
		if k == nil {
			w.int(0)
			continue
		}
		w.int(1)
		k.encode(w)
	}
}

func decode(r *reader) *Model {
	m := &Model{version: r.string(), entry: map[string]int{}, tasks: map[Task]*task{}}
	m.duty = make([]Entry, r.length(3))
	for i := range m.duty {
		s := r.strings()
		if len(s) != 3 {
			r.fail()
			return nil
		}
		m.duty[i] = Entry{Code: s[0], Name: s[1], Description: s[2], Path: r.strings(), Words: r.strings()}
		m.entry[s[0]] = i
	}
	m.space = decodeSpace(r)
	for _, t := range Tasks {
		if r.int() == 1 {
			m.tasks[t] = decodeTask(r, len(m.space.idf))
		}
	}
	return m
}

func (s *space) encode(w *writer) {
	keys := make([]uint32, len(s.idf))
	for h, c := range s.cols {
		keys[c] = h
	}
	w.rising(keys) // columns are in the order of their hashes
	w.rough(s.idf)
}

func decodeSpace(r *reader) *space {
	keys := r.rising()
	s := &space{cols: make(map[uint32]int32, len(keys)), idf: r.rough()}
	if len(s.idf) != len(keys) {
		r.fail()
		s.idf = nil
		return s
	}
	for i, h := range keys {
		s.cols[h] = int32(i)
	}
	return s
}

func (k *task) encode(w *writer) {
	w.strings(k.labels)
	w.float(k.temperature)
	w.float(k.sure)
	w.floats(k.confidence.x)
	w.floats(k.confidence.y)
	w.rising(k.linear.start)
	w.small(k.linear.class)
	w.rough(k.linear.weight)
	w.exact(k.linear.bias)
}

func decodeTask(r *reader, columns int) *task {
	k := &task{labels: r.strings(), temperature: r.float(), sure: r.float()}
	k.confidence = monotone{r.floats(), r.floats()}
	k.linear = &linear{start: r.rising(), class: r.small(), weight: r.rough(), bias: r.exact()}
	l := k.linear
	good := len(k.labels) > 0 && k.temperature > 0 && len(k.confidence.x) == len(k.confidence.y) && slices.IsSorted(k.confidence.x) &&
		len(l.bias) == len(k.labels) && len(l.start) == columns+1 && len(l.class) == len(l.weight) &&
		l.start[0] == 0 && int(l.start[columns]) == len(l.class)
	for _, c := range l.class {
		good = good && int(c) < len(k.labels)
	}
	if !good {
		r.fail()
	}
	return k
}
