package dispatch

// addRows adds n rows of a matrix of bytes to out, each multiplied by its number in
// by. wide is the length of a row and of out, a multiple of 16; cols says which rows.
//
//go:noescape
func addRows(out *float32, rows *int8, wide int, cols *int32, by *float32, n int)

// fetch brings what stands at p and behind into the cache.
//
//go:noescape
func fetch(p *uint32)

// dotRow returns the sum of the products of wide numbers, a multiple of 16 and not 0.
//
//go:noescape
func dotRow(row *int8, z *int16, wide int) int32
