package guide_test

import (
	"bytes"
	"fmt"
	"io/fs"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	packs "yiwang/city"
	"yiwang/internal/base/decl"
	"yiwang/internal/base/errs"
	"yiwang/internal/core/city"
	"yiwang/internal/core/matter"
	"yiwang/internal/work/guide"
)

// The figure of a district's report: 228 items, 3,764 days by law, 1,131 promised.
func TestCompression(t *testing.T) {
	var items []*matter.Service
	for i := range 228 {
		s := &matter.Service{Type: "permit", Legal: matter.Term{Days: 16}, Promised: matter.Term{Days: 4}}
		if i < 3764-228*16 {
			s.Legal.Days++
		}
		if i < 1131-228*4 {
			s.Promised.Days++
		}
		items = append(items, s)
	}
	f := guide.Measure(items)
	if f.LegalDays != 3764 || f.PromisedDays != 1131 || math.Round(f.Compression*10000) != 6995 {
		t.Errorf("%d days by law, %d promised, %.4f shorter", f.LegalDays, f.PromisedDays, f.Compression)
	}
}

// An item that is decided on the spot takes no days; one that says nothing of its
// limits or visits is in no rate.
func TestWhatIsNotKnownIsInNoRate(t *testing.T) {
	f := guide.Measure([]*matter.Service{
		{Type: "permit", Instant: true, Legal: matter.Term{Days: 10}, Depth: "full"},
		{Type: "permit", Legal: matter.Term{Days: 20}, Promised: matter.Term{Days: 6}, Depth: "apply", Visits: 1},
		{Type: "public", Promised: matter.Term{Days: 6}, Depth: "guide", Visits: 2},
		{Type: "permit", Title: "nothing known"},
	})
	if got, want := fmt.Sprint(f.InstantPermit, f.Instant, f.Full, f.AtMostOnce, f.ZeroVisits), "{1 2} {1 3} {1 3} {2 3} {1 3}"; got != want {
		t.Errorf("shares %s, want %s", got, want)
	}
	if f.Compression != 0.8 || f.Visits != 1 || f.Permits != 3 {
		t.Errorf("%+v", f)
	}
}

func TestBring(t *testing.T) {
	c, err := city.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	list := `{"department": "市教育局", "name": "学生转学", "code": "Q-0007-440300000000-000-11100000000013338W-1-00", "task_type": "7"}
{"department": "鱼政站", "name": "捕鱼许可", "code": "990A07001006-440304000000-000-1", "task_type": "1"}
{"department": "鱼政站", "name": "捕鱼许可", "code": "990A07001006-440304000000-000-1", "task_type": "1"}
{"department": "鱼政站", "name": " ", "code": "x"}
`
	var out bytes.Buffer
	got, err := guide.Bring(strings.NewReader(list), &out, c)
	if err != nil || got.Items != 2 || got.Twice != 1 || got.Nameless != 1 || got.NoUnit["鱼政站"] != 1 || len(got.NoUnit) != 1 {
		t.Fatalf("%+v, %v", got, err)
	}
	pack := demo(t)
	pack["service/items.csv"] = &fstest.MapFile{Data: out.Bytes()}
	brought, findings := city.Load(pack)
	if decl.Faulty(findings) {
		t.Fatal(findings)
	}
	s := guide.NewBook(brought).Item("q-0007-440300000000-000-11100000000013338w-1-00")
	if s == nil || s.Base != "Q-0007" || s.Unit != "jiaoyu" || s.Type != "confirmation" || s.Level != "city" || s.Credit != "11100000000013338W" {
		t.Errorf("%+v", s)
	}
	if _, err := guide.Bring(strings.NewReader("{}\nno\n"), &out, c); !errs.Is(err, errs.Invalid) {
		t.Errorf("a broken line: %v", err)
	}
}

