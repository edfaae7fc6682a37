package mail

import (
	"crypto/hmac"
	"encoding/base32"
	"strconv"
	"strings"

	"yiwang/internal/base/gm"
)

// tokens make and check what stands in the addresses and ids of letters that leave
// the house. They are kept nowhere: a keyed digest in each says that it is ours.
type tokens struct{ key gm.Key }

// The parts of a mailbox's name before a token.
const (
	replyBox  = "reply"
	bounceBox = "bounce"
)

// macChars is the length of a digest in a token: 100 bits, not to be guessed, and
// short enough for the 64 characters that a mailbox may have.
const macChars = 20

var letters = base32.StdEncoding.WithPadding(base32.NoPadding)

func (t tokens) mac(label, about string) string {
	sum := t.key.MAC(label, []byte(about))
	return strings.ToLower(letters.EncodeToString(sum[:]))[:macChars]
}

// ofCase returns the token by which a reply finds its case.
func (t tokens) ofCase(id string) string { return strings.ToLower(id) + "-" + t.mac("mail reply", id) }

// caseOf returns the id of the case that a token stands for, false where it is not ours.
func (t tokens) caseOf(token string) (string, bool) {
	id, mac, ok := strings.Cut(strings.ToLower(token), "-")
	id = strings.ToUpper(id)
	return id, ok && id != "" && hmac.Equal([]byte(mac), []byte(t.mac("mail reply", id)))
}

// ofLetter returns the token by which a letter that comes back is known: the case,
// the ordinal of the action that sent it, and a digest of its id.
func (t tokens) ofLetter(caseID string, n int, letter string) string {
	return strings.ToLower(caseID) + "-" + strconv.Itoa(n) + "-" + t.mac("mail bounce", letter)
}

// splitLetter takes a token of a letter apart, unchecked.
func splitLetter(token string) (caseID string, n int, mac string, ok bool) {
	parts := strings.Split(strings.ToLower(token), "-")
	if len(parts) != 3 {
		return "", 0, "", false
	}
	n, err := strconv.Atoi(parts[1])
	return strings.ToUpper(parts[0]), n, parts[2], err == nil
}

func (t tokens) isLetter(mac, letter string) bool {
	return hmac.Equal([]byte(mac), []byte(t.mac("mail bounce", letter)))
}

// messageID returns the id of a letter that leaves, without brackets. It begins
// with the token of its case, so that an answer which quotes it finds the way.
func (t tokens) messageID(caseID, letter, domain string) string {
	return t.ofCase(caseID) + "." + t.mac("mail id", letter) + "@" + domain
}

// rootID returns the id that all letters of a case refer to, so that readers show
// them as one conversation. No letter has it itself.
func (t tokens) rootID(caseID, domain string) string { return t.ofCase(caseID) + "@" + domain }

// caseOfIDs returns the case that one of some message ids speaks of.
func (t tokens) caseOfIDs(ids []string, domain string) (string, bool) {
	for _, id := range ids {
		local, host, ok := strings.Cut(id, "@")
		if !ok || !strings.EqualFold(host, domain) {
			continue
		}
		token, _, _ := strings.Cut(local, ".")
		if c, ok := t.caseOf(token); ok {
			return c, true
		}
	}
	return "", false
}
