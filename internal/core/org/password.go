package org

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"

	"yiwang/internal/base/errs"
)

// argon2id with 12 MiB and three passes is one of the equal choices of OWASP's
// password storage cheat sheet, and takes some 30 ms of one core.
const (
	argonMemory = 12 * 1024 // KiB
	argonPasses = 3
	argonSalt   = 16
	argonKey    = 32
)

// hashesAtOnce bounds the memory and cores that signing in can take from the
// rest of the house.
const hashesAtOnce = 2

// Bounds of a password, in characters. A long one beats a complicated one.
const (
	minPassword = 10
	maxPassword = 128
)

// CheckPassword refuses a password that is too short, too long, or the login name
// itself. Error: Invalid, at "password".
func CheckPassword(login, password string) error {
	n := utf8.RuneCountInString(password)
	switch {
	case n < minPassword || n > maxPassword || !utf8.ValidString(password):
		return errs.E(errs.Invalid, "org.password_length", errs.Args{"min": minPassword, "max": maxPassword}).At("password")
	case strings.Contains(strings.ToLower(password), strings.ToLower(login)):
		return errs.E(errs.Invalid, "org.password_login", nil).At("password")
	}
	return nil
}

// hasher hashes passwords, a few at a time.
type hasher struct{ slots chan struct{} }

func newHasher() *hasher { return &hasher{slots: make(chan struct{}, hashesAtOnce)} }

// take waits for a slot. Error: the context's.
func (h *hasher) take(ctx context.Context) error {
	select {
	case h.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (h *hasher) leave() { <-h.slots }

// hash returns the text that is stored for a password.
func (h *hasher) hash(ctx context.Context, password string) (string, error) {
	salt := make([]byte, argonSalt)
	if _, err := rand.Read(salt); err != nil {
		return "", err
	}
	if err := h.take(ctx); err != nil {
		return "", err
	}
	defer h.leave()
	key := argon2.IDKey([]byte(password), salt, argonPasses, argonMemory, 1, argonKey)
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=1$%s$%s", argon2.Version, argonMemory, argonPasses,
		b64.EncodeToString(salt), b64.EncodeToString(key)), nil
}

// matches compares a password with a stored text. It takes as long for a text
// that is none, so that the time does not tell whether there is an account.
func (h *hasher) matches(ctx context.Context, password, stored string) (bool, error) {
	memory, passes := uint32(argonMemory), uint32(argonPasses)
	salt, want := make([]byte, argonSalt), []byte(nil)
	if parts := strings.Split(stored, "$"); len(parts) == 6 {
		if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=1", &memory, &passes); err != nil {
			return false, fmt.Errorf("org: stored password: %w", err)
		}
		var err error
		if salt, err = base64.RawStdEncoding.DecodeString(parts[4]); err != nil {
			return false, fmt.Errorf("org: stored password: %w", err)
		}
		if want, err = base64.RawStdEncoding.DecodeString(parts[5]); err != nil {
			return false, fmt.Errorf("org: stored password: %w", err)
		}
	}
	if err := h.take(ctx); err != nil {
		return false, err
	}
	defer h.leave()
	got := argon2.IDKey([]byte(password), salt, passes, memory, 1, argonKey)
	return len(want) > 0 && subtle.ConstantTimeCompare(got, want) == 1, nil
}
