package matter

import (
	"slices"
	"strconv"

	"yiwang/internal/core/voucher"
)

// Service is an item of government service (政务服务事项): everything special to it
// stands in one file, service/CODE.yaml. Its elements are those of GB/T 39046-2020;
// from them come its guide, its form, its clocks and, where it names a lifecycle, a
// family with a single matter, so that applying for it needs no code.
type Service struct {
	Code  string `yaml:"code" need:"yes"`  // its file, its address and its family
	Title string `yaml:"title" need:"yes"` // official name
	From  string `yaml:"from"`             // first day of this edition, "2026-01-01"; "" is ever since
	To    string `yaml:"to"`               // last day; another file of the same code holds the next edition

	// What it is.
	Base    string   `yaml:"base"`                                                                                                            // 基本编码, the same wherever the item is exercised
	Number  string   `yaml:"number"`                                                                                                          // 实施编码, of this unit's
	Type    string   `yaml:"type" need:"yes" oneof:"permit penalty coercion levy payment inspection confirmation reward ruling other public"` // 事项类型, see ServiceTypes
	Level   string   `yaml:"level" need:"yes" oneof:"national province city district street village graded"`                                  // 行使层级
	Unit    string   `yaml:"unit" need:"yes"`                                                                                                 // 实施主体, a unit's code
	Body    string   `yaml:"body" oneof:"statutory authorised entrusted"`                                                                     // 主体性质; "" is statutory
	Credit  string   `yaml:"credit"`                                                                                                          // the unit's credit code
	Power   string   `yaml:"power"`                                                                                                           // 权限划分: what this level decides
	Content string   `yaml:"content"`                                                                                                         // 行使内容
	Basis   []string `yaml:"basis"`                                                                                                           // 设定依据: laws with their clauses
	For     []string `yaml:"for" oneof:"person enterprise institution organisation agency other"`                                             // 服务对象
	Themes  []string `yaml:"themes"`                                                                                                          // topics and life events, codes of service/themes.csv
	Asked   []string `yaml:"asked"`                                                                                                           // how people ask for it
	Mode    string   `yaml:"mode" oneof:"ordinary instant commitment credit automatic"`                                                       // 审批方式; "" is ordinary
	Channel []string `yaml:"channels" oneof:"window pc mobile courier kiosk home other"`                                                      // 办理形式
	Scope   []string `yaml:"scope" oneof:"national provinces province city district bay paired"`                                              // 通办范围; none is only where the applicant belongs
	NotAt   []string `yaml:"not_at"`                                                                                                          // negative list: units at whose halls it cannot be had in spite of the scope
	Depth   string   `yaml:"depth" oneof:"none guide reserve apply full"`                                                                     // 网办深度: full is from the application to the result
	Visits  int      `yaml:"visits"`                                                                                                          // 到办事现场次数
	Booking bool     `yaml:"booking"`                                                                                                         // 预约办理
	Pay     bool     `yaml:"pay"`                                                                                                             // 网上支付
	Post    bool     `yaml:"post"`                                                                                                            // 物流快递

	// What it takes.
	Instant    bool       `yaml:"instant"`    // 即办件: decided on the spot; else 承诺件
	Legal      Term       `yaml:"legal"`      // 法定办结时限
	Promised   Term       `yaml:"promised"`   // 承诺办结时限
	Conditions []string   `yaml:"conditions"` // 受理条件
	Rule       string     `yaml:"rule"`       // the decision table that decides, or says whether the conditions are met
	Quota      string     `yaml:"quota"`      // 数量限制; "" is none
	Materials  []Material `yaml:"materials"`
	Steps      []string   `yaml:"steps"`        // 办理流程
	Special    []Special  `yaml:"special"`      // 特别程序
	Joint      []string   `yaml:"joint"`        // 联办机构, units' codes
	Mediation  string     `yaml:"intermediary"` // 中介服务; "" is none
	Fee        string     `yaml:"fee"`          // what is charged, in words; "" is nothing
	FeeBasis   string     `yaml:"fee_basis"`
	Result     Result     `yaml:"result"`
	Places     []Window   `yaml:"windows"`  // 办理地点
	Ask        string     `yaml:"ask"`      // 咨询电话
	Complain   string     `yaml:"complain"` // 监督投诉电话
	Remedy     string     `yaml:"remedy"`   // 行政复议、诉讼: whom to turn to; "" is what the law says of the unit's level
	Answers    []Answered `yaml:"faq"`      // 常见问题

	// How it runs here. An item without a lifecycle has a guide and no form.
	Lifecycle string       `yaml:"lifecycle"`
	RuleSets  []string     `yaml:"rule_sets"` // clock rule sets; their limits "legal" and "promised" are this item's
	Natures   []string     `yaml:"natures"`
	Fields    []Field      `yaml:"fields"`
	Duty      *DutyYAML    `yaml:"duty"`    // who answers at which place; none is Unit everywhere
	Results   []string     `yaml:"results"` // results a case may end with
	Keep      int          `yaml:"keep"`    // years after closing for which what is personal is kept, 0 for good
	Guide     string       `yaml:"guide"`   // what somebody should know first, in a sentence or two
	Commit    *Commitment  `yaml:"commitment"`
	Remind    []int        `yaml:"remind"`  // days before its certificate ends on which the holder is told
	Renew     string       `yaml:"renew"`   // the service by which the certificate is renewed; "" is this one
	Parts     []Part       `yaml:"parts"`   // the items of a bundle (一件事)
	Entitle   *Entitlement `yaml:"entitle"` // who has it without applying (免申即享)

	Certificates []*voucher.Kind `yaml:"certificates"` // kinds of certificate that are this item's alone, like files of voucher/
}

