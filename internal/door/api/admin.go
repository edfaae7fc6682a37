package api

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"yiwang/internal/base/errs"
	"yiwang/internal/core/org"
	"yiwang/internal/work/view"
)

func (s *server) adminRoutes(api huma.API) {
	route(s, api, op("adminListStaff", http.MethodGet, "/api/admin/staff", "People and their accounts"), administrator, s.adminListStaff)
	route(s, api, op("adminAddStaff", http.MethodPost, "/api/admin/staff", "Enter a person"), administrator, s.adminAddStaff)
	route(s, api, op("adminEditStaff", http.MethodPatch, "/api/admin/staff/{id}", "Change a person"), administrator, s.adminEditStaff)
	route(s, api, op("adminLeave", http.MethodPost, "/api/admin/staff/{id}/leave", "Somebody leaves: their cases go to another"), administrator, s.adminLeave)
	route(s, api, op("adminListUnits", http.MethodGet, "/api/admin/units", "All units"), administrator, s.listUnits)
	route(s, api, op("adminAddUnit", http.MethodPost, "/api/admin/units", "Enter a unit"), administrator, s.adminAddUnit)
	route(s, api, op("adminEditUnit", http.MethodPatch, "/api/admin/units/{code}", "Change a unit"), administrator, s.adminEditUnit)
	route(s, api, op("adminListKeys", http.MethodGet, "/api/admin/keys", "Machine keys"), administrator, s.adminListKeys)
	route(s, api, op("adminMakeKey", http.MethodPost, "/api/admin/keys", "Make a machine key"), administrator, s.adminMakeKey)
	route(s, api, op("adminEndKey", http.MethodDelete, "/api/admin/keys/{id}", "End a machine key"), administrator, s.adminEndKey)
	route(s, api, op("adminAudit", http.MethodGet, "/api/admin/audit", "Sign-ins and edits, newest first"), administrator, s.adminAudit)
}

// StaffRow is a person with what decides their rights.
type StaffRow struct {
	ID       string   `json:"id"`
	Login    string   `json:"login"`
	Name     string   `json:"name"`
	Unit     string   `json:"unit"`
	UnitName string   `json:"unit_name"`
	Roles    []string `json:"roles" nullable:"false"`
	Phone    string   `json:"phone" doc:"Mobile, for text messages while on duty; empty for none"`
	OnDuty   bool     `json:"on_duty" doc:"On the roster of the unit now"`
	Active   bool     `json:"active"`
	Demo     bool     `json:"demo"`
}

func (s *server) adminListStaff(_ context.Context, _ *caller, _ *struct{}) (*body[items[StaffRow]], error) {
	out := items[StaffRow]{Items: []StaffRow{}}
	for _, p := range s.Staff.Directory().AllStaff() {
		out.Items = append(out.Items, s.staffRow(p))
	}
	return answer(out), nil
}

func (s *server) staffRow(p org.Staff) StaffRow {
	return StaffRow{ID: p.ID, Login: p.ID, Name: p.Name, Unit: p.Unit, UnitName: s.unitName(p.Unit), Roles: list(p.Roles), Phone: p.Phone,
		OnDuty: slices.Contains(s.Staff.Directory().OnDuty(p.Unit, time.UnixMilli(s.DB.Now())), p.ID), Active: p.Active, Demo: p.Demo}
}

type addStaffInput struct {
	Body struct {
		ID       string   `json:"id,omitempty" maxLength:"100"`
		Login    string   `json:"login,omitempty" maxLength:"100" doc:"The same as id"`
		Name     string   `json:"name" maxLength:"200"`
		Unit     string   `json:"unit" maxLength:"60"`
		Roles    []string `json:"roles" maxItems:"20" nullable:"false"`
		Phone    string   `json:"phone,omitempty" maxLength:"30"`
		Password string   `json:"password,omitempty" maxLength:"400" doc:"A first one, to be changed at once"`
	}
}

func (s *server) adminAddStaff(ctx context.Context, c *caller, in *addStaffInput) (*body[StaffRow], error) {
	b := &in.Body
	p := org.Staff{ID: b.ID, Name: b.Name, Unit: b.Unit, Roles: b.Roles, Phone: b.Phone, Active: true}
	if p.ID == "" {
		p.ID = b.Login
	}
	if err := s.Staff.AddStaff(ctx, c.actor, p, b.Password); err != nil {
		return nil, err
	}
	return s.staffAnswer(p.ID)
}

func (s *server) staffAnswer(id string) (*body[StaffRow], error) {
	p, ok := s.Staff.Directory().Staff(id)
	if !ok {
		return nil, errs.E(errs.NotFound, "org.no_staff", nil)
	}
	return answer(s.staffRow(p)), nil
}

