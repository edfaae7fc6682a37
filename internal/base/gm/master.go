package gm

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"os"
	"path/filepath"
	"slices"

	"yiwang/internal/base/errs"
)

// Wrapper protects the keys of single cases, so that they can be stored beside
// the data they seal. A Master is one; a cryptographic device is another.
type Wrapper interface {
	// Wrap seals key and binds it to about, as Key.Seal does.
	Wrap(ctx context.Context, key Key, about []byte) ([]byte, error)
	// Unwrap gives back the key. It fails with Invalid if wrapped or about is
	// not what was wrapped, or the master key is another one.
	Unwrap(ctx context.Context, wrapped, about []byte) (Key, error)
}

const (
	masterBlock  = "YIWANG MASTER KEY"
	suiteHeader  = "Suite"
	masterIDSize = 4
)

// RetireMaster removes all keys but the newest from a file. What the others wrapped
// cannot be unwrapped with it any more. The file is replaced whole or not at all.
func RetireMaster(path string) (err error) {
	defer errs.Wrap(&err, "RetireMaster(%s)", path)
	old, err := readSecret(path)
	if err != nil {
		return err
	}
	if _, err := parseMaster(old); err != nil {
		return err
	}
	var last *pem.Block
	for block, rest := pem.Decode(old); block != nil; block, rest = pem.Decode(rest) {
		last = block
	}
	return replace(path, pem.EncodeToMemory(last))
}

// replace writes a secret file anew, whole or not at all.
func replace(path string, text []byte) error {
	next := path + ".next"
	if err := writeNew(next, text, 0o600); err != nil {
		return err
	}
	if err := os.Rename(next, path); err != nil {
		return errors.Join(err, os.Remove(next))
	}
	return syncDir(filepath.Dir(path))
}

// Master is a set of master keys from a file. The newest wraps; the older ones
// still unwrap what they wrapped.
type Master struct {
	newest string
	suites []Suite
	keys   map[string]Key // by identifier, masterIDSize bytes
}

var _ Wrapper = (*Master)(nil)

// CreateMaster makes a file with a new master key, readable by its owner only.
// It fails with Exists rather than overwrite one: without the old key, nothing
// wrapped by it could be read again.
func CreateMaster(path string, s Suite) (err error) {
	defer errs.Wrap(&err, "CreateMaster(%s)", path)
	block, err := newMasterBlock(s)
	if err != nil {
		return err
	}
	return writeNew(path, block, 0o600)
}

// RotateMaster adds a new master key to a file, which wraps from then on. The
// file is replaced whole or not at all.
func RotateMaster(path string, s Suite) (err error) {
	defer errs.Wrap(&err, "RotateMaster(%s)", path)
	old, err := readSecret(path)
	if err != nil {
		return err
	}
	if _, err := parseMaster(old); err != nil {
		return err
	}
	block, err := newMasterBlock(s)
	if err != nil {
		return err
	}
	return replace(path, append(old, block...))
}

func newMasterBlock(s Suite) ([]byte, error) {
	k, err := NewKey(s)
	if err != nil {
		return nil, err
	}
	return pem.EncodeToMemory(&pem.Block{
		Type:    masterBlock,
		Headers: map[string]string{suiteHeader: string(s)},
		Bytes:   k.secret,
	}), nil
}

// LoadMaster reads a master key file. It fails with NotFound if there is none
// and with Forbidden if others than its owner can open it.
func LoadMaster(path string) (_ *Master, err error) {
	defer errs.Wrap(&err, "LoadMaster(%s)", path)
	text, err := readSecret(path)
	if err != nil {
		return nil, err
	}
	return parseMaster(text)
}

func parseMaster(text []byte) (*Master, error) {
	m := &Master{keys: map[string]Key{}}
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		if block.Type != masterBlock {
			return nil, errs.E(errs.Invalid, "gm.key_unreadable", nil)
		}
		k, err := keyOf(Suite(block.Headers[suiteHeader]), block.Bytes)
		if err != nil {
			return nil, err
		}
		m.newest = masterID(k)
		m.keys[m.newest] = k
		m.suites = append(m.suites, k.suite)
	}
	if m.newest == "" {
		return nil, errs.E(errs.Invalid, "gm.key_unreadable", nil)
	}
	return m, nil
}

func masterID(k Key) string {
	mac := k.MAC("master id", nil)
	return string(mac[:masterIDSize])
}

// Suites returns the suites of the keys, the newest last.
func (m *Master) Suites() []Suite { return slices.Clone(m.suites) }

// Newest reports whether the newest key wrapped this.
func (m *Master) Newest(wrapped []byte) bool { return bytes.HasPrefix(wrapped, []byte(m.newest)) }

// Wrap seals key under the newest master key.
func (m *Master) Wrap(_ context.Context, key Key, about []byte) ([]byte, error) {
	if key.IsZero() {
		return nil, errNoKey
	}
	sealed, err := m.keys[m.newest].Seal(append([]byte{key.algorithm()}, key.secret...), about)
	if err != nil {
		return nil, err
	}
	return append([]byte(m.newest), sealed...), nil
}

// Unwrap opens what Wrap made, with whichever of its master keys did it.
func (m *Master) Unwrap(_ context.Context, wrapped, about []byte) (Key, error) {
	if len(wrapped) < masterIDSize {
		return Key{}, errs.E(errs.Invalid, "gm.seal_broken", nil)
	}
	id := wrapped[:masterIDSize]
	master, ok := m.keys[string(id)]
	if !ok {
		return Key{}, errs.E(errs.Invalid, "gm.master_unknown", errs.Args{"id": hex.EncodeToString(id)})
	}
	secret, err := master.Open(wrapped[masterIDSize:], about)
	if err != nil {
		return Key{}, err
	}
	switch {
	case len(secret) > 0 && secret[0] == sealSM4GCM:
		return keyOf(SM, secret[1:])
	case len(secret) > 0 && secret[0] == sealAES256GCM:
		return keyOf(Intl, secret[1:])
	}
	return Key{}, errs.E(errs.Invalid, "gm.seal_broken", nil)
}
