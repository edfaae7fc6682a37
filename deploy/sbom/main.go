// Command sbom lists what the program is made of: the Go modules that are linked into
// it and the packages of the web desk. It writes sbom.cdx.json (CycloneDX 1.5),
// licences.md (a table) and licences.txt (the texts, which have to travel with the
// program) into a directory, and fails where a licence is unknown or not on the list
// of those that the project takes. Start it with make sbom.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// part is a library, or the standard library of Go.
type part struct {
	name, version string
	kind          string // golang or npm
	licence       string // SPDX expression
	text          string // of the licence, where it is on this machine
	hash          string // SHA-256 (golang, of the module's h1) or SHA-512 (npm), hex
	built         bool   // needed to build or test only; not in the program
}

func main() {
	out := flag.String("out", "bin/sbom", "directory to write to")
	version := flag.String("version", "0", "version of the program")
	at := flag.Int64("at", 0, "time of the source, in seconds since 1970, so that two runs write the same")
	flag.Parse()
	if err := run(*out, *version, *at); err != nil {
		fmt.Fprintln(os.Stderr, "sbom:", err)
		os.Exit(1)
	}
}

func run(out, version string, at int64) error {
	parts, err := goParts()
	if err != nil {
		return err
	}
	web, err := webParts("web")
	if err != nil {
		return err
	}
	parts = append(parts, web...)
	slices.SortFunc(parts, func(a, b part) int {
		return strings.Compare(a.kind+a.name+"@"+a.version, b.kind+b.name+"@"+b.version)
	})
	var bad []string
	for _, p := range parts {
		if !taken(p.licence) {
			bad = append(bad, fmt.Sprintf("%s %s: licence %q", p.name, p.version, p.licence))
		}
	}
	if len(bad) > 0 {
		return fmt.Errorf("not on the list of licences that the project takes:\n  %s", strings.Join(bad, "\n  "))
	}
	doc, err := cyclone(parts, version, at)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(out, 0o755); err != nil {
		return err
	}
	for name, content := range map[string]string{"sbom.cdx.json": doc, "licences.md": table(parts), "licences.txt": texts(parts)} {
		if err := os.WriteFile(filepath.Join(out, name), []byte(content), 0o644); err != nil {
			return err
		}
	}
	fmt.Printf("%d parts: %s\n", len(parts), count(parts))
	return nil
}

// count says how many parts have which licence.
func count(parts []part) string {
	n := map[string]int{}
	var names []string
	for _, p := range parts {
		if n[p.licence]++; n[p.licence] == 1 {
			names = append(names, p.licence)
		}
	}
	slices.SortFunc(names, func(a, b string) int {
		if n[a] != n[b] {
			return n[b] - n[a]
		}
		return strings.Compare(a, b)
	})
	for i, name := range names {
		names[i] = fmt.Sprintf("%s %d", name, n[name])
	}
	return strings.Join(names, ", ")
}
