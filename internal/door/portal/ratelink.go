package portal

import (
	"context"
	"crypto/subtle"
	"encoding/base64"
	"strconv"
	"strings"
	"time"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/gm"
)

// RateLife is how long the link to a rating is good for: as long as one waits for it.
const RateLife = 7 * 24 * time.Hour

// ratePath begins the address that leads from a text message to the rating.
const ratePath = "/r/"

// RateLink returns the path by which the appellant of a case rates it until a time,
// and does nothing else: it opens neither what was said nor the case. key is that
// of the site.
func RateLink(key gm.Key, caseID string, until time.Time) string {
	hours := strconv.FormatInt(until.Unix()/3600, 36)
	return ratePath + caseID + "." + hours + "." + rateProof(key, caseID, hours)
}

// rateProof is 96 bits: not to be guessed, and short enough for a text message.
func rateProof(key gm.Key, caseID, hours string) string {
	mac := key.MAC("portal rate", []byte(caseID+"."+hours))
	return base64.RawURLEncoding.EncodeToString(mac[:12])
}

// readRateLink returns the case of a link. Errors: NotFound where this site did not
// make it, Conflict where its time is over.
func (s *Site) readRateLink(token string) (caseID string, err error) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 || subtle.ConstantTimeCompare([]byte(parts[2]), []byte(rateProof(s.key, parts[0], parts[1]))) != 1 {
		return "", errs.E(errs.NotFound, "portal.rate_forged", nil)
	}
	hours, err := strconv.ParseInt(parts[1], 36, 64)
	if err != nil || s.now().Unix() >= hours*3600 {
		return "", errs.E(errs.Conflict, "portal.rate_expired", nil)
	}
	return parts[0], nil
}

// quickRate is the rating that a link leads to.
func (s *Site) quickRate(v *visit) error {
	if err := v.slow(s.limits.guess, s.address(v.r)); err != nil {
		return err
	}
	p, c, err := s.rateable(v)
	if err != nil {
		return s.noRating(v, err)
	}
	return v.drawAct(200, p, c, newSecret(), &form{}, nil)
}

// takeQuickRate takes the rating.
func (s *Site) takeQuickRate(v *visit) error {
	p, c, err := s.rateable(v)
	if err != nil {
		return s.noRating(v, err)
	}
	return s.takeAct(v, p, c.Code, v.r.URL.Path+"?done")
}

// rateable returns the case of the link in the address with its rating, and nothing
// else that one may do with it.
func (s *Site) rateable(v *visit) (p Progress, c Choice, err error) {
	id, err := s.readRateLink(v.r.PathValue("token"))
	if err != nil {
		return p, c, err
	}
	if p, err = s.office.Look(context.WithoutCancel(v.ctx()), id); err != nil {
		return p, c, err
	}
	for _, a := range p.Actions {
		if rates(a) {
			p.Actions = []Choice{a}
			return p, a, nil
		}
	}
	return p, c, errs.E(errs.Exists, "portal.rate_done", nil)
}

// noRating says why a link leads to no rating, and what to do instead.
func (s *Site) noRating(v *visit, err error) error {
	title, said, status := "", "", 0
	switch {
	case errs.Is(err, errs.Exists):
		title, said, status = v.say("done_rate", nil), v.say("rate_done", nil), 200
	case errs.Is(err, errs.Conflict):
		title, said, status = v.say("rate_expired_title", nil), v.say("rate_expired", nil), 410
	case errs.Is(err, errs.NotFound):
		title, said, status = v.say("rate_forged_title", nil), v.say("rate_forged", nil), 404
	default:
		return err
	}
	return v.show(status, "error", title, struct{ Title, Said, Back string }{title, said, ""})
}
