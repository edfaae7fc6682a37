package portal

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/text"
	"yiwang/internal/core/matter"
	"yiwang/internal/work/apply"
)

// Steps that only the form of a service has.
const (
	stepWho       = "who"       // for whom, and whether the registers may be asked
	stepMaterials = "materials" // what the application rests on
)

// application is the part of a draft that only services have.
type application struct {
	Of       Subject             `json:"of"`       // for whom; none until it was said
	Named    string              `json:"named"`    // their name, where it is somebody else
	Ward     bool                `json:"ward"`     // the register knows the applicant as their guardian
	Agreed   string              `json:"agreed"`   // yes, no, "" undecided
	Known    map[string]Known    `json:"known"`    // what the register said, by field
	Stands   map[string]Standing `json:"stands"`   // certificates instead of materials
	Later    []string            `json:"later"`    // materials promised for later
	Attached map[string][]File   `json:"attached"` // files by material
}

// needsPerson reports whether a form can only be filled in by somebody who signed in.
func needsPerson(f matter.Family) bool { return f.RuleCode("") != "" }

// serviceSteps lays out the form of a service: for whom, what no register knows, what
// it rests on, and a last look.
func serviceSteps(f matter.Family, signedIn bool, a application) []wizardStep {
	form, materials := wizardStep{code: stepForm}, wizardStep{code: stepMaterials}
	for _, field := range f.Fields {
		_, known := a.Known[field.Code]
		switch {
		case field.Unasked || known:
		case field.Type == matter.Files:
			materials.fields = append(materials.fields, field)
		default:
			form.fields = append(form.fields, field)
		}
	}
	var steps []wizardStep
	if signedIn && apply.Asks(&f) {
		steps = append(steps, wizardStep{code: stepWho})
	}
	if len(form.fields) > 0 || len(steps) == 0 {
		steps = append(steps, form)
	}
	if len(materials.fields) > 0 {
		steps = append(steps, materials)
	}
	return append(steps, wizardStep{code: stepCheck})
}

// whoView is the page that asks for whom, and whether the registers may be asked.
type whoView struct {
	Person   Person
	Self     bool // it is for people
	Of       string
	Name     string
	Number   string
	Agreed   string
	Items    []heading // what would be read
	Problems []problem
}

// drawWho shows the step.
func (f *filling) drawWho(problems []problem) (whoView, error) {
	p, err := f.site.office.Person(f.ctx(), f.person)
	if err != nil {
		return whoView{}, err
	}
	w := whoView{Person: p, Self: forPeople(f.family), Of: f.draft.App.Of.Register + "/" + f.draft.App.Of.ID, Name: f.draft.Values["_name"],
		Number: f.draft.Values["_number"], Agreed: f.draft.App.Agreed, Problems: problems}
	if f.draft.App.Of.ID == "" && w.Self {
		w.Of = apply.Persons + "/" + p.ID
	}
	if f.draft.App.Named != "" || f.draft.Values["_of"] == "other" {
		w.Of = "other"
	}
	for _, field := range f.family.Fields {
		if field.From != "" {
			w.Items = append(w.Items, declaredText(f.lang, field.Title))
		}
	}
	return w, nil
}

// forPeople reports whether a service is for people, and not only for enterprises.
func forPeople(f matter.Family) bool {
	return f.Service == nil || len(f.Service.For) == 0 || slices.Contains(f.Service.For, "person")
}