// How often the item that a question is about comes first, or among three. Run with -v
// to read the figure; docs/matter.md quotes it.
func TestFoundByHowPeopleAsk(t *testing.T) {
	c, err := city.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile("testdata/asked.tsv")
	if err != nil {
		t.Fatal(err)
	}
	book := guide.NewBook(c)
	var n, first, three int
	for line := range strings.Lines(string(b)) {
		code, question, ok := strings.Cut(strings.TrimSpace(line), "\t")
		if !ok || strings.HasPrefix(line, "#") {
			continue
		}
		n++
		found, _ := book.Find(question, 3)
		for i, s := range found {
			if s.Code == code {
				three++
				if i == 0 {
					first++
				}
			}
		}
		if len(found) == 0 || found[0].Code != code {
			t.Logf("missed: %s", line)
		}
	}
	low, high := wilson(first, n)
	low3, high3 := wilson(three, n)
	t.Logf("first %d of %d (%.1f–%.1f), among three %d (%.1f–%.1f)", first, n, 100*low, 100*high, three, 100*low3, 100*high3)
	if n < 60 || 6*first < 5*n {
		t.Errorf("only %d of %d come first", first, n)
	}
}

// An item is found by each of the questions it lists when that one is taken out of it:
// the words that mean the same were not written for these.
func TestFoundByQuestionsLeftOut(t *testing.T) {
	c, err := city.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	var n, first, three int
	for _, s := range guide.NewBook(c).Items() {
		all := s.Asked
		for i, question := range all {
			s.Asked = slices.Delete(slices.Clone(all), i, i+1)
			n++
			found, _ := guide.NewBook(c).Find(question, 3)
			for at, f := range found {
				if f.Code == s.Code {
					three++
					if at == 0 {
						first++
					}
				}
			}
		}
		s.Asked = all
	}
	low, high := wilson(first, n)
	t.Logf("first %d of %d (%.1f–%.1f), among three %d", first, n, 100*low, 100*high, three)
	if n < 100 || 5*first < 3*n {
		t.Errorf("only %d of %d come first", first, n)
	}
}

// wilson is the 95 % interval of a share.
func wilson(k, n int) (low, high float64) {
	const z = 1.96
	p, m := float64(k)/float64(n), float64(n)
	mid, half := p+z*z/(2*m), z*math.Sqrt(p*(1-p)/m+z*z/(4*m*m))
	return (mid - half) / (1 + z*z/m), (mid + half) / (1 + z*z/m)
}

// A city has 8,543 items. They load, are checked and measured in seconds, as rows of a
// list and as files that can all be applied for. Run with -v to read the times.
func TestEightThousandItemsLoad(t *testing.T) {
	if testing.Short() {
		t.Skip("takes some seconds")
	}
	const n = 8543
	list, files := demo(t), demo(t)
	rows := string(list["service/items.csv"].Data)
	row := strings.Split(strings.TrimSpace(rows), "\n")[2]
	whole := string(files["service/street-stall.yaml"].Data)
	whole, _, _ = strings.Cut(whole, "certificates:")
	whole = strings.ReplaceAll(whole, "level: street\n", "level: district\n")
	var all strings.Builder
	all.WriteString(rows)
	base := strings.Split(row, ",")[2]
	for i := range n {
		code := fmt.Sprintf("copy-%05d", i)
		r := strings.Replace(row, strings.Split(row, ",")[0], code, 1)
		all.WriteString(strings.ReplaceAll(r, base, fmt.Sprint("77", 10000000+i)) + "\n")
		y := strings.Replace(strings.Replace(whole, "code: street-stall", "code: "+code, 1), "number: 11440399DEM000017D4440117001000", fmt.Sprintf("number: \"4401170010%05d\"", i), 1)
		files["service/copies/"+code+".yaml"] = &fstest.MapFile{Data: []byte(y)}
	}
	list["service/items.csv"] = &fstest.MapFile{Data: []byte(all.String())}
	for name, pack := range map[string]fstest.MapFS{"rows of a list": list, "files": files} {
		begun := time.Now()
		c, findings := city.Load(pack)
		took := time.Since(begun)
		if c == nil {
			t.Fatalf("%s: %d findings, the first: %v", name, len(findings), findings[0])
		}
		f := guide.Measure(guide.NewBook(c).Items())
		t.Logf("%d items as %s: %.2f s", f.Items, name, took.Seconds())
		if f.Items < n || took > time.Minute {
			t.Errorf("%s: %d items in %s", name, f.Items, took)
		}
	}
}

// demo is a copy of the demo pack to be changed.
func demo(t *testing.T) fstest.MapFS {
	t.Helper()
	pack := fstest.MapFS{}
	root, err := fs.Sub(packs.Demo(), "demo")
	if err != nil {
		t.Fatal(err)
	}
	err = fs.WalkDir(root, ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		b, err := fs.ReadFile(root, name)
		pack[name] = &fstest.MapFile{Data: b}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return pack
}
