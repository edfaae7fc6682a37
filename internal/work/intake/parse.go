package intake

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"

	"yiwang/internal/base/calendar"
	"yiwang/internal/base/errs"
)

// maxLine bounds one row of a file in bytes. A longer one is refused without
// being held in memory.
const maxLine = 10 << 20

// Row is one row of a file: a message, or why it is none.
type Row struct {
	Line    int
	Message Message
	Raw     []byte // as it stood in the file, for the rejects
	Err     error
}

// Rows yields the rows of a file until yield returns false: JSON Lines where the
// first character is a brace, otherwise CSV with a header line; UTF-8, or GBK as
// spreadsheets save it. An error means that the file itself cannot be read.
func Rows(r io.Reader, yield func(Row) bool) error {
	in := bufio.NewReaderSize(r, 1<<20)
	head, err := in.Peek(1 << 16)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, bufio.ErrBufferFull) {
		return err
	}
	if bytes.HasPrefix(head, []byte("\xef\xbb\xbf")) {
		if _, err := in.Discard(3); err != nil {
			return err
		}
		head = head[3:]
	}
	gbk := isGBK(head)
	trimmed := bytes.TrimLeft(head, " \t\r\n\x00")
	if len(trimmed) > 0 && trimmed[0] == '{' {
		return jsonRows(in, gbk, yield)
	}
	return csvRows(in, gbk, yield)
}

// isGBK reports whether the beginning of a file is GBK: most of its lines that
// are not plain ASCII are not UTF-8, and they are GBK.
func isGBK(head []byte) bool {
	if i := bytes.LastIndexByte(head, '\n'); i > 0 {
		head = head[:i]
	}
	utf, gbk := 0, 0
	for line := range bytes.SplitSeq(head, []byte("\n")) {
		switch {
		case isASCII(line):
		case utf8.Valid(line):
			utf++
		default:
			if _, err := fromGBK(line); err == nil {
				gbk++
			}
		}
	}
	return gbk > utf
}

func isASCII(b []byte) bool {
	for _, c := range b {
		if c >= 0x80 {
			return false
		}
	}
	return true
}

var errEncoding = errs.E(errs.Invalid, "intake.encoding", nil)

func fromGBK(b []byte) ([]byte, error) {
	out, err := simplifiedchinese.GB18030.NewDecoder().Bytes(b)
	if err != nil || bytes.ContainsRune(out, utf8.RuneError) {
		return nil, errEncoding
	}
	return out, nil
}

// decode returns a line as UTF-8 without NUL, or says what is wrong with it.
func decode(line []byte, gbk bool) ([]byte, error) {
	if bytes.IndexByte(line, 0) >= 0 {
		return nil, errs.E(errs.Invalid, "intake.nul", nil)
	}
	if gbk {
		return fromGBK(line)
	}
	if !utf8.Valid(line) && !cutShort(line) {
		return nil, errEncoding
	}
	return line, nil
}

// cutShort reports whether only the last character of a line is broken: the line
// was cut, and what is wrong with it is that.
func cutShort(line []byte) bool {
	for n := 1; n < utf8.UTFMax && n < len(line); n++ {
		if tail := line[len(line)-n:]; utf8.RuneStart(tail[0]) {
			return !utf8.FullRune(tail) && utf8.Valid(line[:len(line)-n])
		}
	}
	return false
}

