package main

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// goParts are the modules of which packages are linked into the program. They are the
// same for every processor that a bundle is made for, or a part would be missing.
func goParts() ([]part, error) {
	sums, err := goSums()
	if err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	var parts []part
	for _, arch := range []string{"amd64", "arm64", "loong64"} {
		cmd := exec.Command("go", "list", "-deps", "-f", "{{with .Module}}{{if not .Main}}{{.Path}} {{.Version}} {{.Dir}}{{end}}{{end}}", "./cmd/yiwang")
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH="+arch)
		cmd.Stderr = os.Stderr
		out, err := cmd.Output()
		if err != nil {
			return nil, fmt.Errorf("go list for %s: %w", arch, err)
		}
		for line := range strings.Lines(string(out)) {
			f := strings.SplitN(strings.TrimSpace(line), " ", 3)
			if len(f) < 3 || seen[f[0]] {
				continue
			}
			seen[f[0]] = true
			p := part{name: f[0], version: f[1], kind: "golang", text: licenceOf(f[2]), hash: sums[f[0]+" "+f[1]]}
			p.licence = recognize(p.text)
			parts = append(parts, p)
		}
	}
	std, err := goItself()
	return append(parts, std), err
}

// goItself is Go's standard library and runtime, which are linked in as well.
func goItself() (part, error) {
	out, err := exec.Command("go", "env", "GOVERSION", "GOROOT").Output()
	f := strings.Fields(string(out))
	if err != nil || len(f) != 2 {
		return part{}, errors.Join(err, errors.New("go env does not answer"))
	}
	p := part{name: "std", version: strings.TrimPrefix(f[0], "go"), kind: "golang", text: licenceOf(f[1])}
	if p.text == "" { // distributions put it elsewhere
		p.text = "See https://go.dev/LICENSE"
		p.licence = "BSD-3-Clause"
		return p, nil
	}
	p.licence = recognize(p.text)
	return p, nil
}

// goSums maps "path version" to the hash in go.sum, as hex.
func goSums() (map[string]string, error) {
	raw, err := os.ReadFile("go.sum")
	if err != nil {
		return nil, err
	}
	sums := map[string]string{}
	for line := range strings.Lines(string(raw)) {
		f := strings.Fields(line)
		if len(f) != 3 || strings.HasSuffix(f[1], "/go.mod") {
			continue
		}
		if sums[f[0]+" "+f[1]], err = hexOf(f[2], "h1:"); err != nil {
			return nil, err
		}
	}
	return sums, nil
}

// hexOf writes a hash that is in base64 after a prefix as hex.
func hexOf(s, prefix string) (string, error) {
	b, ok := strings.CutPrefix(s, prefix)
	if !ok {
		return "", fmt.Errorf("hash %q does not begin with %s", s, prefix)
	}
	raw, err := base64.StdEncoding.DecodeString(b)
	return hex.EncodeToString(raw), err
}

// webParts are the packages of the web desk's lock file. The licence is what the
// package says of itself, since its text is there only where npm has installed it.
func webParts(dir string) ([]part, error) {
	raw, err := os.ReadFile(filepath.Join(dir, "package-lock.json"))
	if err != nil {
		return nil, err
	}
	var lock struct {
		Packages map[string]struct {
			Version   string `json:"version"`
			License   string `json:"license"`
			Integrity string `json:"integrity"`
			Dev       bool   `json:"dev"`
		} `json:"packages"`
	}
	if err := json.Unmarshal(raw, &lock); err != nil {
		return nil, err
	}
	at := map[string]int{} // of a package that lies in several places
	var parts []part
	for _, path := range slices.Sorted(maps.Keys(lock.Packages)) {
		p := lock.Packages[path]
		_, name, ok := cutLast(path, "node_modules/")
		if !ok || p.Version == "" { // the desk itself is no part of itself
			continue
		}
		if i, ok := at[name+"@"+p.Version]; ok {
			parts[i].built = parts[i].built && p.Dev
			continue
		}
		hash, err := hexOf(p.Integrity, "sha512-")
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		at[name+"@"+p.Version] = len(parts)
		parts = append(parts, part{name: name, version: p.Version, kind: "npm", licence: p.License,
			text: licenceOf(filepath.Join(dir, filepath.FromSlash(path))), hash: hash, built: p.Dev})
	}
	return parts, nil
}

// cutLast cuts s around the last mark in it.
func cutLast(s, mark string) (before, after string, found bool) {
	i := strings.LastIndex(s, mark)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(mark):], true
}
