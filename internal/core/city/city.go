package city

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"sync"

	packs "yiwang/city"
	"yiwang/internal/base/calendar"
	"yiwang/internal/base/decl"
	"yiwang/internal/base/text"
	"yiwang/internal/core/matter"
	"yiwang/internal/core/notice"
	"yiwang/internal/core/org"
	"yiwang/internal/core/place"
	"yiwang/internal/core/register"
	"yiwang/internal/core/rule"
	"yiwang/internal/core/voucher"
)

// City is a pack, ready to run. It never changes and is safe for concurrent use;
// a new edition of a pack is a new City with another Version.
type City struct {
	Code         string // administrative division code
	Name         string
	Title        string // of the service, at the head of every page
	NumberPrefix string // before the numbers of cases
	Centre       string // unit code of the dispatch centre
	Synthetic    bool   // the data is invented, and every page says so
	Notice       string // what is said of that
	Baseline     Baseline
	Silence      string // what it means that somebody who was answered says nothing: SilenceNothing or SilencePraise
	Version      string // of the pack: a digest of all its files

	Catalog   *matter.Catalog
	Directory *org.Directory
	Places    *place.Map
	Calendar  *calendar.Calendar
	Rules     *rule.Book
	Templates *notice.Book
	Vouchers  *voucher.Book
	Registers *register.Book
	ClockSets map[string]*matter.ClockSet

	channels map[string]Channel
	numbers  map[string]string
}

// Baseline is what the mean handling time is compared with; zero compares nothing.
type Baseline struct {
	Hours int    `yaml:"hours"` // mean time from filing to the answer, in hours
	Of    string `yaml:"of"`    // when and where it was measured
}

// What a city takes silence for.
const (
	SilenceNothing = "nothing" // it is in no rate
	SilencePraise  = "praise"  // it counts as satisfied; the formula says so
)

// Channel is a way by which messages come in.
type Channel struct {
	Code   string
	Name   string
	Kind   string // one of ChannelKinds
	Public bool   // citizens use it themselves
}

// ChannelKinds are the kinds a channel may have.
var ChannelKinds = []string{"web", "hotline", "counter", "app", "wechat", "mail", "petition", "media", "grid", "partner", "enterprise", "sensor", "other"}

// Channel returns the channel with a code.
func (c *City) Channel(code string) (Channel, bool) { ch, ok := c.channels[code]; return ch, ok }

// ChannelOf returns the channel that a called number or queue belongs to: the
// numbers of merged hotlines lead into one intake.
func (c *City) ChannelOf(number string) (Channel, bool) { return c.Channel(c.numbers[number]) }

// Channels returns all channels, by code.
func (c *City) Channels() []Channel {
	out := make([]Channel, 0, len(c.channels))
	for _, code := range slices.Sorted(maps.Keys(c.channels)) {
		out = append(out, c.channels[code])
	}
	return out
}

// Responsible says which unit answers for a matter at a place, and why; see
// matter.Responsible. The directory is passed because units may have changed
// since the pack was read.
func (c *City) Responsible(dir *org.Directory, m *matter.Matter, area string) matter.Answer {
	return matter.Responsible(dir, c.Places, m, area)
}

// VoucherKind returns the kind of voucher that a word of a lifecycle's issue effect
// means for a family, "" where the family has none.
func (c *City) VoucherKind(f *matter.Family, word string) string {
	if word != matter.CopyWord {
		return f.VoucherKind(word)
	}
	for _, k := range c.Vouchers.Kinds() {
		if f.Voucher != "" && k.CopyOf == f.Voucher {
			return k.Code
		}
	}
	return ""
}

// Certifies reports whether a family has the certificates that an action issues or
// whose state it changes.
func (c *City) Certifies(f *matter.Family, a *matter.ActionDecl) bool {
	for i := range a.Do {
		e := &a.Do[i]
		if e.Issue != "" && c.VoucherKind(f, e.Issue) == "" || e.Status != nil && f.VoucherKind(e.Status.Voucher) == "" {
			return false
		}
	}
	return true
}

// Load reads and checks a pack. The City is nil where a finding is a fault;
// findings that only doubt (Finding.Doubt) do not stand in the way.
func Load(fsys fs.FS) (*City, []decl.Finding) {
	d := decl.Open(fsys)
	p := read(d)
	c := p.build(d)
	p.check(d, c)
	findings := d.Findings()
	if decl.Faulty(findings) {
		return nil, findings
	}
	c.Version = version(d, fsys)
	return c, findings
}

// embedded is the demo pack, read once.
var embedded = sync.OnceValues(func() (*City, error) {
	demo, err := fs.Sub(packs.Demo(), "demo")
	if err != nil {
		return nil, err
	}
	c, findings := Load(demo)
	if c == nil {
		return nil, fmt.Errorf("city: the embedded pack has %d findings, the first: %s", len(findings), findings[0].Say(text.English))
	}
	return c, nil
})

// Embedded returns the demo city that is part of the program.
func Embedded() (*City, error) { return embedded() }

// version digests the names and contents of all files of a pack, in order.
func version(d *decl.Dir, fsys fs.FS) string {
	h := sha256.New()
	err := fs.WalkDir(fsys, ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		b, err := fs.ReadFile(fsys, name)
		if err != nil {
			return err
		}
		fmt.Fprintf(h, "%d %s %d\n", len(name), name, len(b))
		h.Write(b)
		return nil
	})
	if err != nil { // read a moment ago: a disk that fails
		d.Report(decl.Pos{File: "."}, "decl.unreadable", map[string]any{"why": err.Error()})
	}
	return hex.EncodeToString(h.Sum(nil))[:16]
}
