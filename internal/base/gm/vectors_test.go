package gm

import (
	"bytes"
	"crypto/ed25519"
	"encoding/asn1"
	"encoding/hex"
	"math/big"
	"strings"
	"testing"

	"github.com/emmansun/gmsm/sm2"
	"github.com/emmansun/gmsm/sm4"
)

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// The examples printed in GB/T 32905-2016 annex A and FIPS 180-4.
func TestHashVectors(t *testing.T) {
	for _, v := range []struct{ suite, text, want string }{
		{"sm", "abc", "sm3:66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"},
		{"sm", strings.Repeat("abcd", 16), "sm3:debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"},
		{"intl", "abc", "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
	} {
		if got := Suite(v.suite).Digest([]byte(v.text)); got != v.want {
			t.Errorf("Digest(%s, %q) = %s, want %s", v.suite, v.text, got, v.want)
		}
		h := Suite(v.suite).NewHash()
		h.Write([]byte(v.text))
		if sum := Suite(v.suite).Sum([]byte(v.text)); !bytes.Equal(h.Sum(nil), sum[:]) {
			t.Errorf("NewHash and Sum of %s differ", v.suite)
		}
		if err := CheckDigest(v.want, []byte(v.text)); err != nil {
			t.Error(err)
		}
		if err := CheckDigest(v.want, []byte(v.text+".")); err == nil {
			t.Errorf("a changed text keeps its digest")
		}
	}
}

// The signature example of GB/T 32918.5-2017 annex A.2, with its default
// identity 1234567812345678.
func TestSM2Vector(t *testing.T) {
	private := unhex(t, "3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8")
	public := unhex(t, "04"+
		"09F9DF311E5421A150DD7D161E4BC5C672179FAD1833FC076BB08FF356F35020"+
		"CCEA490CE26775A52DC6EA718CC1AA600AED05FBF35E084A6632F6072DA9AD13")
	message := []byte("message digest")
	signature, err := asn1.Marshal(struct{ R, S *big.Int }{
		new(big.Int).SetBytes(unhex(t, "F5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3")),
		new(big.Int).SetBytes(unhex(t, "B1B6AA29DF212FD8763182BC0D421CA1BB9038FD1F7F42D4840B69C485BBC1AA")),
	})
	if err != nil {
		t.Fatal(err)
	}

	v, err := NewVerifier(SM, public)
	if err != nil {
		t.Fatal(err)
	}
	if err := v.Verify(message, signature); err != nil {
		t.Errorf("the standard's own signature is refused: %v", err)
	}
	if err := v.Verify([]byte("message digesu"), signature); err == nil {
		t.Error("the signature fits another message")
	}

	key, err := sm2.NewPrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := newSM2Signer(key)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(signer.Verifier().Public(), public) {
		t.Error("the private key of the standard has another public key here")
	}
}

// RFC 8032 §7.1, TEST 2.
func TestEd25519Vector(t *testing.T) {
	seed := unhex(t, "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")
	public := unhex(t, "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")
	signature := unhex(t, "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"+
		"085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00")
	signer := edSigner(ed25519.NewKeyFromSeed(seed))
	if got, err := signer.Sign(t.Context(), []byte{0x72}); err != nil || !bytes.Equal(got, signature) {
		t.Errorf("Sign = %x, %v", got, err)
	}
	v, err := NewVerifier(Intl, public)
	if err != nil {
		t.Fatal(err)
	}
	if err := v.Verify([]byte{0x72}, signature); err != nil {
		t.Error(err)
	}
}

// GB/T 32907-2016 annex A.1: one block.
func TestSM4Vector(t *testing.T) {
	key := unhex(t, "0123456789abcdeffedcba9876543210")
	block, err := sm4.NewCipher(key)
	if err != nil {
		t.Fatal(err)
	}
	got := make([]byte, 16)
	block.Encrypt(got, key)
	if want := unhex(t, "681edf34d206965e86b3e94f536e4246"); !bytes.Equal(got, want) {
		t.Errorf("SM4 = %x, want %x", got, want)
	}
}

// RFC 8998 appendix A.1 (SM4-GCM), and test case 16 of the GCM specification
// submitted to NIST (AES-256-GCM).
func TestAEADVectors(t *testing.T) {
	for _, v := range []struct {
		suite                                     Suite
		key, nonce, about, plain, sealed, authTag string
	}{
		{
			SM, "0123456789ABCDEFFEDCBA9876543210", "00001234567800000000ABCD",
			"FEEDFACEDEADBEEFFEEDFACEDEADBEEFABADDAD2",
			"AAAAAAAAAAAAAAAABBBBBBBBBBBBBBBBCCCCCCCCCCCCCCCCDDDDDDDDDDDDDDDD" +
				"EEEEEEEEEEEEEEEEFFFFFFFFFFFFFFFFEEEEEEEEEEEEEEEEAAAAAAAAAAAAAAAA",
			"17F399F08C67D5EE19D0DC9969C4BB7D5FD46FD3756489069157B282BB200735" +
				"D82710CA5C22F0CCFA7CBF93D496AC15A56834CBCF98C397B4024A2691233B8D",
			"83DE3541E4C2B58177E065A9BF7B62EC",
		},
		{
			Intl, "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308", "cafebabefacedbaddecaf888",
			"feedfacedeadbeeffeedfacedeadbeefabaddad2",
			"d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72" +
				"1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
			"522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa" +
				"8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662",
			"76fc6ece0f4e1768cddf8853bb2d551b",
		},
	} {
		k, err := keyOf(v.suite, unhex(t, v.key))
		if err != nil {
			t.Fatal(err)
		}
		got := k.aead.Seal(nil, unhex(t, v.nonce), unhex(t, v.plain), unhex(t, v.about))
		if want := unhex(t, v.sealed+v.authTag); !bytes.Equal(got, want) {
			t.Errorf("%s: sealed %x, want %x", v.suite, got, want)
		}
	}
}
