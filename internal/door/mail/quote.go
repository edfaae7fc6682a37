package mail

import (
	"regexp"
	"strings"
)

// quotes are the lines with which mailers begin the letter that is answered.
var quotes = []*regexp.Regexp{
	regexp.MustCompile(`(?i)^-{2,}\s*(原始邮件|原邮件|回复的原邮件|original message|original email)\s*-{0,}`),
	regexp.MustCompile(`^在.{4,120}写道\s*[：:]\s*$`),
	regexp.MustCompile(`^.{0,60}于.{4,60}写道\s*[：:]\s*$`),
	regexp.MustCompile(`(?i)^on .{4,150} wrote:\s*$`),
	regexp.MustCompile(`^_{10,}\s*$`),
}

// headed is the head of a quoted letter as Outlook writes it.
var headed = regexp.MustCompile(`(?i)^(发件人|寄件者|from)\s*[：:]`)
var headedBelow = regexp.MustCompile(`(?i)^(发送时间|日期|收件人|sent|date|to)\s*[：:]`)

// fresh returns what is new in an answer: without the letter it answers. Where
// nothing would be left, all of it is.
func fresh(text string) string {
	lines := strings.Split(text, "\n")
	var out []string
	for i, l := range lines {
		bare := strings.TrimSpace(l)
		if begins(bare) || headed.MatchString(bare) && i+1 < len(lines) && headedBelow.MatchString(strings.TrimSpace(lines[i+1])) {
			break
		}
		if !strings.HasPrefix(bare, ">") {
			out = append(out, l)
		}
	}
	if s := strings.TrimSpace(squeeze(strings.Join(out, "\n"))); s != "" {
		return s
	}
	return strings.TrimSpace(text)
}

func begins(line string) bool {
	for _, q := range quotes {
		if q.MatchString(line) {
			return true
		}
	}
	return false
}