// takeWho reads for whom it is. What the registers know is asked anew.
func (f *filling) takeWho(sent *form) ([]problem, error) {
	a := &f.draft.App
	*a = application{Agreed: sent.Get("agreed"), Later: a.Later, Attached: a.Attached}
	f.draft.Values["_of"] = sent.Get("of")
	var problems []problem
	if a.Agreed != "yes" && a.Agreed != "no" {
		problems = append(problems, problem{Field: "agreed", Said: f.say("mend_agreed", nil)})
	}
	p, err := f.site.office.Person(f.ctx(), f.person)
	if err != nil {
		return nil, err
	}
	register, id, _ := strings.Cut(sent.Get("of"), "/")
	switch {
	case register == apply.Persons && id == p.ID && forPeople(f.family):
		a.Of = Subject{register, id}
	case register == apply.Enterprises && slices.ContainsFunc(p.Enterprises, func(e Enterprise) bool { return e.ID == id }):
		a.Of = Subject{register, id}
	case sent.Get("of") == "other":
		f.draft.Values["_name"], f.draft.Values["_number"] = cut(sent.Get("name"), 200), cut(sent.Get("number"), 60)
		of, ward, err := f.site.office.Other(f.ctx(), f.person, f.draft.Values["_name"], f.draft.Values["_number"])
		if errs.Is(err, errs.NotFound) || errs.Is(err, errs.Invalid) {
			return append(problems, problem{Field: "name", Said: f.say("mend_other", nil)}), nil
		}
		if err != nil {
			return nil, err
		}
		a.Of, a.Ward, a.Named = of, ward, f.draft.Values["_name"]
	default:
		problems = append(problems, problem{Field: "of", Said: f.say("mend_of", nil)})
	}
	if len(problems) > 0 {
		return problems, nil
	}
	return nil, f.fetch()
}

// mayRead reports whether the registers may be asked for this application: of oneself,
// of an enterprise or a ward of one's own.
func (a *application) mayRead(person string) bool {
	return a.Agreed == "yes" && (a.Named == "" || a.Ward) && a.Of.ID != "" && person != ""
}

// fetch asks the register what it knows of the fields, and which certificates stand in
// for materials.
func (f *filling) fetch() error {
	a := &f.draft.App
	if !a.mayRead(f.person) {
		return nil
	}
	known, err := f.site.office.Known(f.ctx(), f.person, a.Of, f.family)
	if err != nil && !errs.Is(err, errs.Forbidden) && !errs.Is(err, errs.NotFound) {
		return err
	}
	a.Known = known
	for code, k := range known {
		f.draft.Values[code] = k.Value
	}
	if a.Named == "" {
		if a.Stands, err = f.site.office.Stands(f.ctx(), f.person, f.family); err != nil {
			return err
		}
	}
	return nil
}

// material is a material on its page.
type materialView struct {
	input
	Stands *Standing
	Defer  bool
	Later  bool
	Swap   bool   // a certificate may be handed in as a file
	Spared string // why it need not be handed in, "" where it is wanted
}

// materials are what the application rests on.
func (f *filling) materials(fields []matter.Field, problems []problem) []materialView {
	var out []materialView
	for _, field := range fields {
		m := f.material(field.Code)
		v := materialView{input: draw(f.lang, f.scope, field, "", problems)}
		v.Name = "m-" + field.Code
		v.Files, v.FilesLeft = fileViews(f.draft.App.Attached[field.Code], f.base+"/photo/"), maxFiles-f.draft.attachments()
		if s, ok := f.draft.App.Stands[field.Code]; ok {
			v.Stands = &s
		}
		if m != nil {
			v.Spared = f.spared(m)
			v.Required = v.Spared != "" || len(apply.Lacks(&matter.Service{Materials: []matter.Material{*m}}, nil)) > 0
			v.Defer, v.Swap, v.Later = m.Defer, m.Replaces != "", slices.Contains(f.draft.App.Later, m.Code)
		}
		out = append(out, v)
	}
	slices.SortStableFunc(out, func(a, b materialView) int { return cmp.Compare(min(1, len(a.Spared)), min(1, len(b.Spared))) })
	return out
}