// readLine returns the next line without its end. Of one longer than maxLine the
// beginning is returned, with long set, and the rest is skipped.
func readLine(in *bufio.Reader) (line []byte, long bool, err error) {
	for {
		part, err := in.ReadSlice('\n')
		if len(line)+len(part) <= maxLine+1 {
			line = append(line, part...)
		} else if !long {
			line = append(line, part[:max(0, maxLine-len(line))]...)
			long = true
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if errors.Is(err, io.EOF) && (len(line) > 0) {
			err = nil
		}
		return bytes.TrimRight(line, "\r\n"), long, err
	}
}

var errLongLine = errs.E(errs.TooLarge, "intake.long_line", errs.Args{"max": maxLine >> 20})

func jsonRows(in *bufio.Reader, gbk bool, yield func(Row) bool) error {
	for n := 1; ; n++ {
		line, long, err := readLine(in)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		row := Row{Line: n, Raw: line}
		if long {
			row.Err = errLongLine
		} else if text, err := decode(line, gbk); err != nil {
			row.Err = err
		} else {
			row.Message, row.Err = parseJSON(text)
		}
		if !yield(row) {
			return nil
		}
	}
}

// texts of a JSON row, by the names under which files carry them.
type jsonRow struct {
	ID      *string         `json:"id"`
	Time    *string         `json:"time"`
	User    *string         `json:"user"`
	Title   *string         `json:"title"`
	Text    *string         `json:"text"`
	Name    *string         `json:"name"`
	Phone   *string         `json:"phone"`
	Address *string         `json:"address"`
	Lng     *float64        `json:"lng"`
	Lat     *float64        `json:"lat"`
	Matter  *string         `json:"matter"`
	Unit    *string         `json:"unit"`
	Nature  json.RawMessage `json:"nature"`
	Up      json.Number     `json:"up"`
	Down    json.Number     `json:"down"`
	Urgent  *string         `json:"urgent"`
	Urgency *string         `json:"urgency"`
}

func parseJSON(line []byte) (Message, error) {
	var r jsonRow
	if err := json.Unmarshal(line, &r); err != nil {
		var wrong *json.UnmarshalTypeError
		if errors.As(err, &wrong) {
			return Message{}, errs.E(errs.Invalid, "intake.wrong_type", errs.Args{"field": wrong.Field}).At(wrong.Field)
		}
		return Message{}, errs.E(errs.Invalid, "intake.bad_json", nil)
	}
	m := Message{
		ExternalID: deref(r.ID), Title: deref(r.Title), Text: deref(r.Text), Phone: deref(r.Phone), Address: deref(r.Address),
		Matter: deref(r.Matter), Unit: deref(r.Unit), Urgency: deref(r.Urgency),
	}
	if m.Name = deref(r.Name); m.Name == "" {
		m.Name = deref(r.User)
	}
	if m.Urgency == "" {
		m.Urgency = deref(r.Urgent)
	}
	if r.Lng != nil && r.Lat != nil {
		m.Lng, m.Lat = *r.Lng, *r.Lat
	}
	m.Up, m.Down = count(r.Up), count(r.Down)
	var err error
	if m.Nature, err = firstText(r.Nature); err != nil {
		return Message{}, err
	}
	m.WrittenAt, err = parseTime(deref(r.Time))
	return m, err
}

// firstText reads a text, or the first of a list of texts.
func firstText(raw json.RawMessage) (string, error) {
	if len(raw) == 0 || string(raw) == "null" {
		return "", nil
	}
	var s string
	if json.Unmarshal(raw, &s) == nil {
		return s, nil
	}
	var list []string
	if json.Unmarshal(raw, &list) != nil {
		return "", errs.E(errs.Invalid, "intake.wrong_type", errs.Args{"field": "nature"}).At("nature")
	}
	if len(list) == 0 {
		return "", nil
	}
	return list[0], nil
}

// count reads a number of people; what is none counts nobody.
func count(n json.Number) int {
	i, err := n.Int64()
	if err != nil {
		return 0
	}
	return int(max(0, min(i, 1<<31)))
}

func deref(p *string) string {
	if p == nil {
		return ""
	}
	return *p
}

// layouts are the ways files write a time, in China Standard Time unless they
// name a zone.
var layouts = []string{
	"2006/1/2 15:04:05", "2006/1/2 15:04", "2006-1-2 15:04:05", "2006-1-2 15:04", "2006-1-2T15:04:05",
	"2006年1月2日 15:04:05", "2006年1月2日 15:04", "2006/1/2", "2006-1-2", "2006年1月2日",
}

func parseTime(s string) (int64, error) {
	s = strings.TrimSpace(s)
	if s == "" {
		return 0, nil
	}
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return t.UnixMilli(), nil
	}
	for _, layout := range layouts {
		if t, err := time.ParseInLocation(layout, s, calendar.Zone); err == nil {
			return t.UnixMilli(), nil
		}
	}
	return 0, errs.E(errs.Invalid, "intake.bad_time", nil).At("time")
}

