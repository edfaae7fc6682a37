package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"

	"yiwang/bench/beside"
)

// crowdSeed is one by which no weight of the resolution was chosen.
const crowdSeed = 2001

// crowd has the program make a population, measures how well it tells damaged records
// apart, and times its load.
func (p *plan) crowd(ctx context.Context, engines map[string]maker) ([]beside.Line, error) {
	dir, err := os.MkdirTemp("", "yiwang-bench-crowd-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir) // what is left of it is in the temporary directory
	files := filepath.Join(dir, "people")
	run := func(into any, args ...string) error {
		cmd := exec.CommandContext(ctx, p.bin, append(args, "--json")...)
		cmd.Stderr = os.Stderr
		raw, err := cmd.Output()
		if err != nil {
			return fmt.Errorf("%v: %w", args, err)
		}
		return json.Unmarshal(raw, into)
	}
	var made map[string]int
	if err := run(&made, "register", "generate", "--people", strconv.Itoa(p.persons), "--seed", strconv.Itoa(crowdSeed), "--out", files); err != nil {
		return nil, err
	}
	var m resolved
	if err := run(&m, "register", "measure", files); err != nil {
		return nil, err
	}
	out := []beside.Line{m.line()}
	for _, engine := range []string{sqlite, postgreSQL} {
		make := engines[engine]
		if make == nil {
			continue
		}
		at, remove, err := make(ctx)
		if err != nil {
			return nil, err
		}
		began := time.Now()
		var rep struct{}
		if err := run(&rep, at.args("register", "load", files)...); err != nil {
			return nil, err
		}
		took := time.Since(began)
		if err := remove(); err != nil {
			return nil, err
		}
		out = append(out, beside.Line{What: fmt.Sprintf("a population of %d persons (%d rows of registers) loaded, with finding out who is who", made["person"], total(made)),
			Engine: "Yiwang on " + engine, Figure: fmt.Sprintf("%.0f s", took.Seconds()), Wanted: "≤ 180 s", Near: beside.AtMost(180, took.Seconds())})
	}
	return out, nil
}

func total(made map[string]int) (n int) {
	for file, rows := range made {
		if file != "truth" {
			n += rows
		}
	}
	return n
}

// resolved is how well records were told apart.
type resolved struct {
	Pairs     int     `json:"pairs"`
	Found     int     `json:"found"`
	Wrong     int     `json:"wrong"`
	Waiting   int     `json:"waiting"`
	Precision share   `json:"precision"`
	Recall    share   `json:"recall"`
	F1        float64 `json:"f1"`
	Low       float64 `json:"f1_low"`
	High      float64 `json:"f1_high"`
}

// share is a part with its 95 % interval.
type share struct{ Is, Low, High float64 }

func (s share) String() string { return fmt.Sprintf("%.4f (95 %%: %.4f to %.4f)", s.Is, s.Low, s.High) }

func (m resolved) line() beside.Line {
	return beside.Line{What: fmt.Sprintf("records of one person found again among damaged ones, %d pairs", m.Pairs), Engine: "Yiwang",
		Figure: fmt.Sprintf("F1 %s, precision %s, recall %s; %d wrong, %d wait for a person", share{m.F1, m.Low, m.High}, m.Precision, m.Recall, m.Wrong, m.Waiting),
		Wanted: "F1 ≥ 0.99", Near: m.F1 / .99}
}
