package cases

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"
	"sync"
	"time"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/sqldb"
)

// A number is prefix, day and serial with a check digit, e.g. SF26112100012 3:
// short enough to say on the telephone, and a slip of one digit or a swap of two
// neighbours is caught before it can land in somebody else's case.

// numberer hands out case numbers from blocks it reserves, so that no two
// processes ever give the same one and no write waits for a counter.
type numberer struct {
	db *sqldb.DB

	// reserving lets one caller at a time fetch a block. It is held across a write and
	// so must never be asked for inside one.
	reserving sync.Mutex

	mu         sync.Mutex // the block in hand
	day        string
	next, last int64
}

// blockSize is how many numbers a process reserves at once. Those it does not
// use by midnight or at its end are never used.
const blockSize = 500

// spareNumbers is more cases than any action opens.
const spareNumbers = 20

var cst = time.FixedZone("CST", 8*3600)

// take gives a number of today, and fetches a block first where none is left.
func (n *numberer) take(ctx context.Context, prefix string) (string, error) {
	for {
		if number, ok := n.inHand(prefix, n.today()); ok {
			return number, nil
		}
		if err := n.stock(ctx, 1); err != nil {
			return "", err
		}
	}
}

// spare makes sure that some numbers are in hand, so that a transaction can open
// cases without waiting for another.
func (n *numberer) spare(ctx context.Context) error { return n.stock(ctx, spareNumbers) }

// ready takes a number inside a transaction. Error: Unavailable where others took
// all that were in hand; the next try has some.
func (n *numberer) ready(prefix string) (string, error) {
	number, ok := n.inHand(prefix, "")
	if !ok {
		return "", errs.E(errs.Unavailable, "errs.unavailable", nil)
	}
	return number, nil
}

func (n *numberer) today() string { return time.UnixMilli(n.db.Now()).In(cst).Format("060102") }

// inHand takes the next number of the block in hand, if it is of the day; an empty day
// is any.
func (n *numberer) inHand(prefix, day string) (string, bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.next > n.last || n.day == "" || day != "" && n.day != day {
		return "", false
	}
	return prefix + n.serial(), true
}

func (n *numberer) has(day string, count int64) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.day == day && n.last-n.next+1 >= count
}

// stock fetches a block where fewer than count numbers of today are in hand.
func (n *numberer) stock(ctx context.Context, count int64) error {
	day := n.today()
	if n.has(day, count) {
		return nil
	}
	n.reserving.Lock()
	defer n.reserving.Unlock()
	if n.has(day, count) {
		return nil
	}
	return n.reserve(ctx, day)
}

func (n *numberer) serial() string {
	digits := fmt.Sprintf("%s%05d", n.day, n.next)
	n.next++
	return digits + string(checkDigit(digits))
}

func (n *numberer) reserve(ctx context.Context, day string) error {
	var last int64
	err := n.db.Write(ctx, func(tx *sqldb.Tx) error {
		_, err := tx.Exec(ctx, `insert into number_block (day, next) values (?, ?)
			on conflict (day) do update set next = number_block.next + ?`, day, blockSize, blockSize)
		if err != nil {
			return err
		}
		return tx.QueryRow(ctx, `select next from number_block where day = ?`, day).Scan(&last)
	})
	if err != nil {
		return err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.day, n.next, n.last = day, last-blockSize+1, last
	return nil
}

// checkDigit is ISO/IEC 7064 MOD 11,10 over decimal digits: it catches every
// single wrong digit and nearly every transposition.
func checkDigit(digits string) byte {
	p := 10
	for _, d := range digits {
		s := (p + int(d-'0')) % 10
		if s == 0 {
			s = 10
		}
		p = s * 2 % 11
	}
	return byte('0' + (11-p)%10)
}

// ParseNumber returns the number as it is stored, from what a person typed:
// spaces, lower case and full-width forms are forgiven. Error: Invalid
// "cases.number", also where the check digit is wrong.
func ParseNumber(typed string) (string, error) {
	var b strings.Builder
	for _, r := range typed {
		if r >= '！' && r <= '～' {
			r -= 0xFEE0
		}
		switch {
		case r >= '0' && r <= '9', r >= 'A' && r <= 'Z':
			b.WriteRune(r)
		case r >= 'a' && r <= 'z':
			b.WriteRune(r - 32)
		case r == ' ' || r == '-' || r == '　':
		default:
			return "", errs.E(errs.Invalid, "cases.number", nil).At("number")
		}
	}
	s := b.String()
	digits := strings.TrimLeft(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
	if len(digits) < 12 || len(digits) > 20 || strings.ContainsFunc(digits, func(r rune) bool { return r < '0' || r > '9' }) {
		return "", errs.E(errs.Invalid, "cases.number", nil).At("number")
	}
	if checkDigit(digits[:len(digits)-1]) != digits[len(digits)-1] {
		return "", errs.E(errs.Invalid, "cases.number", nil).At("number")
	}
	return s, nil
}

// codeLetters leave out what is misread or misheard (0 O, 1 I L, U V).
const codeLetters = "23456789ABCDEFGHJKMNPQRSTWXYZ"

// codeLength gives 29^8, over 5·10^11 codes: not to be guessed through a door
// that slows down.
const codeLength = 8

func newCode() (string, error) {
	raw := make([]byte, 0, codeLength)
	buf := make([]byte, 16)
	limit := byte(256 / len(codeLetters) * len(codeLetters))
	for len(raw) < codeLength {
		if _, err := rand.Read(buf); err != nil {
			return "", err
		}
		for _, x := range buf {
			if x < limit && len(raw) < codeLength {
				raw = append(raw, codeLetters[int(x)%len(codeLetters)])
			}
		}
	}
	return string(raw), nil
}

// normalCode returns a query code as it was given out, from what a person typed.
func normalCode(typed string) string {
	var b strings.Builder
	for _, r := range strings.ToUpper(typed) {
		if r >= '！' && r <= '～' {
			r -= 0xFEE0
		}
		if strings.ContainsRune(codeLetters, r) {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// normalPhone keeps the digits of a telephone number, "" if there are too few.
func normalPhone(typed string) string {
	var b strings.Builder
	for _, r := range typed {
		if r >= '０' && r <= '９' {
			r -= 0xFEE0
		}
		if r >= '0' && r <= '9' {
			b.WriteRune(r)
		}
	}
	s := strings.TrimPrefix(b.String(), "86")
	if len(s) < 7 {
		return ""
	}
	return s
}
