package population

import (
	"encoding/csv"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"yiwang/internal/base/errs"
	"yiwang/internal/core/register"
)

// Measured says how well records are told apart, counted in pairs of records. A record
// that waits for a decision is counted as joined to nobody.
type Measured struct {
	Records   int     `json:"records"`
	Damaged   int     `json:"damaged"` // records of other sources, as Noise left them
	Pairs     int     `json:"pairs"`   // pairs that are of one person
	Found     int     `json:"found"`   // of them, pairs that were found
	Wrong     int     `json:"wrong"`   // pairs that were made of two people
	Waiting   int     `json:"waiting"` // records that wait for a decision
	Precision Share   `json:"precision"`
	Recall    Share   `json:"recall"`
	F1        float64 `json:"f1"`
	Low       float64 `json:"f1_low"`  // F1 of the low ends of both intervals
	High      float64 `json:"f1_high"` // F1 of the high ends
	Seconds   float64 `json:"seconds"` // finding out who is who
}

// Share is a share with its 95 % interval (Wilson).
type Share struct {
	Is   float64 `json:"is"`
	Low  float64 `json:"low"`
	High float64 `json:"high"`
}

func share(k, n int) Share {
	if n == 0 {
		return Share{}
	}
	const z = 1.959964
	p, m := float64(k)/float64(n), float64(n)
	mid, half := (p+z*z/(2*m))/(1+z*z/m), z*math.Sqrt(p*(1-p)/m+z*z/(4*m*m))/(1+z*z/m)
	return Share{p, max(0, mid-half), min(1, mid+half)}
}

func f1(p, r float64) float64 {
	if p+r == 0 {
		return 0
	}
	return 2 * p * r / (p + r)
}

// Measure finds out who is who in a directory that Generate made, and compares that
// with the truth; no register is written.
func Measure(book *register.Book, dir string) (m Measured, err error) {
	defer errs.Wrap(&err, "population.Measure")
	r := book.Find(persons)
	if r == nil {
		return m, errs.E(errs.Invalid, "population.no_persons", nil)
	}
	p := &people{}
	l := &load{rep: Report{}, numbers: map[string]*numbering{}, ids: map[string][]string{}}
	files, err := filepath.Glob(filepath.Join(dir, persons+"@*.csv"))
	if err != nil {
		return m, err
	}
	for _, path := range append([]string{filepath.Join(dir, persons+".csv")}, files...) {
		_, source, _ := strings.Cut(strings.TrimSuffix(filepath.Base(path), ".csv"), "@")
		t, err := open(path, filepath.Base(path), r, source)
		if err != nil {
			return m, err
		}
		t.first = source == ""
		l.meetTable(t, p)
	}
	began := time.Now()
	p.resolved = resolve(p.faces)
	m.Seconds = time.Since(began).Seconds()
	truth, err := readTruth(filepath.Join(dir, truthFile+".csv"), p)
	if err != nil {
		return m, err
	}
	m.count(p, truth)
	return m, nil
}

// readTruth returns the person of each record.
func readTruth(path string, p *people) (of []int32, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, errs.E(errs.NotFound, "population.no_truth", errs.Args{"file": truthFile + ".csv"}).Because(err)
	}
	defer f.Close() // only read
	row := map[*table][]int32{}
	tables := map[string]*table{}
	for i, at := range p.at {
		if row[at.t] == nil {
			row[at.t] = slices.Repeat([]int32{-1}, len(at.t.rows))
			tables[strings.TrimSuffix(at.t.file, ".csv")] = at.t
		}
		row[at.t][at.row] = int32(i)
	}
	of = make([]int32, len(p.faces))
	base := tables[persons]
	for i := range of {
		of[i] = int32(i)
	}
	in := csv.NewReader(f)
	in.ReuseRecord = true
	for n := 0; ; n++ {
		cells, err := in.Read()
		if errors.Is(err, io.EOF) {
			return of, nil
		}
		if err != nil {
			return nil, err
		}
		if n == 0 {
			continue
		}
		no, err1 := strconv.Atoi(cells[1])
		who, err2 := strconv.Atoi(cells[2])
		t := tables[cells[0]]
		if err1 != nil || err2 != nil || t == nil || no < 1 || no > len(t.rows) || who < 1 || who > len(base.rows) {
			return nil, errs.E(errs.Invalid, "population.truth", errs.Args{"line": n + 1})
		}
		if k := row[t][no-1]; k >= 0 {
			of[k] = row[base][who-1]
		}
	}
}

// count counts pairs by how many records each made person shares with each true one.
func (m *Measured) count(p *people, truth []int32) {
	both, made, real := map[[2]int32]int{}, map[int32]int{}, map[int32]int{}
	for i, of := range p.resolved.of {
		if p.at[i].t.first {
			m.Records++
		} else {
			m.Records++
			m.Damaged++
		}
		if p.resolved.waits[i] {
			m.Waiting++
			of = int32(i)
		}
		both[[2]int32{of, truth[i]}]++
		made[of]++
		real[truth[i]]++
	}
	pairs := func(n int) int { return n * (n - 1) / 2 }
	joined := 0
	for _, n := range both {
		m.Found += pairs(n)
	}
	for _, n := range made {
		joined += pairs(n)
	}
	for _, n := range real {
		m.Pairs += pairs(n)
	}
	m.Wrong = joined - m.Found
	m.Precision, m.Recall = share(m.Found, joined), share(m.Found, m.Pairs)
	m.F1, m.Low, m.High = f1(m.Precision.Is, m.Recall.Is), f1(m.Precision.Low, m.Recall.Low), f1(m.Precision.High, m.Recall.High)
}
