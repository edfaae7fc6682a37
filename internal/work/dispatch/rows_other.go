//go:build !amd64

package dispatch

import "unsafe"

// addRows adds n rows of a matrix of bytes to out, each multiplied by its number in
// by. wide is the length of a row and of out, a multiple of 16; cols says which rows.
func addRows(out *float32, rows *int8, wide int, cols *int32, by *float32, n int) {
	sum := unsafe.Slice(out, wide)
	weight := unsafe.Slice(by, n)
	for i, c := range unsafe.Slice(cols, n) {
		addRow(sum, unsafe.Slice((*int8)(unsafe.Add(unsafe.Pointer(rows), int(c)*wide)), wide), weight[i])
	}
}

// fetch brings what stands at p and behind into the cache, where the processor can be
// asked to.
func fetch(*uint32) {}

// dotRow returns the sum of the products of wide numbers, a multiple of 16 and not 0.
func dotRow(row *int8, z *int16, wide int) int32 {
	return dotOf(unsafe.Slice(row, wide), unsafe.Slice(z, wide))
}
