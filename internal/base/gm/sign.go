package gm

import (
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/hex"

	"github.com/emmansun/gmsm/sm2"

	"yiwang/internal/base/errs"
)

// Verifier checks the signatures of one key pair.
type Verifier interface {
	// KeyID names the key: 16 hexadecimal digits of the digest of the suite
	// and the public key.
	KeyID() string
	// Suite says which algorithms the key is for.
	Suite() Suite
	// Public is the public key: 32 bytes for Ed25519 (RFC 8032), the 65 bytes
	// of the uncompressed point for SM2 (GB/T 32918.1 §4.2.8).
	Public() []byte
	// Verify fails with Invalid if signature is not this key's over message.
	Verify(message, signature []byte) error
}

// Signer makes signatures. A key in a file is one; a cryptographic device
// behind a driver is another.
type Signer interface {
	// Verifier returns the public half.
	Verifier() Verifier
	// Sign signs message: 64 bytes for Ed25519, an ASN.1 pair for SM2
	// (GB/T 35276) with the default user identity of GM/T 0009.
	Sign(ctx context.Context, message []byte) ([]byte, error)
}

// GenerateKey makes a new signing key.
func GenerateKey(s Suite) (Signer, error) {
	switch s {
	case SM:
		key, err := sm2.GenerateKey(rand.Reader)
		if err != nil {
			return nil, err
		}
		return newSM2Signer(key)
	case Intl:
		_, key, err := ed25519.GenerateKey(rand.Reader)
		if err != nil {
			return nil, err
		}
		return edSigner(key), nil
	}
	return nil, errs.E(errs.Invalid, "gm.suite_unknown", errs.Args{"name": string(s)})
}

// NewVerifier makes a Verifier from the bytes that Verifier.Public gives. It
// fails with Invalid if they are not a public key of the suite.
func NewVerifier(s Suite, public []byte) (Verifier, error) {
	switch s {
	case SM:
		key, err := sm2.NewPublicKey(public)
		if err != nil {
			return nil, errs.E(errs.Invalid, "gm.key_unreadable", nil).Because(err)
		}
		return newSM2Verifier(key)
	case Intl:
		if len(public) != ed25519.PublicKeySize {
			return nil, errs.E(errs.Invalid, "gm.key_unreadable", nil)
		}
		return edVerifier(append([]byte(nil), public...)), nil
	}
	return nil, errs.E(errs.Invalid, "gm.suite_unknown", errs.Args{"name": string(s)})
}

// Ring is a set of public keys that somebody trusts, by key identifier.
type Ring map[string]Verifier

// NewRing returns a Ring of the given keys.
func NewRing(keys ...Verifier) Ring {
	r := make(Ring, len(keys))
	for _, k := range keys {
		r[k.KeyID()] = k
	}
	return r
}

var errSignature = errs.E(errs.Invalid, "gm.signature_wrong", nil)

func keyID(s Suite, public []byte) string {
	sum := s.Sum(append([]byte(s.SignatureName()+"\n"), public...))
	return hex.EncodeToString(sum[:8])
}

type edVerifier ed25519.PublicKey

func (v edVerifier) KeyID() string  { return keyID(Intl, v) }
func (v edVerifier) Suite() Suite   { return Intl }
func (v edVerifier) Public() []byte { return append([]byte(nil), v...) }

func (v edVerifier) Verify(message, signature []byte) error {
	if !ed25519.Verify(ed25519.PublicKey(v), message, signature) {
		return errSignature
	}
	return nil
}

type edSigner ed25519.PrivateKey

func (k edSigner) Verifier() Verifier {
	return edVerifier(ed25519.PrivateKey(k).Public().(ed25519.PublicKey))
}

func (k edSigner) Sign(_ context.Context, message []byte) ([]byte, error) {
	return ed25519.Sign(ed25519.PrivateKey(k), message), nil
}

// sm2Verifier keeps the encoded point beside the key, which cannot fail later.
type sm2Verifier struct {
	key   *ecdsa.PublicKey
	point []byte
}

func newSM2Verifier(key *ecdsa.PublicKey) (*sm2Verifier, error) {
	point, err := sm2.PublicKeyToECDH(key)
	if err != nil {
		return nil, errs.E(errs.Invalid, "gm.key_unreadable", nil).Because(err)
	}
	return &sm2Verifier{key: key, point: point.Bytes()}, nil
}

func (v *sm2Verifier) KeyID() string  { return keyID(SM, v.point) }
func (v *sm2Verifier) Suite() Suite   { return SM }
func (v *sm2Verifier) Public() []byte { return append([]byte(nil), v.point...) }

func (v *sm2Verifier) Verify(message, signature []byte) error {
	if !sm2.VerifyASN1WithSM2(v.key, nil, message, signature) {
		return errSignature
	}
	return nil
}

type sm2Signer struct {
	key      *sm2.PrivateKey
	verifier *sm2Verifier
}

func newSM2Signer(key *sm2.PrivateKey) (*sm2Signer, error) {
	v, err := newSM2Verifier(&key.PublicKey)
	if err != nil {
		return nil, err
	}
	return &sm2Signer{key: key, verifier: v}, nil
}

func (k *sm2Signer) Verifier() Verifier { return k.verifier }

func (k *sm2Signer) Sign(_ context.Context, message []byte) ([]byte, error) {
	return k.key.SignWithSM2(rand.Reader, nil, message)
}
