package main

import (
	"encoding/csv"
	"fmt"
	"net"
	"net/http"
	"net/http/cookiejar"
	"os"
	"path/filepath"
	"time"

	"yiwang/internal/app"
	"yiwang/internal/work/population"
)

// resident is one of the invented people that a demo city begins with.
type resident map[string]string

// residents returns the people of a demo city that began today, without those of whom
// other sources have records too: about these there may be doubts.
func residents() (out []resident, err error) {
	plan, err := app.DemoPlan(time.Now())
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "yiwang-bench-people-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir) // what is left of it is in the temporary directory
	if _, err := population.Generate(plan, dir, nil); err != nil {
		return nil, err
	}
	doubles, err := rows(filepath.Join(dir, "truth.csv"))
	if err != nil {
		return nil, err
	}
	twice := map[string]bool{}
	for _, d := range doubles {
		twice[d["person"]] = true
	}
	all, err := rows(filepath.Join(dir, "person.csv"))
	for _, p := range all {
		if !twice[p["no"]] {
			out = append(out, p)
		}
	}
	return out, err
}

// rows reads a CSV file with a head.
func rows(name string) ([]resident, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close() // it was only read
	all, err := csv.NewReader(f).ReadAll()
	if err != nil || len(all) == 0 {
		return nil, err
	}
	out := make([]resident, 0, len(all))
	for _, line := range all[1:] {
		r := resident{}
		for i, name := range all[0] {
			r[name] = line[i]
		}
		out = append(out, r)
	}
	return out, nil
}

// browser is the n-th person's: cookies, and an address of their own.
func browser(n int) (*http.Client, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	from := &net.TCPAddr{IP: net.IPv4(127, byte(10+n/62500), byte(n/250%250), byte(1+n%250))}
	d := net.Dialer{LocalAddr: from}
	return &http.Client{Jar: jar, Timeout: 30 * time.Second, Transport: &http.Transport{DialContext: d.DialContext, IdleConnTimeout: 10 * time.Minute}}, nil
}

// months is a day some months before today.
func months(n int) string { return time.Now().AddDate(0, -n, 0).Format(time.DateOnly) }

// settled are the grown-up people who have lived here for a while and can be reached.
func settled(all []resident) (out []resident) {
	for _, p := range all {
		if p["living"] == "yes" && p["phone"] != "" && p["address"] != "" && p["area"] != "" && p["resident_since"] != "" &&
			p["resident_since"] < months(7) && p["birth"] < months(12*19) {
			out = append(out, p)
		}
	}
	return out
}

func (r resident) String() string { return fmt.Sprint(r["name"], " ", r["idnumber"]) }
