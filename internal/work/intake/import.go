package intake

import (
	"bytes"
	"cmp"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"runtime"
	"sync"
	"time"
	"unicode/utf8"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/text"
	"yiwang/internal/core/cases"
	"yiwang/internal/core/org"
)

// Import says what to do with a file of messages.
type Import struct {
	Channel  string
	Family   string       // "" is the appeal
	History  bool         // decided cases: closed at once, for dispatch to learn from
	Lang     text.Lang    // of the reasons in the rejects
	Reject   func(Reject) // hears of each row that was refused, in the order of lines
	Progress func(Tally)  // hears now and then how far it is
}

// Tally counts the rows of an import.
type Tally struct {
	Rows       int     `json:"rows"`
	Created    int     `json:"created"`
	Already    int     `json:"already"`
	Rejected   int     `json:"rejected"`
	Dispatched int     `json:"auto_dispatched"`
	Queued     int     `json:"queued"`
	Rejects    string  `json:"rejects_file"` // "" where nothing was refused
	Seconds    float64 `json:"seconds"`
}

// Reject is a row that was refused, as it is kept beside the input: nothing of
// the row is lost, whatever its bytes were.
type Reject struct {
	Line   int    `json:"line"`
	Code   string `json:"code"`   // key of the reason
	Reason string `json:"reason"` // as an official reads it
	Raw    string `json:"raw,omitempty"`
	Base64 string `json:"raw_base64,omitempty"` // where the bytes are no text
}

// importBatch is how many messages are filed in one transaction: large enough
// that the sync to disk is shared, small enough that desks are not held up.
const importBatch = 128

// batch is a part of the file on its way: parsed, then read, then looked at for what
// it repeats, then filed.
type batch struct {
	rows  []Row
	ready []*ready
	wrong []error
	done  chan struct{} // closed when it has been read

	filings []cases.Filing // of those that can be filed
	at      []int          // where in the batch they stand

	filed func() ([]cases.Filed, []error, error) // waits for what became of them
}

// Run imports a file. Rows keep their order: the same file gives the same cases.
// Reading the messages, which is most of the work, uses all processors; what they
// repeat is found in order, and their cases are made ready while the batch before is being
// written. A row is created, there already, or refused; an error means that the import
// stopped, and running it again goes on where it stopped.
func (d *Desk) Run(ctx context.Context, file io.Reader, imp Import) (t Tally, err error) {
	defer errs.Wrap(&err, "intake.Run(%s)", imp.Channel)
	began := time.Now()
	if _, ok := d.City.Channel(imp.Channel); !ok {
		return t, errs.E(errs.Invalid, "intake.unknown_channel", errs.Args{"channel": imp.Channel}).At("channel")
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	queue := make(chan *batch, 2*runtime.GOMAXPROCS(0))
	parsed := make(chan *batch, cap(queue))
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for b := range parsed {
				d.readBatch(b, imp)
				close(b.done)
			}
		})
	}
	var parseErr error
	go func() {
		defer close(queue)
		defer close(parsed)
		parseErr = d.parse(ctx, file, imp, queue, parsed)
	}()
	met := make(chan *batch, 1)
	go func() {
		defer close(met)
		for b := range queue {
			<-b.done
			d.meetBatch(b)
			met <- b
		}
	}()
	account := func(b *batch) {
		if berr := d.account(b, imp, &t); berr != nil {
			err = cmp.Or(err, berr)
			cancel()
		}
		if imp.Progress != nil {
			imp.Progress(t)
		}
	}
	var writing *batch
	line := d.Cases.Line()
	for b := range met {
		if err != nil {
			d.forget(b, err)
			continue
		}
		b.filed = line.FileAll(ctx, b.filings)
		if writing != nil {
			account(writing)
		}
		writing = b
	}
	if writing != nil {
		account(writing)
	}
	workers.Wait()
	if err == nil {
		err = parseErr
	}
	t.Seconds = time.Since(began).Seconds()
	return t, err
}

// parse cuts the file into batches, giving each to a reader and, in order, to
// the one who files.
func (d *Desk) parse(ctx context.Context, file io.Reader, imp Import, queue, parsed chan<- *batch) error {
	occurrences := map[string]int{}
	b := &batch{done: make(chan struct{})}
	send := func() bool {
		select {
		case <-ctx.Done():
			return false
		case queue <- b:
		}
		parsed <- b
		b = &batch{done: make(chan struct{})}
		return true
	}
	err := Rows(file, func(row Row) bool {
		row.Message.Channel, row.Message.Family, row.Message.History = imp.Channel, imp.Family, imp.History
		row.Message.Actor = org.Machine("import")
		if row.Err == nil && row.Message.ExternalID == "" {
			// A channel without ids of its own: the same content the n-th time in
			// this file is the same message when the file comes again.
			c := row.Message.content()
			occurrences[c]++
			row.Message.ExternalID = fmt.Sprintf("#%s.%d", c, occurrences[c])
		}
		b.rows = append(b.rows, row)
		return len(b.rows) < importBatch || send()
	})
	if err == nil && len(b.rows) > 0 {
		send()
	}
	return errors.Join(err, ctx.Err())
}

func (d *Desk) readBatch(b *batch, imp Import) {
	b.ready = make([]*ready, len(b.rows))
	b.wrong = make([]error, len(b.rows))
	for i, row := range b.rows {
		if row.Err != nil {
			b.wrong[i] = row.Err
			continue
		}
		b.ready[i], b.wrong[i] = d.prepare(row.Message)
	}
}

// meetBatch looks what the messages of a batch repeat.
func (d *Desk) meetBatch(b *batch) {
	for i := range b.rows {
		if b.wrong[i] == nil {
			d.meet(b.ready[i])
			b.filings = append(b.filings, b.ready[i].filing)
			b.at = append(b.at, i)
		}
	}
}

// account waits until a batch is filed and accounts for every row. An error means that
// it is not known to be filed.
func (d *Desk) account(b *batch, imp Import, t *Tally) error {
	at := b.at
	filed, wrong, err := b.filed()
	if err != nil {
		d.forget(b, err)
		return err
	}
	outcome := make(map[int]cases.Filed, len(at))
	for j, i := range at {
		outcome[i] = filed[j]
		b.wrong[i] = wrong[j]
		d.met(b.ready[i], filed[j], wrong[j])
	}
	for i, row := range b.rows {
		t.Rows++
		switch f := outcome[i]; {
		case b.wrong[i] != nil:
			t.Rejected++
			if imp.Reject != nil {
				imp.Reject(reject(row, b.wrong[i], imp.Lang))
			}
		case f.Already:
			t.Already++
		default:
			t.Created++
			if f.Case.Unit != "" {
				t.Dispatched++
			} else if !imp.History {
				t.Queued++
			}
		}
	}
	return nil
}

// forget ends the filing of a batch of which nothing was filed.
func (d *Desk) forget(b *batch, err error) {
	for _, i := range b.at {
		d.met(b.ready[i], cases.Filed{}, err)
	}
}

func reject(row Row, err error, lang text.Lang) Reject {
	r := Reject{Line: row.Line, Code: "errs." + errs.KindOf(err).String(), Reason: text.Error(lang, err)}
	if e, ok := errors.AsType[*errs.Error](err); ok {
		r.Code = e.Key
	}
	if utf8.Valid(row.Raw) && bytes.IndexByte(row.Raw, 0) < 0 {
		r.Raw = string(row.Raw)
	} else {
		r.Base64 = base64.StdEncoding.EncodeToString(row.Raw)
	}
	return r
}
