package gm

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"encoding/pem"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/emmansun/gmsm/sm2"
	"github.com/emmansun/gmsm/smx509"

	"yiwang/internal/base/errs"
)

const (
	privateBlock = "PRIVATE KEY"
	publicBlock  = "PUBLIC KEY"
)

// SaveKey writes a signing key made by GenerateKey to a new PEM file (PKCS #8)
// that only its owner can read. It fails with Exists rather than overwrite a
// key, and with Invalid for a key that does not leave its device.
func SaveKey(path string, key Signer) (err error) {
	defer errs.Wrap(&err, "SaveKey(%s)", path)
	var raw any
	switch k := key.(type) {
	case edSigner:
		raw = ed25519.PrivateKey(k)
	case *sm2Signer:
		raw = k.key
	default:
		return errs.E(errs.Invalid, "gm.key_stays", nil)
	}
	der, err := smx509.MarshalPKCS8PrivateKey(raw)
	if err != nil {
		return err
	}
	return writeNew(path, pem.EncodeToMemory(&pem.Block{Type: privateBlock, Bytes: der}), 0o600)
}

// LoadKey reads a signing key of either suite. It fails with NotFound if there
// is no such file and with Forbidden if others than its owner can open it.
func LoadKey(path string) (_ Signer, err error) {
	defer errs.Wrap(&err, "LoadKey(%s)", path)
	text, err := readSecret(path)
	if err != nil {
		return nil, err
	}
	unreadable := errs.E(errs.Invalid, "gm.key_unreadable", nil)
	block, _ := pem.Decode(text)
	if block == nil || block.Type != privateBlock {
		return nil, unreadable
	}
	raw, err := smx509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, unreadable.Because(err)
	}
	switch k := raw.(type) {
	case ed25519.PrivateKey:
		return edSigner(k), nil
	case *sm2.PrivateKey:
		return newSM2Signer(k)
	}
	return nil, unreadable
}

// EncodePublic returns a public key as PEM (SubjectPublicKeyInfo), the form in
// which it is handed to whoever verifies.
func EncodePublic(v Verifier) ([]byte, error) {
	var raw any
	switch v.Suite() {
	case SM:
		key, err := sm2.NewPublicKey(v.Public())
		if err != nil {
			return nil, err
		}
		raw = key
	default:
		raw = ed25519.PublicKey(v.Public())
	}
	der, err := smx509.MarshalPKIXPublicKey(raw)
	if err != nil {
		return nil, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: publicBlock, Bytes: der}), nil
}

// ParsePublic reads every public key in a PEM text. It fails with Invalid if
// there is none, or one that is neither SM2 nor Ed25519.
func ParsePublic(text []byte) ([]Verifier, error) {
	unreadable := errs.E(errs.Invalid, "gm.key_unreadable", nil)
	var keys []Verifier
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		if block.Type != publicBlock {
			return nil, unreadable
		}
		raw, err := smx509.ParsePKIXPublicKey(block.Bytes)
		if err != nil {
			return nil, unreadable.Because(err)
		}
		switch k := raw.(type) {
		case ed25519.PublicKey:
			keys = append(keys, edVerifier(k))
		case *ecdsa.PublicKey:
			if !sm2.IsSM2PublicKey(k) {
				return nil, unreadable
			}
			v, err := newSM2Verifier(k)
			if err != nil {
				return nil, err
			}
			keys = append(keys, v)
		default:
			return nil, unreadable
		}
	}
	if len(keys) == 0 {
		return nil, unreadable
	}
	return keys, nil
}

// readSecret refuses a file that others can open: a key that was readable once
// must be taken as known.
func readSecret(path string) ([]byte, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errs.E(errs.NotFound, "gm.key_missing", errs.Args{"path": path}).Because(err)
	}
	if err != nil {
		return nil, err
	}
	defer f.Close() //nothing was written, so closing has nothing to report
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, errs.E(errs.Forbidden, "gm.key_open_to_others", errs.Args{"path": path})
	}
	const most = 1 << 20
	if info.Size() > most {
		return nil, errs.E(errs.Invalid, "gm.key_unreadable", nil)
	}
	text := make([]byte, info.Size())
	if _, err := f.ReadAt(text, 0); err != nil {
		return nil, err
	}
	return text, nil
}

// writeNew creates a file that must not exist yet and makes it durable, with
// its directory entry: a key that is lost after first use cannot be replaced.
func writeNew(path string, data []byte, mode fs.FileMode) (err error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if errors.Is(err, fs.ErrExist) {
		return errs.E(errs.Exists, "gm.key_exists", errs.Args{"path": path}).Because(err)
	}
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return errors.Join(err, os.Remove(path))
	}
	return syncDir(filepath.Dir(path))
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
