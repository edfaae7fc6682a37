package dispatch

// testimony is what the opinions of a task say about one message, each weighed as
// the mix weighs it.
type testimony struct {
	task             *task
	seen             seen
	mid              shorts      // seen's
	margins          [][]float32 // level by level
	like, all, title []float32   // of the duty list's text and words
	sayings          []float32   // of what citizens might say
	usual            []float32   // of who usually handles it
}

func (e *testimony) opinions() int { return len(e.task.weight) }

func (e *testimony) runes() int { return len(e.seen.text.title) + len(e.seen.text.body) }

// about writes the opinions about one label in the order of parts.opinions.
func (e *testimony) about(l int, out []float32) {
	k, p := e.task, e.task.parts
	weigh := func(o int, x float32) { out[o] = float32(k.weight[o]) * x }
	side := func(i int, d dense) float32 { return d.bias[l] + k.beside.at(l*asides+i, e.mid) }
	weigh(opinionDense, side(0, p.dense))
	weigh(opinionCenter, side(1, p.center))
	weigh(opinionPrior, p.prior[l])
	n := firstLevel
	for i, v := range k.levels {
		out[n] = e.margins[i][v.group[l]]
		n++
	}
	if k.clauses != nil {
		out[n] = e.like[l]
		weigh(n+1, side(2, p.clauseMid))
		weigh(n+2, e.all[l])
		weigh(n+3, e.title[l])
		n += 4
	}
	if k.sayings != nil {
		weigh(n, side(3, p.sayings))
		out[n+1] = e.sayings[l]
		n += 2
	}
	if e.usual != nil && n < len(out) { // another duty list may say what the model's did not
		weigh(n, e.usual[l])
	}
}

// heldBackEvidence is the same while the weights are being learnt.
type heldBackEvidence struct {
	said   opinions
	weight []float64
	slots  []int // where each opinion stands once the task is folded
	length int
}

func (e heldBackEvidence) opinions() int { return e.slots[len(e.slots)-1] + 1 }

func (e heldBackEvidence) runes() int { return e.length }

func (e heldBackEvidence) about(l int, out []float32) {
	clear(out)
	for o, row := range e.said {
		out[e.slots[o]] += float32(e.weight[o]) * row[l]
	}
}
