package api

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"testing"

	"yiwang/internal/core/city"
)

var update = flag.Bool("update", false, "write openapi.json anew")

// The committed description is that of the code. Mend: go test ./internal/door/api -run OpenAPI -update
func TestOpenAPIIsCurrent(t *testing.T) {
	c, err := city.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	s := &server{Deps: Deps{City: c}, counted: newRequestCounts()}
	_, described := s.mux()
	raw, err := json.Marshal(described.OpenAPI())
	if err != nil {
		t.Fatal(err)
	}
	var want bytes.Buffer
	if err := json.Indent(&want, raw, "", " "); err != nil {
		t.Fatal(err)
	}
	want.WriteByte('\n')
	if *update {
		if err := os.WriteFile("openapi.json", want.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	have, err := os.ReadFile("openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(have, want.Bytes()) {
		t.Error("openapi.json is not that of the code: go test ./internal/door/api -run OpenAPI -update")
	}
}
