package image

// percentage tells how far something is, as often as that changes.
type percentage struct {
	tell func(percent int) // nil when nobody listens
	last int
}

func (p *percentage) set(percent int) {
	if percent == p.last {
		return
	}
	p.last = percent
	if p.tell != nil {
		p.tell(percent)
	}
}
