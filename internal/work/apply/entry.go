package apply

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/big"
	"strings"
	"time"

	"github.com/oklog/ulid/v2"

	"yiwang/internal/base/errs"
	"yiwang/internal/base/gm"
	"yiwang/internal/base/idnumber"
	"yiwang/internal/base/sqldb"
	"yiwang/internal/core/notice"
	"yiwang/internal/core/org"
	"yiwang/internal/core/register"
)

// Limits of a code. Six digits are guessed by one in two hundred thousand who try
// five times, and ten wrong tries in an hour close the person's door for the rest of it.
const (
	codeLife  = 5 * time.Minute
	codeTries = 5
	mostWrong = 10
	mostCodes = 5
	countFor  = time.Hour
)

// entryTemplate is the notice that carries the code.
const entryTemplate = "entry_code"

// PersonAudience is the beginning of the audience of a notice that goes to the
// telephone which the register of persons has for a subject.
const PersonAudience = "person:"

// Door lets in whoever has the telephone that the register knows of a person.
type Door struct {
	DB        *sqldb.DB
	Registers *register.Store
	Key       gm.Key // digests codes, so that a copy of the database holds none
	Show      bool   // the people are invented: the code is shown, since no telephone rings
}

// Knock is a code on its way.
type Knock struct {
	ID   string // by which it is entered
	Code string // in clear only where people are invented, and may be shown
}

// Knock sends a code to the telephone of the person with this name and identity
// number. Where there is none it does as if: who is registered is nobody's to find out.
// Errors: Invalid (the number), TooMany "apply.too_many_codes".
func (d *Door) Knock(ctx context.Context, name, number string) (k Knock, err error) {
	defer errs.Wrap(&err, "apply.Knock")
	number = idnumber.Plain(number)
	if _, err := idnumber.Citizen(number); err != nil {
		return k, errs.E(errs.Invalid, "apply.bad_number", nil).At("number").Because(err)
	}
	k.ID = ulid.Make().String()
	sub, phone, err := d.person(ctx, strings.TrimSpace(name), number)
	if errs.Is(err, errs.NotFound) || err == nil && phone == "" {
		return k, nil
	}
	if err != nil {
		return k, err
	}
	n, err := rand.Int(rand.Reader, big.NewInt(1_000_000))
	if err != nil {
		return k, err
	}
	code := fmt.Sprintf("%06d", n)
	err = d.DB.Write(ctx, func(tx *sqldb.Tx) error { return d.send(ctx, tx, k.ID, sub.ID, code) })
	if d.Show {
		k.Code = code
	}
	return k, err
}

func (d *Door) send(ctx context.Context, tx *sqldb.Tx, id, person, code string) error {
	hour := tx.Now() - countFor.Milliseconds()
	if _, err := tx.Exec(ctx, `delete from entry_code where until < ?`, hour); err != nil {
		return err
	}
	var sent, wrong int
	err := tx.QueryRow(ctx, `select count(*), coalesce(sum(tries), 0) from entry_code where subject = ? and until >= ?`, person, hour).Scan(&sent, &wrong)
	if err != nil {
		return err
	}
	if sent >= mostCodes || wrong >= mostWrong {
		return errs.E(errs.TooMany, "apply.too_many_codes", nil)
	}
	_, err = tx.Exec(ctx, `insert into entry_code (id, subject, digest, tries, until) values (?, ?, ?, 0, ?)`,
		id, person, d.digest(id, code), tx.Now()+codeLife.Milliseconds())
	if err != nil {
		return err
	}
	args, err := json.Marshal(map[string]any{"code": code})
	if err != nil {
		return err
	}
	l := notice.Letter{ID: "entry/" + id, Template: entryTemplate, Audience: PersonAudience + person, Channel: notice.SMS, Args: string(args), At: tx.Now()}
	sql, values := l.Insert()
	_, err = tx.Exec(ctx, sql, values...)
	return err
}

func (d *Door) digest(id, code string) string {
	sum := d.Key.MAC("entry code", []byte(id+"\x00"+code))
	return hex.EncodeToString(sum[:])
}

// person finds who has a name and a number, and their telephone. Error: NotFound.
func (d *Door) person(ctx context.Context, name, number string) (register.Subject, string, error) {
	r := register.Reading{Purpose: purposeEntry, Actor: org.Machine("entry")}
	sub, err := d.Registers.Find(ctx, r, Persons, "idnumber", number)
	if err != nil {
		return sub, "", err
	}
	facts, err := d.Registers.Read(ctx, r, sub, d.Registers.Today(), "name", "phone")
	if err != nil {
		return sub, "", err
	}
	if facts["name"].Value != name || name == "" {
		return sub, "", errs.E(errs.NotFound, "apply.nobody", nil)
	}
	return sub, facts["phone"].Value, nil
}

// Other finds somebody by name and identity number, in whose name somebody applies.
// Errors: NotFound, Invalid.
func (d *Door) Other(ctx context.Context, name, number string) (register.Subject, error) {
	number = idnumber.Plain(number)
	if _, err := idnumber.Citizen(number); err != nil {
		return register.Subject{}, errs.E(errs.Invalid, "apply.bad_number", nil).At("number").Because(err)
	}
	sub, _, err := d.person(ctx, name, number)
	return sub, err
}

// Phone returns the telephone that a code goes to. Error: NotFound.
func (d *Door) Phone(ctx context.Context, person string) (string, error) {
	r := register.Reading{Purpose: purposeEntry, Actor: org.Machine("entry")}
	facts, err := d.Registers.Read(ctx, r, register.Subject{Register: Persons, ID: person}, d.Registers.Today(), "phone")
	if err == nil && facts["phone"].Value == "" {
		err = errs.E(errs.NotFound, "apply.nobody", nil)
	}
	return facts["phone"].Value, err
}

// Enter returns who a code lets in, once. Errors: NotFound "apply.wrong_code";
// TooMany "apply.too_many_codes" where it was tried too often.
func (d *Door) Enter(ctx context.Context, id, code string) (sub register.Subject, err error) {
	defer errs.Wrap(&err, "apply.Enter")
	wrong := errs.E(errs.NotFound, "apply.wrong_code", nil)
	var fault error
	err = d.DB.Write(ctx, func(tx *sqldb.Tx) error {
		sub, fault = register.Subject{}, nil
		type row struct {
			Subject string `db:"subject"`
			Digest  string `db:"digest"`
			Tries   int    `db:"tries"`
		}
		// Counted before it is compared, so that of many at once none is free.
		n, err := tx.Exec(ctx, `update entry_code set tries = tries + 1 where id = ? and until > ?`, id, tx.Now())
		if err != nil {
			return err
		}
		if n == 0 {
			fault = wrong
			return nil
		}
		r, err := sqldb.Get[row](ctx, tx, `select subject, digest, tries from entry_code where id = ?`, id)
		if err != nil {
			return err
		}
		switch {
		case r.Tries > codeTries:
			fault = errs.E(errs.TooMany, "apply.too_many_codes", nil)
			return nil
		case subtle.ConstantTimeCompare([]byte(r.Digest), []byte(d.digest(id, code))) != 1:
			fault = wrong
			return nil
		}
		sub = register.Subject{Register: Persons, ID: r.Subject}
		_, err = tx.Exec(ctx, `update entry_code set until = 0, tries = 0 where id = ?`, id)
		return err
	})
	if err == nil {
		err = fault
	}
	return sub, err
}
