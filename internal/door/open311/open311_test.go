package open311_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"yiwang/internal/base/sqldb/sqldbtest"
	"yiwang/internal/core/cases"
	"yiwang/internal/core/org"
	"yiwang/internal/door/api/apitest"
	"yiwang/internal/door/open311"
)

// door opens the door on a house and hands out a key of a channel.
func door(t *testing.T, h *apitest.House) (at string) {
	t.Helper()
	s := httptest.NewServer(open311.New(open311.Deps{DB: h.DB, City: h.City, Staff: h.Staff, Cases: h.Cases, View: h.View, Desk: h.Desk,
		Files: h.Files, Site: "https://one.example"}))
	t.Cleanup(s.Close)
	return s.URL + open311.Base
}

func key(t *testing.T, h *apitest.House, channel string) string {
	t.Helper()
	_, secret, err := h.Staff.MakeKey(t.Context(), org.Machine("test"), org.Key{Name: "随手拍应用", Channel: channel, Unit: "centre", Roles: []string{"partner"}})
	if err != nil {
		t.Fatal(err)
	}
	return secret
}

func find(t *testing.T, h *apitest.House, number string) cases.Case {
	t.Helper()
	c, err := h.Cases.ByNumber(t.Context(), number)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// ask sends a request and reads the answer as JSON.
func ask(t *testing.T, method, at string, form url.Values, want int) []map[string]any {
	t.Helper()
	var body io.Reader
	if method == http.MethodPost {
		body = strings.NewReader(form.Encode())
	} else if len(form) > 0 {
		at += "?" + form.Encode()
	}
	req, err := http.NewRequestWithContext(t.Context(), method, at, body)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if resp.StatusCode != want {
		t.Fatalf("%s %s: HTTP %d, want %d: %s", method, at, resp.StatusCode, want, raw)
	}
	var out []map[string]any
	if err := json.Unmarshal(raw, &out); err != nil {
		t.Fatalf("%s: %v: %s", at, err, raw)
	}
	return out
}

// An application of a neighbourhood reports for a citizen, follows the case, and
// passes on what the citizen adds; strangers learn where it stands and no more.
func TestOthersReportForCitizens(t *testing.T) {
	apitest.Run(t, func(t *testing.T, h *apitest.House) {
		at, app, other := door(t, h), key(t, h, "volunteer"), key(t, h, "app")
		dispatcher, clerk := h.As(t, "fenbo"), h.As(t, "shoufa")

		filed := ask(t, "POST", at+"requests.json", url.Values{"api_key": {app}, "service_code": {"appeal"}, "lat": {"22.5431"}, "long": {"114.0579"},
			"address_string": {"农林路18号门口"}, "description": {"路面塌了一个大坑，我姓欧阳，电话13812345678"}, "first_name": {"娜娜"}, "last_name": {"欧阳"}}, 200)
		number, _ := filed[0]["service_request_id"].(string)
		if notice, _ := filed[0]["service_notice"].(string); number == "" || !strings.Contains(notice, "查询码") || !strings.Contains(notice, "https://one.example/track") {
			t.Fatalf("filed: %v", filed)
		}

		seen := ask(t, "GET", at+"requests/"+number+".json", nil, 200)[0]
		for _, private := range []string{"13812345678", "欧阳", "农林路18号"} {
			if raw, _ := json.Marshal(seen); strings.Contains(string(raw), private) {
				t.Errorf("a stranger reads %s: %s", private, raw)
			}
		}
		if seen["status"] != "open" || seen["lat"] != 22.543 || seen["requested_datetime"] != "2026-11-23T10:00:00+08:00" {
			t.Errorf("a stranger sees %v", seen)
		}
		own := ask(t, "GET", at+"requests/"+number+".json", url.Values{"api_key": {app}}, 200)[0]
		if said, _ := own["description"].(string); !strings.Contains(said, "路面塌了") || strings.Contains(said, "13812345678") || own["lat"] != 22.5431 {
			t.Errorf("the application sees %v", own)
		}

		id := find(t, h, number).ID
		h.Clock.Pass(time.Minute)
		dispatcher.Act(id, "dispatch", apitest.M{"matter": "030503", "unit": "st-xiangmihu-um"}).OK()
		h.Clock.Pass(time.Minute)
		clerk.Act(id, "sign", nil).OK()
		h.Clock.Pass(time.Minute)
		told := ask(t, "GET", at+"servicerequestupdates.json", url.Values{"api_key": {app}}, 200)
		if len(told) != 2 || told[0]["status"] != "INTERNAL_REFERRAL" || told[1]["status"] != "INVESTIGATING" || told[1]["service_request_id"] != number {
			t.Errorf("told: %v", told)
		}
		if strangers := ask(t, "GET", at+"servicerequestupdates.json", url.Values{"api_key": {other}}, 200); len(strangers) != 0 {
			t.Errorf("another channel is told %v", strangers)
		}

		more := url.Values{"api_key": {app}, "service_request_id": {number}, "update_id": {"7"}, "status": {"OPEN"}, "description": {"坑又大了"}}
		first := ask(t, "POST", at+"servicerequestupdates.json", more, 200)
		again := ask(t, "POST", at+"servicerequestupdates.json", more, 200)
		if first[0]["update_id"] != again[0]["update_id"] {
			t.Errorf("sent twice, taken twice: %v, %v", first, again)
		}
		more.Set("api_key", other)
		ask(t, "POST", at+"servicerequestupdates.json", more, 404)
		ask(t, "POST", at+"servicerequestupdates.json", url.Values{"api_key": {app}, "service_request_id": {number}, "update_id": {"8"}, "status": {"CANCELLED"}}, 200)
		if gone := ask(t, "GET", at+"requests/"+number+".json", nil, 200)[0]; gone["status"] != "closed" {
			t.Errorf("taken back: %v", gone)
		}
	})
}

// What cannot be taken is refused with what to mend, and nothing is filed.
func TestRefusals(t *testing.T) {
	h := apitest.Open(t, sqldbtest.SQLiteURL)
	at, app, reads := door(t, h), key(t, h, "app"), key(t, h, "")
	for name, c := range map[string]struct {
		form url.Values
		want int
		says string
	}{
		"a key that only reads":      {url.Values{"api_key": {reads}}, 403, "只能读取"},
		"no service":                 {url.Values{}, 400, "service_code"},
		"an unknown service":         {url.Values{"service_code": {"999"}}, 404, "服务"},
		"another city":               {url.Values{"jurisdiction_id": {"chicago"}, "service_code": {"appeal"}}, 404, "辖区"},
		"no place":                   {url.Values{"service_code": {"appeal"}, "description": {"x"}}, 400, "地点"},
		"an unknown area":            {url.Values{"service_code": {"appeal"}, "description": {"x"}, "address_id": {"000"}}, 400, "区域"},
		"half a point":               {url.Values{"service_code": {"appeal"}, "description": {"x"}, "lat": {"22"}}, 400, "经纬度"},
		"a point off the earth":      {url.Values{"service_code": {"appeal"}, "description": {"x"}, "lat": {"NaN"}, "long": {"114"}}, 400, "经纬度"},
		"nothing said":               {url.Values{"service_code": {"appeal"}, "address_string": {"某路"}}, 400, ""},
		"a file of the server":       {url.Values{"service_code": {"appeal"}, "description": {"x"}, "address_string": {"某路"}, "media_url": {"file:///etc/passwd"}}, 400, "http"},
		"an attribute nobody asked":  {url.Values{"service_code": {"appeal"}, "description": {"x"}, "address_string": {"某路"}, "attribute[x]": {"1"}}, 400, "属性"},
		"a form with a gap":          {url.Values{"service_code": {"street-stall"}, "address_string": {"某路"}, "first_name": {"甲"}, "phone": {"13800000000"}}, 400, "请填写"},
		"a choice that is none":      {stall("plutonium"), 400, ""},
		"more than the limit allows": {url.Values{"service_code": {"appeal"}, "description": {strings.Repeat("长", 4001)}, "address_string": {"某路"}}, 400, "4001"},
	} {
		t.Run(name, func(t *testing.T) {
			if c.form.Get("api_key") == "" {
				c.form.Set("api_key", app)
			}
			refused := ask(t, "POST", at+"requests.json", c.form, c.want)
			if say, _ := refused[0]["description"].(string); !strings.Contains(say, c.says) || say == "" {
				t.Errorf("says %q", say)
			}
		})
	}
	if listed := ask(t, "GET", at+"requests.json", nil, 200); len(listed) != 0 {
		t.Errorf("filed all the same: %v", listed)
	}
}

func stall(goods string) url.Values {
	return url.Values{"service_code": {"street-stall"}, "address_string": {"某路"}, "first_name": {"甲"}, "phone": {"13800000000"},
		"attribute[goods]": {goods}, "attribute[from]": {"2026-12-01"}, "attribute[days]": {"7"}}
}

// A permit is filed by the same door: its form is the service definition.
func TestAPermitByTheSameDoor(t *testing.T) {
	h := apitest.Open(t, sqldbtest.SQLiteURL)
	at, app := door(t, h), key(t, h, "app")
	form := stall("fruit")
	form.Set("api_key", app)
	filed := ask(t, "POST", at+"requests.json", form, 200)
	number, _ := filed[0]["service_request_id"].(string)
	if c := find(t, h, number); c.Family != "street-stall" || c.Unit == "" {
		t.Errorf("filed %+v", c)
	}
}

// Pages through a list meet every case once, and no picture is taken for what it
// is not.
func TestPages(t *testing.T) {
	h := apitest.Open(t, sqldbtest.SQLiteURL)
	at, app := door(t, h), key(t, h, "app")
	want := map[any]bool{}
	for _, where := range []string{"甲路", "乙路", "丙路", "丁路", "戊路"} {
		h.Clock.Pass(time.Second)
		filed := ask(t, "POST", at+"requests.json", url.Values{"api_key": {app}, "service_code": {"appeal"}, "address_string": {where}, "description": {where + "的路灯不亮"}}, 200)
		want[filed[0]["service_request_id"]] = true
	}
	for _, page := range []string{"1", "2", "3", "4"} {
		for _, r := range ask(t, "GET", at+"requests.json", url.Values{"page": {page}, "page_size": {"2"}}, 200) {
			if !want[r["service_request_id"]] {
				t.Errorf("page %s repeats %v", page, r["service_request_id"])
			}
			delete(want, r["service_request_id"])
		}
	}
	if len(want) > 0 {
		t.Errorf("on no page: %v", want)
	}
}

// Whatever is asked, the answer is in the format asked for and never a failure of
// the house.
func FuzzAsking(f *testing.F) {
	h := apitest.Open(f, sqldbtest.SQLiteURL)
	door := open311.New(open311.Deps{DB: h.DB, City: h.City, Staff: h.Staff, Cases: h.Cases, View: h.View, Desk: h.Desk, Files: h.Files})
	for _, seed := range [][2]string{
		{"requests", "status=open&page=2&page_size=1"}, {"requests/1", "extensions=true"}, {"services/appeal", ""}, {"tokens/%00", "x=%zz"},
		{"requests", "lat=1e999&long=NaN&radius=-1"}, {"requests", "start_date=9999-12-31T23:59:59Z&end_date=0001-01-01"},
		{"requests", "service_request_id=,,,%EF%BF%BE"}, {"servicerequestupdates", "api_key=ywk_x"},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, path, query string) {
		r := &http.Request{Method: http.MethodGet, URL: &url.URL{Path: open311.Base + path + ".json", RawQuery: query}, Header: http.Header{}, Body: http.NoBody}
		w := httptest.NewRecorder()
		door.ServeHTTP(w, r.WithContext(t.Context()))
		if w.Code >= 500 || !json.Valid(w.Body.Bytes()) {
			t.Errorf("%s?%s: HTTP %d: %s", path, query, w.Code, w.Body)
		}
	})
}