// spared says why a material need not be handed in: the applicant lets us look, or will
// promise it in writing. "" where it is wanted, or is not wanted by its own hint.
func (f *filling) spared(m *matter.Material) string {
	switch {
	case m.Commit:
		return f.say("service_by_promise", nil)
	case (m.Item != "" || m.Source == "government") && f.draft.App.mayRead(f.person):
		return f.say("service_by_register", nil)
	}
	return ""
}

func (f *filling) material(code string) *matter.Material {
	if f.family.Service == nil {
		return nil
	}
	for i := range f.family.Service.Materials {
		if m := &f.family.Service.Materials[i]; m.Code == code {
			return m
		}
	}
	return nil
}

func (d *draft) attachments() (n int) {
	for _, files := range d.App.Attached {
		n += len(files)
	}
	return n
}

// takeMaterials adds the files that came for each material.
func (f *filling) takeMaterials(step wizardStep, sent *form) {
	a := &f.draft.App
	if a.Attached == nil {
		a.Attached = map[string][]File{}
	}
	a.Later = nil
	for _, field := range step.fields {
		if sent.Get("later-"+field.Code) == "yes" {
			a.Later = append(a.Later, field.Code)
		}
		for _, file := range sent.Of["m-"+field.Code] {
			if f.draft.attachments() >= maxFiles {
				sent.Refused = append(sent.Refused, refusal{file.Name, errs.E(errs.TooLarge, "portal.files_too_many", errs.Args{"max": maxFiles})})
				continue
			}
			a.Attached[field.Code] = append(a.Attached[field.Code], file)
		}
		if id := sent.Get("_remove"); id != "" {
			a.Attached[field.Code] = slices.DeleteFunc(a.Attached[field.Code], func(x File) bool { return x.ID == id })
		}
	}
}

// mostCertificate bounds a certificate that is handed in as a file.
const mostCertificate = 1 << 20

// handIn takes a certificate as a file instead of a material. What is wrong with it is
// said at once, and noted, so that a forged one does not only fail.
func (s *Site) handIn(f *filling) error {
	if err := f.slow(s.limits.upload, s.address(f.r)); err != nil {
		return err
	}
	f.r.Body = http.MaxBytesReader(f.w, f.r.Body, mostCertificate)
	if err := f.r.ParseMultipartForm(mostCertificate); err != nil {
		return formError(err)
	}
	code := f.r.PathValue("material")
	file, _, err := f.r.FormFile("files")
	if err != nil {
		return f.goTo(f.path(f.index(stepMaterials)))
	}
	raw, err := io.ReadAll(file)
	if err := errors.Join(err, file.Close()); err != nil {
		return err
	}
	f.step = f.index(stepMaterials)
	if f.step < 0 || f.material(code) == nil {
		return errs.E(errs.NotFound, "portal.error_not_found", nil)
	}
	stands, err := s.office.Inspect(f.ctx(), f.family, code, raw)
	if errs.Is(err, errs.Invalid) {
		return s.drawStep(f, 422, []problem{{Field: code, Said: text.Error(f.lang, err)}}, nil)
	}
	if err != nil {
		return err
	}
	if f.draft.App.Stands == nil {
		f.draft.App.Stands = map[string]Standing{}
	}
	f.draft.App.Stands[code] = stands
	if err := f.save(); err != nil {
		return err
	}
	return f.goTo(f.path(f.step))
}

// handed says what was handed in for each material.
func (f *filling) handed() map[string]apply.Handed {
	out := map[string]apply.Handed{}
	if f.family.Service == nil {
		return out
	}
	a := &f.draft.App
	for i := range f.family.Service.Materials {
		code := f.family.Service.Materials[i].Code
		out[code] = apply.Handed{Files: len(a.Attached[code]) > 0, Certificate: a.Stands[code].Number, Later: slices.Contains(a.Later, code)}
	}
	return out
}

// lacks tells which materials are still wanted.
func (f *filling) lacks() []problem {
	var out []problem
	for _, l := range apply.Lacks(f.family.Service, f.handed()) {
		out = append(out, problem{Field: l.Code, Said: f.say(l.Why, errs.Args{"title": l.Title})})
	}
	return out
}

