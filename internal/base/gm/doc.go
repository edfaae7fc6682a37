// Package gm is the only door to cryptography. It offers two suites with the
// same verbs: sm, the national algorithms (SM2, SM3, SM4-GCM), and intl
// (Ed25519, SHA-256, AES-256-GCM). The identifier of the suite is stored with
// everything that is signed, hashed or sealed, so both can live in one database
// and one can follow the other. Signer, Verifier and Wrapper are interfaces, so
// that keys may stay inside a cryptographic device (GB/T 39786-2021).
package gm
