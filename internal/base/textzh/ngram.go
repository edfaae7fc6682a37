package textzh

// NGrams calls fn with the hash of every n-gram of min to max runes and the
// place [i, j) where it stands. No n-gram crosses a rune for which sep is true.
// The hash depends on the runes alone and never changes between versions: models
// are stored by it.
func NGrams(rs []rune, min, max int, sep func(rune) bool, fn func(hash uint64, i, j int)) {
	for i := range rs {
		h := uint64(14695981039346656037)
		for j := i; j < len(rs) && j-i < max; j++ {
			if sep != nil && sep(rs[j]) {
				break
			}
			h = step(h, rs[j])
			if j-i+1 >= min {
				fn(mix(h), i, j+1)
			}
		}
	}
}

// AppendNGrams appends the hashes that NGrams would give, in its order.
func AppendNGrams(to []uint64, rs []rune, min, max int, sep func(rune) bool) []uint64 {
	for len(rs) > 0 {
		if sep != nil && sep(rs[0]) {
			rs = rs[1:]
			continue
		}
		n := 1
		for n < len(rs) && (sep == nil || !sep(rs[n])) {
			n++
		}
		run := rs[:n]
		rs = rs[n:]
		for i := range run {
			h := uint64(14695981039346656037)
			for j, r := range run[i:] {
				if j == max {
					break
				}
				h = step(h, r)
				if j+1 >= min {
					to = append(to, mix(h))
				}
			}
		}
	}
	return to
}

// Hash returns the hash of one whole string, equal to that of the n-gram which
// is the string.
func Hash(s string) uint64 {
	h := uint64(14695981039346656037)
	for _, r := range s {
		h = step(h, r)
	}
	return mix(h)
}

func step(h uint64, r rune) uint64 { return (h ^ uint64(r)) * 1099511628211 }

// mix spreads the bits (the finaliser of splitmix64), so that any of them can
// pick a bucket.
func mix(h uint64) uint64 {
	h ^= h >> 30
	h *= 0xbf58476d1ce4e5b9
	h ^= h >> 27
	h *= 0x94d049bb133111eb
	return h ^ h>>31
}
