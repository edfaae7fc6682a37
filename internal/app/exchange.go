package app

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/text"
	"yiwang/internal/core/org"
	"yiwang/internal/work/exchange"
)

// exchangeOffice is the office that hands cases to other platforms and takes theirs.
func (a *App) exchangeOffice() *exchange.Office {
	return &exchange.Office{DB: a.DB, City: a.City, Cases: a.Cases, Desk: a.Desk, Files: a.Files, MAC: a.MAC}
}

// ExportFile writes a file of cases for another platform and returns how many there
// are, through the server where one runs on the data directory. The file stands
// under its name only when it is whole.
func ExportFile(ctx context.Context, cfg Config, name string, want exchange.Wanted) (n int, err error) {
	tmp := name + ".part"
	out, err := os.OpenFile(tmp, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600) // it holds personal values
	if err != nil {
		return 0, err
	}
	a, err := Open(ctx, cfg)
	switch {
	case errors.Is(err, errOwned):
		n, err = remoteExport(ctx, cfg.Data, out, want)
	case err == nil:
		n, err = a.exchangeOffice().Export(ctx, org.Machine("exchange"), out, want)
		err = errors.Join(err, a.Close())
	}
	if err = errors.Join(err, out.Sync(), out.Close()); err != nil {
		return n, errors.Join(err, os.Remove(tmp))
	}
	return n, os.Rename(tmp, name)
}

// ExchangeFile takes in a file of another platform, through the server where one
// runs on the data directory.
func ExchangeFile(ctx context.Context, cfg Config, name, channel string, lang text.Lang) (t exchange.Tally, err error) {
	in, err := os.Open(name)
	if err != nil {
		return t, err
	}
	defer in.Close() // only read
	a, err := Open(ctx, cfg)
	switch {
	case errors.Is(err, errOwned):
		return remoteExchange(ctx, cfg.Data, in, channel, lang)
	case err != nil:
		return t, err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	if t, err = a.exchangeOffice().Import(ctx, in, channel, lang); err != nil {
		return t, err
	}
	if _, err = a.Cases.Sequence(ctx, a.Holder()); err != nil {
		return t, err
	}
	return t, a.checkpoint(ctx)
}

// exchanging is the server's answer to a command, one of its members set.
type exchanging struct {
	Tally *exchange.Tally `json:"tally,omitempty"`
	Error string          `json:"error,omitempty"`
}

func (a *App) serveExchange(w http.ResponseWriter, r *http.Request) {
	t, err := a.exchangeSpooled(r)
	said := exchanging{Tally: &t}
	if err != nil {
		said = exchanging{Error: text.Error(text.English, err)}
	}
	_ = json.NewEncoder(w).Encode(said) // the command sees a cut answer
}

// exchangeSpooled keeps the file first: it is read twice.
func (a *App) exchangeSpooled(r *http.Request) (t exchange.Tally, err error) {
	f, err := os.CreateTemp(a.Config.Data, "exchange-*")
	if err != nil {
		return t, err
	}
	defer func() { err = errors.Join(err, f.Close(), os.Remove(f.Name())) }()
	if _, err := io.Copy(f, r.Body); err != nil {
		return t, err
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return t, err
	}
	q := r.URL.Query()
	return a.exchangeOffice().Import(r.Context(), f, q.Get("channel"), text.Lang(q.Get("lang")))
}

func remoteExchange(ctx context.Context, data string, in io.Reader, channel string, lang text.Lang) (t exchange.Tally, err error) {
	q := url.Values{"channel": {channel}, "lang": {string(lang)}}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://control/exchange?"+q.Encode(), in)
	if err != nil {
		return t, err
	}
	resp, err := remote(data).Do(req)
	if err != nil {
		return t, errRemote.Because(err)
	}
	defer resp.Body.Close() // read to its end below
	var said exchanging
	if err := json.NewDecoder(resp.Body).Decode(&said); err != nil {
		return t, errRemote.Because(err)
	}
	if said.Tally == nil {
		return t, errs.E(errs.Invalid, "app.refused", errs.Args{"why": said.Error})
	}
	return *said.Tally, nil
}

// countTrailer says how many cases an export had; without it the export failed.
const countTrailer = "Cases"

func (a *App) serveExport(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	since, _ := strconv.ParseInt(q.Get("since"), 10, 64) // our own command wrote it
	want := exchange.Wanted{Channel: q.Get("channel"), Numbers: strings.Fields(q.Get("numbers")), Since: since, Files: q.Get("files") == "1", Masked: q.Get("masked") == "1"}
	w.Header().Set("Trailer", countTrailer+", Refused")
	n, err := a.exchangeOffice().Export(r.Context(), org.Machine("exchange"), w, want)
	if err != nil {
		w.Header().Set("Refused", url.QueryEscape(text.Error(text.English, err)))
		return
	}
	w.Header().Set(countTrailer, strconv.Itoa(n))
}

func remoteExport(ctx context.Context, data string, out io.Writer, want exchange.Wanted) (int, error) {
	flag := map[bool]string{true: "1"}
	q := url.Values{"channel": {want.Channel}, "numbers": {strings.Join(want.Numbers, " ")}, "since": {strconv.FormatInt(want.Since, 10)},
		"files": {flag[want.Files]}, "masked": {flag[want.Masked]}}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://control/exchange?"+q.Encode(), nil)
	if err != nil {
		return 0, err
	}
	resp, err := remote(data).Do(req)
	if err != nil {
		return 0, errRemote.Because(err)
	}
	defer resp.Body.Close() // read to its end below
	if _, err := io.Copy(out, resp.Body); err != nil {
		return 0, errRemote.Because(err)
	}
	if why, err := url.QueryUnescape(resp.Trailer.Get("Refused")); err == nil && why != "" {
		return 0, errs.E(errs.Invalid, "app.refused", errs.Args{"why": why})
	}
	return strconv.Atoi(resp.Trailer.Get(countTrailer))
}
