package gm

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"errors"
	"log/slog"

	"github.com/emmansun/gmsm/sm4"

	"yiwang/internal/base/errs"
)

// The first byte of everything sealed names its algorithm.
const (
	sealSM4GCM    byte = 1 // SM4-GCM, 128-bit key
	sealAES256GCM byte = 2 // AES-256-GCM
)

const nonceSize = 12

var errNoKey = errors.New("gm: the zero Key seals nothing")

// SealOverhead is how many bytes longer a sealed text is than the plain one.
const SealOverhead = 1 + nonceSize + 16

// Key is a secret for sealing data. Its zero value is no key and seals nothing.
type Key struct {
	suite  Suite
	secret []byte
	mac    []byte
	aead   cipher.AEAD
}

// NewKey makes a new random sealing key.
func NewKey(s Suite) (Key, error) {
	secret := make([]byte, keySize(s))
	if _, err := rand.Read(secret); err != nil {
		return Key{}, err
	}
	return keyOf(s, secret)
}

func keySize(s Suite) int {
	if s == SM {
		return 16
	}
	return 32
}

func keyOf(s Suite, secret []byte) (Key, error) {
	if !s.known() || len(secret) != keySize(s) {
		return Key{}, errs.E(errs.Invalid, "gm.key_unreadable", nil)
	}
	var block cipher.Block
	var err error
	if s == SM {
		block, err = sm4.NewCipher(secret)
	} else {
		block, err = aes.NewCipher(secret)
	}
	if err != nil {
		return Key{}, err
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return Key{}, err
	}
	mac, err := hkdf.Key(s.NewHash, secret, nil, "yiwang mac", DigestSize)
	if err != nil {
		return Key{}, err
	}
	return Key{suite: s, secret: secret, mac: mac, aead: aead}, nil
}

// Suite says which algorithms the key is for, "" for the zero Key.
func (k Key) Suite() Suite { return k.suite }

// IsZero reports whether k is no key.
func (k Key) IsZero() bool { return k.aead == nil }

// String hides the secret from anything that prints.
func (k Key) String() string { return "gm.Key(" + string(k.suite) + ")" }

// GoString hides the secret from %#v.
func (k Key) GoString() string { return k.String() }

// LogValue hides the secret from logs.
func (k Key) LogValue() slog.Value { return slog.StringValue(k.String()) }

// Seal encrypts plain and binds it to about, which is not stored: opening
// needs the same bytes (say, the record's identifier), so that a sealed value
// cannot be moved to another record. One key may seal 2^32 values.
func (k Key) Seal(plain, about []byte) ([]byte, error) {
	if k.IsZero() {
		return nil, errNoKey
	}
	sealed := make([]byte, 1+nonceSize, len(plain)+SealOverhead)
	sealed[0] = k.algorithm()
	if _, err := rand.Read(sealed[1:]); err != nil {
		return nil, err
	}
	return k.aead.Seal(sealed, sealed[1:], plain, k.bind(about)), nil
}

// Open decrypts what Seal made with the same about. It fails with Invalid if
// either is not what was sealed, or the key is another one.
func (k Key) Open(sealed, about []byte) ([]byte, error) {
	if k.IsZero() || len(sealed) < SealOverhead || sealed[0] != k.algorithm() {
		return nil, errs.E(errs.Invalid, "gm.seal_broken", nil)
	}
	plain, err := k.aead.Open(nil, sealed[1:1+nonceSize], sealed[1+nonceSize:], k.bind(about))
	if err != nil {
		return nil, errs.E(errs.Invalid, "gm.seal_broken", nil).Because(err)
	}
	return plain, nil
}

// MAC returns a digest of data that nobody can compute or compare without the
// key. The label keeps different uses apart. It must not be asked of the zero
// Key.
func (k Key) MAC(label string, data []byte) [DigestSize]byte {
	m := hmac.New(k.suite.NewHash, k.mac)
	m.Write([]byte(label)) // a hash never fails to write
	m.Write([]byte{0})
	m.Write(data)
	return [DigestSize]byte(m.Sum(nil))
}

func (k Key) algorithm() byte {
	if k.suite == SM {
		return sealSM4GCM
	}
	return sealAES256GCM
}

// bind puts the algorithm under the seal too, so that it cannot be exchanged.
func (k Key) bind(about []byte) []byte { return append([]byte{k.algorithm()}, about...) }
