package dispatch

// encodeSecondLook writes 0 for neither a closer nor a surety, 1 for a closer, 2 for a
// surety, and what either asks one by one.
func (k *task) encodeSecondLook(w *writer) {
	if k.closer == nil && k.surety == nil {
		w.int(0)
		return
	}
	w.int(1 + one(k.closer == nil))
	w.floats(k.weight)
	w.exact(k.parts.prior)
	for _, d := range k.asides() {
		w.int(one(d.dims > 0))
		if d.dims > 0 {
			d.encode(w)
		}
	}
	if k.closer == nil {
		w.floats(k.surety.center)
		w.floats(k.surety.spread)
		w.floats(k.surety.weight)
		return
	}
	w.exact(k.closer.center)
	w.exact(k.closer.spread)
	w.int(len(k.closer.nets))
	for _, n := range k.closer.nets {
		w.exact(n.in)
		w.exact(n.bias)
		w.exact(n.out)
		w.float(float64(n.keep))
	}
}

const asides = 4

// asides are the opinions among the topics, which the first look has added up.
func (k *task) asides() []*dense {
	return []*dense{&k.parts.dense, &k.parts.center, &k.parts.clauseMid, &k.parts.sayings}
}

func (k *task) decodeSecondLook(r *reader, dims int) {
	k.parts = &parts{}
	kind := r.int()
	if kind == 0 {
		return
	}
	k.weight = r.floats()
	k.parts.prior = r.exact()
	for _, d := range k.asides() {
		if r.int() == 1 {
			*d = decodeDense(r, len(k.labels), dims)
		}
	}
	if kind == 2 {
		k.surety = &surety{r.floats(), r.floats(), r.floats()}
		return
	}
	k.closer = &closer{center: r.exact(), spread: r.exact(), nets: make([]net, r.length(1))}
	for i := range k.closer.nets {
		k.closer.nets[i] = net{r.exact(), r.exact(), r.exact(), float32(r.float())}
	}
}

// fitsSecondLook reports whether the parts of a closer or a surety read from a file
// belong together.
func (k *task) fitsSecondLook() bool {
	opinions := firstLevel + len(k.levels)
	if k.clauses != nil {
		opinions += 4
	}
	if k.sayings != nil {
		opinions += 2
	}
	opinions += one(k.usual != nil)
	good := len(k.weight) == opinions && len(k.parts.prior) == len(k.labels) &&
		k.parts.dense.dims > 0 && k.parts.center.dims > 0 && (k.clauses == nil || k.parts.clauseMid.dims > 0) && (k.sayings == nil || k.parts.sayings.dims > 0)
	if k.closer == nil {
		return good && k.surety.fits(opinions)
	}
	return good && k.closer.fits(opinions)
}

func (s *surety) fits(opinions int) bool {
	n := 1 + 2*opinions
	good := len(s.center) == n && len(s.spread) == n && len(s.weight) == n+1
	for _, x := range s.spread {
		good = good && x > 0
	}
	return good
}

func (c *closer) fits(opinions int) bool {
	width := opinions + ownSigns
	good := len(c.center) == width && len(c.spread) == width && len(c.nets) > 0
	for _, x := range c.spread {
		good = good && x > 0
	}
	for _, n := range c.nets {
		good = good && len(n.bias) == len(n.out) && len(n.in) == width*len(n.out)
	}
	return good
}