// Term is a limit in days.
type Term struct {
	Days int    `yaml:"days"` // 0 is none, or on the spot for an instant item
	In   string `yaml:"in" oneof:"working natural"`
	Note string `yaml:"note"`
}

// Limit writes a term as a clock's limit and mode; false where there is none. What
// is decided on the spot is decided on the day.
func (t Term) Limit(instant bool) (limit, mode string, ok bool) {
	mode = t.In
	if mode == "" {
		mode = "working"
	}
	switch {
	case t.Days > 0:
		return strconv.Itoa(t.Days) + "d", mode, true
	case instant:
		return "1d", mode, true
	}
	return "", "", false
}

// Material is something an application rests on.
type Material struct {
	Code     string `yaml:"code" need:"yes"`
	Title    string `yaml:"title" need:"yes"`
	Hint     string `yaml:"hint"`
	Issuer   string `yaml:"issuer"`                                           // who makes it out
	Kind     string `yaml:"kind" oneof:"original copy either"`                // "" is either
	Form     string `yaml:"form" oneof:"paper electronic either"`             // "" is either
	Count    int    `yaml:"count"`                                            // copies; 0 is one
	Optional bool   `yaml:"optional"`                                         // only in the case that Hint tells
	Replaces string `yaml:"replaces"`                                         // kind of certificate that replaces it: who has one need not bring it
	Item     string `yaml:"item"`                                             // register item ("housing.owner") that replaces it
	Defer    bool   `yaml:"defer"`                                            // 容缺: may be handed in later
	Commit   bool   `yaml:"commit"`                                           // 告知承诺: a written promise replaces it
	Sample   string `yaml:"sample"`                                           // address of a sample
	Proof    bool   `yaml:"proof"`                                            // 证明材料: another body attests something
	Basis    string `yaml:"basis"`                                            // by what a proof may be asked for
	Source   string `yaml:"source" oneof:"applicant government intermediary"` // 来源渠道; "" is the applicant
}

// Needed reports whether an applicant has to hand it in with the application.
func (m *Material) Needed() bool {
	return !m.Optional && !m.Defer && !m.Commit && m.Replaces == "" && m.Item == ""
}

// Special is a step outside the ordinary way (特别程序): a hearing, an expert review.
type Special struct {
	Title   string `yaml:"title" need:"yes"`
	Days    int    `yaml:"days"`
	Counted bool   `yaml:"counted"` // whether it counts towards the legal limit (行政许可法第四十五条)
	Basis   string `yaml:"basis"`
}

