// Package voucher (证) makes and checks signed statements: receipts, decisions,
// certificates, grants. A voucher is canonical JSON with its signature inside,
// so that whoever holds the issuer's public key can check it offline. The same
// keys sign checkpoints: how long the city's log was at a time and what its
// root was, in the signed-note form that independent witnesses understand.
package voucher