// columns are the names under which spreadsheets carry a field.
var columns = map[string]string{
	"id": "id", "编号": "id", "留言编号": "id", "工单编号": "id",
	"time": "time", "时间": "time", "留言时间": "time", "提交时间": "time",
	"user": "name", "name": "name", "姓名": "name", "诉求人": "name", "留言用户": "name",
	"phone": "phone", "电话": "phone", "手机": "phone", "联系电话": "phone",
	"title": "title", "标题": "title", "主题": "title", "留言主题": "title",
	"text": "text", "内容": "text", "诉求内容": "text", "留言详情": "text",
	"address": "address", "地址": "address", "地点": "address",
	"lng": "lng", "经度": "lng", "lat": "lat", "纬度": "lat",
	"matter": "matter", "事项": "matter", "nature": "nature", "性质": "nature",
	"unit": "unit", "承办单位": "unit", "urgency": "urgency", "urgent": "urgency", "紧急程度": "urgency",
}

// csvRows reads records that may run over several lines, each starting on a line
// of its own. A record that does not parse is refused alone.
func csvRows(in *bufio.Reader, gbk bool, yield func(Row) bool) error {
	var names []string
	for n := 1; ; {
		record, start, lines, err := readRecord(in, n)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil && !errs.Is(err, errs.TooLarge) {
			return err
		}
		n = start + lines
		if len(bytes.TrimSpace(record)) == 0 {
			continue
		}
		row := Row{Line: start, Raw: record, Err: err}
		var fields []string
		if row.Err == nil {
			fields, row.Err = parseRecord(record, gbk)
		}
		if names == nil {
			if row.Err != nil {
				return row.Err
			}
			if names = header(fields); names == nil {
				return errs.E(errs.Invalid, "intake.no_header", nil)
			}
			continue
		}
		if row.Err == nil {
			row.Message, row.Err = fromFields(names, fields)
		}
		if !yield(row) {
			return nil
		}
	}
}

// readRecord reads lines until the quotes are balanced.
func readRecord(in *bufio.Reader, n int) (record []byte, start, lines int, err error) {
	start = n
	for {
		line, long, err := readLine(in)
		if err != nil {
			if errors.Is(err, io.EOF) && lines > 0 {
				return record, start, lines, nil
			}
			return nil, start, lines, err
		}
		lines++
		if lines > 1 {
			record = append(record, '\n')
		}
		record = append(record, line...)
		if long || len(record) > maxLine {
			return record, start, lines, errLongLine
		}
		if bytes.Count(record, []byte{'"'})%2 == 0 {
			return record, start, lines, nil
		}
	}
}

func parseRecord(record []byte, gbk bool) ([]string, error) {
	text, err := decode(record, gbk)
	if err != nil {
		return nil, err
	}
	r := csv.NewReader(bytes.NewReader(text))
	r.FieldsPerRecord = -1
	fields, err := r.Read()
	if err != nil {
		return nil, errs.E(errs.Invalid, "intake.bad_csv", nil)
	}
	return fields, nil
}

// header maps the header line to field names; nil where it names no text.
func header(fields []string) []string {
	names := make([]string, len(fields))
	text := false
	for i, f := range fields {
		names[i] = columns[strings.ToLower(strings.TrimSpace(f))]
		text = text || names[i] == "text"
	}
	if !text {
		return nil
	}
	return names
}

func fromFields(names, fields []string) (m Message, err error) {
	if len(fields) != len(names) {
		return m, errs.E(errs.Invalid, "intake.field_count", errs.Args{"have": len(fields), "want": len(names)})
	}
	for i, v := range fields {
		switch names[i] {
		case "id":
			m.ExternalID = strings.TrimSpace(v)
		case "time":
			if m.WrittenAt, err = parseTime(v); err != nil {
				return m, err
			}
		case "name":
			m.Name = v
		case "phone":
			m.Phone = v
		case "title":
			m.Title = v
		case "text":
			m.Text = v
		case "address":
			m.Address = v
		case "lng", "lat":
			if err := m.coordinate(names[i], v); err != nil {
				return m, err
			}
		case "matter":
			m.Matter = strings.TrimSpace(v)
		case "nature":
			m.Nature = strings.TrimSpace(v)
		case "unit":
			m.Unit = strings.TrimSpace(v)
		case "urgency":
			m.Urgency = strings.TrimSpace(v)
		}
	}
	return m, nil
}

func (m *Message) coordinate(name, v string) error {
	if strings.TrimSpace(v) == "" {
		return nil
	}
	f, err := strconv.ParseFloat(strings.TrimSpace(v), 64)
	if err != nil {
		return errs.E(errs.Invalid, "intake.bad_number", errs.Args{"field": name}).At(name)
	}
	if name == "lng" {
		m.Lng = f
	} else {
		m.Lat = f
	}
	return nil
}