// Result is what an application ends with.
type Result struct {
	Title   string `yaml:"title"`
	Voucher string `yaml:"voucher"` // kind of certificate that it ends with, as "result" in its lifecycle; "" is none
	Sample  string `yaml:"sample"`  // address of a sample
}

// Window is a place where it can be had.
type Window struct {
	Title   string `yaml:"title" need:"yes"`
	Address string `yaml:"address" need:"yes"`
	Hours   string `yaml:"hours" need:"yes"`
	Phone   string `yaml:"phone"`
}

// Answered is a frequent question and its answer.
type Answered struct {
	Q string `yaml:"q" need:"yes"`
	A string `yaml:"a" need:"yes"`
}

// Commitment is what an applicant may promise instead of proving it (告知承诺).
type Commitment struct {
	Promises []string `yaml:"promises" need:"yes"` // what is promised, sentence by sentence
	Check    string   `yaml:"check"`               // "30d": within which it is checked after the decision
	Broken   string   `yaml:"broken"`              // what follows where the promise was not true
}

// Part is an item of a bundle.
type Part struct {
	Service  string `yaml:"service" need:"yes"`
	Optional bool   `yaml:"optional"`
}

// ServiceTypes are the types of an item with their codes in GB/T 39046.
var ServiceTypes = map[string]string{
	"permit": "01", "penalty": "02", "coercion": "03", "levy": "04", "payment": "05", "inspection": "06", "confirmation": "07",
	"reward": "08", "ruling": "09", "other": "10", "public": "20",
}

// Live reports whether the item can be applied for here.
func (s *Service) Live() bool { return s.Lifecycle != "" }

// Missing returns the elements that a guide must have and this one has not, by their
// keys in the file. Of an item that can be applied for here none may lack.
func (s *Service) Missing() []string {
	var out []string
	lacks := func(key string, is bool) {
		if is {
			out = append(out, key)
		}
	}
	lacks("base", s.Base == "")
	lacks("number", s.Number == "")
	lacks("unit", s.Unit == "")
	lacks("basis", len(s.Basis) == 0)
	lacks("for", len(s.For) == 0)
	lacks("channels", len(s.Channel) == 0)
	lacks("depth", s.Depth == "")
	lacks("legal", s.Legal.Days == 0 && s.Legal.Note == "")
	lacks("promised", s.Promised.Days == 0 && !s.Instant)
	lacks("conditions", len(s.Conditions) == 0 && s.Rule == "")
	lacks("result", s.Result.Title == "")
	lacks("ask", s.Ask == "")
	lacks("complain", s.Complain == "")
	return out
}

// Differs returns the elements, by their keys in the file, in which two items of the
// same base code do not agree though they must: whoever exercises it, an item has one
// name, type, basis, legal limit, conditions, materials and result.
func (s *Service) Differs(o *Service) []string {
	var out []string
	differs := func(key string, is bool) {
		if is {
			out = append(out, key)
		}
	}
	differs("title", s.Title != o.Title)
	differs("type", s.Type != o.Type)
	differs("basis", !slices.Equal(s.Basis, o.Basis))
	differs("legal", s.Legal.Days != o.Legal.Days)
	differs("for", !slices.Equal(slices.Sorted(slices.Values(s.For)), slices.Sorted(slices.Values(o.For))))
	differs("conditions", !slices.Equal(s.Conditions, o.Conditions))
	differs("materials", !slices.EqualFunc(s.Materials, o.Materials, func(a, b Material) bool { return a.Title == b.Title && a.Optional == b.Optional }))
	differs("result", s.Result.Title != o.Result.Title)
	differs("fee", s.Fee != o.Fee)
	return out
}

// Online reports whether it can be applied for without a window.
func (s *Service) Online() bool {
	return slices.Contains(s.Channel, "pc") || slices.Contains(s.Channel, "mobile")
}

// InForce reports whether this edition is in force on a day.
func (s *Service) InForce(day string) bool { return s.From <= day && (s.To == "" || day <= s.To) }
