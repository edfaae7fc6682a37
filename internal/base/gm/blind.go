package gm

import (
	"crypto/aes"
	"crypto/cipher"

	"github.com/emmansun/gmsm/sm4"
)

// Blinder turns words into blocks by which they can be compared and found again,
// and from which nobody reads them without the key: one block of the suite's cipher
// for a short word, a MAC for a long one. It is some twenty times as fast as MAC.
// Equal words have equal blocks, so whoever has very many sees which are frequent.
type Blinder struct {
	block cipher.Block
	key   Key
	label string
}

// BlindSize is the length in bytes of what a Blinder makes.
const BlindSize = 16

// Blinder returns a blinder under a key of its own. The label keeps different uses
// apart. Error: the zero Key.
func (k Key) Blinder(label string) (Blinder, error) {
	if k.IsZero() {
		return Blinder{}, errNoKey
	}
	secret := k.MAC("blind", []byte(label))
	var block cipher.Block
	var err error
	if k.suite == SM {
		block, err = sm4.NewCipher(secret[:keySize(SM)])
	} else {
		block, err = aes.NewCipher(secret[:keySize(Intl)])
	}
	return Blinder{block: block, key: k, label: label}, err
}

// Sum returns the block of a word.
func (b Blinder) Sum(word string) (out [BlindSize]byte) {
	if len(word) >= BlindSize {
		sum := b.key.MAC("blind long "+b.label, []byte(word))
		return [BlindSize]byte(sum[:])
	}
	out[0] = byte(len(word) + 1)
	copy(out[1:], word)
	b.block.Encrypt(out[:], out[:])
	return out
}
