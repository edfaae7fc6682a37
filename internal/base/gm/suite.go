package gm

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"hash"
	"strings"

	"github.com/emmansun/gmsm/sm3"

	"yiwang/internal/base/errs"
)

// Suite names a set of algorithms used together. Its text is stored in data.
type Suite string

// The suites. SM follows GB/T 32918 (SM2), GB/T 32905 (SM3), GB/T 32907 (SM4);
// Intl follows RFC 8032 (Ed25519), FIPS 180-4 (SHA-256), FIPS 197 (AES).
const (
	SM   Suite = "sm"
	Intl Suite = "intl"
)

// DigestSize is the length in bytes of a digest of either suite.
const DigestSize = 32

// ParseSuite reads a suite's identifier. It fails with Invalid if there is no
// such suite.
func ParseSuite(name string) (Suite, error) {
	if s := Suite(name); s.known() {
		return s, nil
	}
	return "", errs.E(errs.Invalid, "gm.suite_unknown", errs.Args{"name": name})
}

func (s Suite) known() bool { return s == SM || s == Intl }

// HashName returns the identifier of the suite's hash: sm3 or sha256.
func (s Suite) HashName() string {
	if s == SM {
		return "sm3"
	}
	return "sha256"
}

// SignatureName returns the identifier of the suite's signature: sm2-sm3 or
// ed25519.
func (s Suite) SignatureName() string {
	if s == SM {
		return "sm2-sm3"
	}
	return "ed25519"
}

// SuiteOfHash returns the suite whose hash has the given identifier.
func SuiteOfHash(name string) (Suite, error) {
	for _, s := range []Suite{SM, Intl} {
		if s.HashName() == name {
			return s, nil
		}
	}
	return "", errs.E(errs.Invalid, "gm.suite_unknown", errs.Args{"name": name})
}

// NewHash returns a running hash of the suite.
func (s Suite) NewHash() hash.Hash {
	if s == SM {
		return sm3.New()
	}
	return sha256.New()
}

// Sum returns the digest of data.
func (s Suite) Sum(data []byte) [DigestSize]byte {
	if s == SM {
		return sm3.Sum(data)
	}
	return sha256.Sum256(data)
}

// Digest returns the digest of data as text that names its own algorithm, for
// example "sm3:66c7f0f4…".
func (s Suite) Digest(data []byte) string {
	sum := s.Sum(data)
	return s.HashName() + ":" + hex.EncodeToString(sum[:])
}

// CheckDigest compares data with a digest that Digest made. It fails with
// Invalid if they do not belong together.
func CheckDigest(digest string, data []byte) error {
	name, _, _ := strings.Cut(digest, ":")
	s, err := SuiteOfHash(name)
	if err != nil {
		return err
	}
	if subtle.ConstantTimeCompare([]byte(s.Digest(data)), []byte(digest)) != 1 {
		return errs.E(errs.Invalid, "gm.digest_wrong", nil)
	}
	return nil
}