type editStaffInput struct {
	ID   string `path:"id" maxLength:"100"`
	Body struct {
		Name     *string   `json:"name,omitempty" maxLength:"200"`
		Unit     *string   `json:"unit,omitempty" maxLength:"60"`
		Roles    *[]string `json:"roles,omitempty"`
		Phone    *string   `json:"phone,omitempty" maxLength:"30"`
		Active   *bool     `json:"active,omitempty"`
		Password *string   `json:"password,omitempty" maxLength:"400"`
	}
}

func (s *server) adminEditStaff(ctx context.Context, c *caller, in *editStaffInput) (*body[StaffRow], error) {
	b := &in.Body
	err := s.Staff.EditStaff(ctx, c.actor, in.ID, org.StaffEdit{Name: b.Name, Unit: b.Unit, Roles: b.Roles, Phone: b.Phone, Active: b.Active, Password: b.Password})
	if err != nil {
		return nil, err
	}
	return s.staffAnswer(in.ID)
}

type leaveInput struct {
	ID   string `path:"id" maxLength:"100"`
	Body struct {
		To string `json:"to,omitempty" maxLength:"100" doc:"Who takes the cases over; empty lets them go"`
	}
}

// Left says how many cases a leaver handed over.
type Left struct {
	Cases int `json:"cases"`
}

func (s *server) adminLeave(ctx context.Context, c *caller, in *leaveInput) (*body[Left], error) {
	if in.ID == c.actor.ID {
		return nil, errs.E(errs.Conflict, "org.not_yourself", nil)
	}
	if in.Body.To == in.ID {
		return nil, errs.E(errs.Invalid, "api.to_self", nil).At("to")
	}
	if p, ok := s.Staff.Directory().Staff(in.Body.To); in.Body.To != "" && (!ok || !p.Active) {
		return nil, errs.E(errs.Invalid, "org.no_staff", nil).At("to")
	}
	// First nobody can sign in or be assigned to any more, then the cases go.
	gone := false
	if err := s.Staff.EditStaff(ctx, c.actor, in.ID, org.StaffEdit{Active: &gone}); err != nil {
		return nil, err
	}
	n, err := s.Cases.HandOver(ctx, c.actor, in.ID, in.Body.To)
	return answer(Left{n}), err
}

type addUnitInput struct {
	Body struct {
		Code     string `json:"code" maxLength:"60"`
		Name     string `json:"name" maxLength:"200"`
		Short    string `json:"short,omitempty" maxLength:"200"`
		Kind     string `json:"kind" enum:"centre,department,street,office,community,utility,partner"`
		Parent   string `json:"parent" maxLength:"60"`
		Area     string `json:"area,omitempty" maxLength:"60"`
		Function string `json:"function,omitempty" maxLength:"60"`
		Phone    string `json:"phone,omitempty" maxLength:"40"`
		Night    bool   `json:"night,omitempty"`
		Approval bool   `json:"approval,omitempty"`
	}
}

func (s *server) adminAddUnit(ctx context.Context, c *caller, in *addUnitInput) (*body[Unit], error) {
	b := &in.Body
	if _, ok := s.City.Places.Area(b.Area); b.Area != "" && !ok {
		return nil, errs.E(errs.Invalid, "cases.unknown_area", errs.Args{"area": ""}).At("area")
	}
	u := org.Unit{Code: b.Code, Name: b.Name, Short: b.Short, Kind: org.UnitKind(b.Kind), Parent: b.Parent, Area: b.Area,
		Function: b.Function, Phone: b.Phone, Night: b.Night, Approval: b.Approval}
	if err := s.Staff.AddUnit(ctx, c.actor, u); err != nil {
		return nil, err
	}
	return s.unitAnswer(b.Code)
}

func (s *server) unitAnswer(code string) (*body[Unit], error) {
	u, ok := s.Staff.Directory().Unit(code)
	if !ok {
		return nil, errs.E(errs.NotFound, "org.no_unit", nil)
	}
	return answer(unitOf(u)), nil
}

type editUnitInput struct {
	Code string `path:"code" maxLength:"60"`
	Body struct {
		Name     *string `json:"name,omitempty" maxLength:"200"`
		Short    *string `json:"short,omitempty" maxLength:"200"`
		Function *string `json:"function,omitempty" maxLength:"60"`
		Phone    *string `json:"phone,omitempty" maxLength:"40"`
		Night    *bool   `json:"night,omitempty"`
		Approval *bool   `json:"approval,omitempty"`
		Active   *bool   `json:"active,omitempty" doc:"A unit with open cases cannot end"`
	}
}

