// Package vouchertest makes certificates for tests and measurements, and spoils them.
package vouchertest
