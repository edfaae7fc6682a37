package mail

import (
	"encoding/base64"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
)

func gb(t testing.TB, s string) string {
	t.Helper()
	out, err := simplifiedchinese.GB18030.NewEncoder().String(s)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// Letters are read as their writers meant them, whatever their programs made of it.
func TestRead(t *testing.T) {
	half := gb(t, "路灯") // cut in the middle of the second character
	for name, c := range map[string]struct{ raw, subject, text string }{
		"plain":        {"Subject: hello\n\n路灯坏了", "hello", "路灯坏了"},
		"GBK said":     {"Subject: =?gbk?B?" + base64.StdEncoding.EncodeToString([]byte(gb(t, "路灯坏了"))) + "?=\nContent-Type: text/plain; charset=gb2312\n\n" + gb(t, "镕基路的灯坏了"), "路灯坏了", "镕基路的灯坏了"},
		"GBK unsaid":   {"Subject: " + gb(t, "路灯") + "\n\n" + gb(t, "路灯坏了"), "路灯", "路灯坏了"},
		"cut in two":   {"Subject: =?gb18030?B?" + base64.StdEncoding.EncodeToString([]byte(half[:3])) + "?=\n =?gb18030?B?" + base64.StdEncoding.EncodeToString([]byte(half[3:])) + "?=\n\nx", "路灯", "x"},
		"quoted words": {"Subject: =?utf-8?Q?=E8=B7=AF=E7=81=AF_A17?=\nContent-Transfer-Encoding: quoted-printable\nContent-Type: text/plain; charset=utf-8\n\n=E7=81=AF=\n=E5=9D=8F", "路灯 A17", "灯坏"},
		"lies UTF-8":   {"Content-Type: text/plain; charset=iso-8859-1x\n\n路灯", "", "路灯"},
		"HTML only": {"Content-Type: text/html; charset=utf-8\n\n<html><head><title>x</title><style>p{}</style></head><body><script>alert(1)</script><p>三巷<b>路灯</b>坏了</p>" +
			"<p>请 <a href='javascript:alert(1)'>修</a>。<img src=x onerror=alert(1)></p><!-- no --></body></html>", "", "三巷路灯坏了\n请 修。"},
		"alternative": {"Content-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: text/plain\n\n纯文本\n--b\nContent-Type: text/html\n\n<p>网页</p>\n--b--\n", "", "纯文本"},
		"empty plain": {"Content-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: text/plain\n\n \n--b\nContent-Type: text/html\n\n<p>网页</p>\n--b--\n", "", "网页"},
		"broken off":  {"Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\n说到一半", "", "说到一半"},
		"forwarded":   {"Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\n请看\n--b\nContent-Type: message/rfc822\n\nSubject: =?utf-8?B?5Y6f5L+h?=\n\n路灯\n--b--\n", "", "请看\n\n原信\n\n路灯"},
	} {
		l, err := Read([]byte(strings.ReplaceAll(c.raw, "\n", "\r\n")))
		if err != nil || l.Subject != c.subject || l.Text != c.text {
			t.Errorf("%s: %q, %q, %v", name, l.Subject, l.Text, err)
		}
	}
}

func TestSender(t *testing.T) {
	for field, want := range map[string][2]string{
		`"陈女士" <Chen@Mail.Example.COM>`:                {"陈女士", "Chen@mail.example.com"},
		`=?utf-8?B?6ZmI5aWz5aOr?= <chen@x.example>`:    {"陈女士", "chen@x.example"},
		`chen@x.example`:                               {"", "chen@x.example"},
		`"official@gov.cn" <evil@x.example>`:           {"", "evil@x.example"},
		"<a@b.example>\r\nBcc: all@x.example":          {"", "a@b.example"},
		`undisclosed-recipients:;`:                     {"", ""},
		`<a b@x.example>`:                              {"", ""},
		`postmaster <@x.example>`:                      {"postmaster", ""},
		`<` + strings.Repeat("a", 300) + `@x.example>`: {"", ""},
		gb(t, "陈") + ` <chen@x.example>`:               {"陈", "chen@x.example"},
	} {
		if name, a := sender(field); name != want[0] || a != want[1] {
			t.Errorf("%q: %q %q", field, name, a)
		}
	}
}

// What is new in an answer is told from what it answers, in the ways of the
// programs that people here use.
func TestFresh(t *testing.T) {
	for text, want := range map[string]string{
		"灯修好了\n\n------------------ 原始邮件 ------------------\n发件人: 一网\n编号":                     "灯修好了",
		"好\n\n在 2026年11月23日 10:00，一网 <mail@x> 写道：\n> 编号":                                      "好",
		"On Monday it broke.\n\nOn Mon, 23 Nov 2026 at 10:00, City <mail@x> wrote:\n> number": "On Monday it broke.",
		"谢谢\n发件人：一网\n发送时间：2026年\n编号":                                                          "谢谢",
		"发件人：我自己写的，不是引用":                                                                      "发件人：我自己写的，不是引用",
		"> 编号\n还没修": "还没修",
		"> 只有引用":    "> 只有引用",
	} {
		if got := fresh(text); got != want {
			t.Errorf("%q: %q", text, got)
		}
	}
}

// Whatever comes, reading it ends, with text that can be stored.
func FuzzRead(f *testing.F) {
	for _, s := range []string{
		"Subject: x\r\n\r\nbody", "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n--b--",
		"Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\nAction: failed\r\n\r\n--b--",
		"From: =?gb2312?B?AAAA?= <a@b>\r\nContent-Type: text/html\r\n\r\n<blockquote><p>x<br>", "Subject: =?utf-8?Q?=?=\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		l, err := Read(raw)
		if err != nil {
			return
		}
		for _, s := range []string{l.Subject, l.Text, l.Name, l.From, l.ID, fresh(l.Text)} {
			if !utf8.ValidString(s) || strings.ContainsRune(s, 0) {
				t.Errorf("%q cannot be stored", s)
			}
		}
		if strings.ContainsAny(l.From, "\r\n <>") || strings.ContainsAny(l.ID, "\r\n <>") {
			t.Errorf("%q or %q would break a header", l.From, l.ID)
		}
	})
}