func (s *server) adminEditUnit(ctx context.Context, c *caller, in *editUnitInput) (*body[Unit], error) {
	b := &in.Body
	if b.Active != nil && !*b.Active {
		n, err := s.View.Total(ctx, org.Machine("admin"), view.Query{Unit: in.Code, Open: true})
		if err != nil {
			return nil, err
		}
		if n > 0 {
			return nil, errs.E(errs.Conflict, "api.unit_busy", errs.Args{"n": n})
		}
	}
	err := s.Staff.EditUnit(ctx, c.actor, in.Code, org.UnitEdit{Name: b.Name, Short: b.Short, Function: b.Function, Phone: b.Phone,
		Night: b.Night, Approval: b.Approval, Active: b.Active})
	if err != nil {
		return nil, err
	}
	return s.unitAnswer(in.Code)
}

// MachineKey is how another system comes in.
type MachineKey struct {
	ID        string   `json:"id"`
	Name      string   `json:"name"`
	Channel   string   `json:"channel"`
	Unit      string   `json:"unit"`
	UnitName  string   `json:"unit_name"`
	Roles     []string `json:"roles" nullable:"false"`
	CreatedAt int64    `json:"created_at"`
	Active    bool     `json:"active"`
	Key       string   `json:"key,omitempty" doc:"The secret, in clear for this once"`
}

func (s *server) machineKey(k org.Key) MachineKey {
	return MachineKey{ID: k.ID, Name: k.Name, Channel: k.Channel, Unit: k.Unit, UnitName: s.unitName(k.Unit), Roles: list(k.Roles), CreatedAt: k.At, Active: k.Active}
}

func (s *server) adminListKeys(ctx context.Context, _ *caller, _ *struct{}) (*body[items[MachineKey]], error) {
	all, err := s.Staff.Keys(ctx)
	out := items[MachineKey]{Items: []MachineKey{}}
	for _, k := range all {
		out.Items = append(out.Items, s.machineKey(k))
	}
	return answer(out), err
}

type keyInput struct {
	Body struct {
		Name    string   `json:"name" maxLength:"200"`
		Channel string   `json:"channel,omitempty" maxLength:"60"`
		Unit    string   `json:"unit,omitempty" maxLength:"60" doc:"The dispatch centre where empty"`
		Roles   []string `json:"roles,omitempty" maxItems:"20" nullable:"false" doc:"The roles that only take messages in where empty"`
	}
}

func (s *server) adminMakeKey(ctx context.Context, c *caller, in *keyInput) (*body[MachineKey], error) {
	k := org.Key{Name: in.Body.Name, Channel: in.Body.Channel, Unit: in.Body.Unit, Roles: in.Body.Roles}
	if _, ok := s.City.Channel(k.Channel); k.Channel != "" && !ok {
		return nil, errs.E(errs.Invalid, "api.no_channel", nil).At("channel")
	}
	if k.Unit == "" {
		k.Unit = s.City.Centre
	}
	for _, r := range k.Roles {
		if role, _ := s.Staff.Directory().Role(r); role.Admin {
			return nil, errs.E(errs.Forbidden, "api.key_admin", nil).At("roles")
		}
	}
	if len(k.Roles) == 0 {
		k.Roles = []string{narrowestRole(s.Staff.Directory())}
	}
	made, secret, err := s.Staff.MakeKey(ctx, c.actor, k)
	out := s.machineKey(made)
	out.Key = secret
	return answer(out), err
}

// narrowestRole returns the role that sees least and opens least: what a system
// gets that only hands messages in.
func narrowestRole(d *org.Directory) string {
	best, width := "", 100
	for _, r := range d.Roles() {
		w := map[org.Scope]int{org.SeesOwn: 0, org.SeesUnit: 10, org.SeesSubtree: 20, org.SeesAll: 30}[r.Sees] + len(r.Desks)
		if !r.Admin && !r.Reveals && !r.Exports && w < width {
			best, width = r.Code, w
		}
	}
	return best
}

func (s *server) adminEndKey(ctx context.Context, c *caller, in *idInput) (*struct{}, error) {
	return nil, s.Staff.RevokeKey(ctx, c.actor, in.ID)
}

// AuditRow is something that was done to people, units, keys or sessions.
type AuditRow struct {
	ID      string          `json:"id"`
	At      int64           `json:"at"`
	Actor   string          `json:"actor"`
	Kind    string          `json:"kind"`
	Subject string          `json:"subject"`
	Detail  json.RawMessage `json:"detail"`
}

type auditInput struct {
	Before string `query:"before" maxLength:"40"`
	Limit  int    `query:"limit" minimum:"1" maximum:"500" default:"100"`
}

func (s *server) adminAudit(ctx context.Context, _ *caller, in *auditInput) (*body[items[AuditRow]], error) {
	all, err := s.Staff.Audit(ctx, in.Before, in.Limit)
	out := items[AuditRow]{Items: []AuditRow{}}
	for _, a := range all {
		out.Items = append(out.Items, AuditRow{ID: a.ID, At: a.At, Actor: a.Actor, Kind: a.Kind, Subject: a.Subject, Detail: json.RawMessage(a.Detail)})
	}
	return answer(out), err
}
