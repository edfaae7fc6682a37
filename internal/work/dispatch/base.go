package dispatch

import (
	"bytes"
	_ "embed"
	"sync"
)

//go:embed base/base.ywd
var baseFile []byte

// base is the model that ships with the program, read once.
var base = sync.OnceValues(func() (*Model, error) { return Load(bytes.NewReader(baseFile)) })

// Base returns the model that ships with the program, fitted to a city's duty
// list: hashes and weights learnt from public messages under the province's
// codes (docs/dispatch.md is its data card). It is never used to measure itself.
func Base(duty []Entry) (*Model, error) {
	m, err := base()
	if err != nil {
		return nil, err
	}
	return m.Fit(duty), nil
}