// promises returns what the applicant has to promise in writing, nil for nothing.
func promises(f matter.Family) []string {
	if f.Service == nil || f.Service.Commit == nil {
		return nil
	}
	return f.Service.Commit.Promises
}

// byWay fills in the fields that the way of applying gives.
func (f *filling) byWay(filing *Filing) {
	a := &f.draft.App
	handed := f.handed()
	for code, s := range a.Stands { // with its name, as people read it
		if h := handed[code]; h.Certificate != "" {
			h.Certificate = s.Title + " " + s.Number
			handed[code] = h
		}
	}
	maps.Copy(filing.Fields, apply.ByWay(&f.family, handed, true))
	for _, field := range f.family.Fields {
		if files := a.Attached[field.Code]; len(files) > 0 {
			filing.Fields[field.Code] = fileIDs(files)
			filing.Files = append(filing.Files, files...)
		}
	}
	if f.person != "" {
		filing.Person, filing.Of, filing.Agreed = f.person, a.Of, a.mayRead(f.person)
		if filing.Of.ID == "" {
			filing.Of = Subject{apply.Persons, f.person}
		}
	}
}

// save keeps the draft; that of somebody who signed in is found again on any device.
func (f *filling) save() error {
	var list []Sealed
	if f.person != "" && f.draft.key != "" {
		var err error
		if list, err = f.site.drawer(f.visit, f.person, begunForm{f.base, f.family.Title, f.site.now()}, f.draft.Filed != nil); err != nil {
			return err
		}
	}
	return f.site.saveDraft(f.w, f.r, f.base, f.draft, list...)
}

// promiseMark is what the tick under the promises says: a promise that was read in
// another wording has to be read again.
func promiseMark(f matter.Family) string {
	sum := sha256.Sum256([]byte(strings.Join(promises(f), "\n")))
	return hex.EncodeToString(sum[:8])
}

// knownSaid lists what the register filled in.
func (f *filling) knownSaid() []answerView {
	var out []answerView
	for _, field := range f.family.Fields {
		if k, ok := f.draft.App.Known[field.Code]; ok {
			out = append(out, answerView{
				Title: titled(f.lang, "field", f.scope, field.Code, field.Title), Value: f.valueSaid(field, k.Value), Source: declaredText(f.lang, k.Source),
			})
		}
	}
	return out
}

// whoSaid repeats for whom it is.
func (f *filling) whoSaid(i int) []answerView {
	a := &f.draft.App
	said := f.say("who_self", nil)
	switch {
	case a.Named != "":
		said = a.Named
	case a.Of.Register == apply.Enterprises:
		said = f.say("who_enterprise", nil)
		if p, err := f.site.office.Person(f.ctx(), f.person); err == nil {
			for _, e := range p.Enterprises {
				if e.ID == a.Of.ID {
					said = e.Name
				}
			}
		}
	}
	return []answerView{{Title: heading{Text: f.say("who_for", nil)}, Value: heading{Text: said}, Change: f.path(i)}}
}

// materialsSaid repeats what was handed in.
func (f *filling) materialsSaid(i int, step wizardStep) []answerView {
	a := &f.draft.App
	var out []answerView
	for _, field := range step.fields {
		v := answerView{Title: declaredText(f.lang, field.Title), Change: f.path(i)}
		switch s, stands := a.Stands[field.Code]; {
		case len(a.Attached[field.Code]) > 0:
			v.Files = fileViews(a.Attached[field.Code], f.base+"/photo/")
		case stands:
			v.Value = heading{Text: f.say("material_stands", errs.Args{"title": s.Title})}
		case slices.Contains(a.Later, field.Code):
			v.Value = heading{Text: f.say("material_later", nil)}
		default:
			continue
		}
		out = append(out, v)
	}
	return out
}
