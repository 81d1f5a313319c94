package pack

// Style is which rule decides. The others than Guarded are for comparison:
// what is left of published rules where inferences are whole networks that
// can't be preempted, are slowed down as a table says, and know no deadlines.
type Style uint8

// The styles.
const (
	// Guarded is the rule of MayJoin.
	Guarded Style = iota
	// Shorter is REEF-like (Han et al., "Microsecond-scale preemption for
	// concurrent GPU-accelerated DNN inferences", OSDI 2022, dynamic kernel
	// padding): a less urgent inference joins if it is shorter than what the
	// more urgent one has left; a more urgent one always joins at once, in
	// place of preempting.
	Shorter
	// Harmless is Orion-like (Strati, Ma and Klimovic, "Orion:
	// Interference-aware, fine-grained GPU sharing for ML applications",
	// EuroSys 2024): a less urgent inference joins if the more urgent one is
	// profiled to be slowed down beside it by no more than the bound; a more
	// urgent one always joins at once.
	Harmless
)

func (s Style) mayJoin(bound Factor, r, c *Inference, runningIsMoreUrgent bool) bool {
	switch {
	case !runningIsMoreUrgent:
		return true
	case s == Shorter:
		return c.Infer < r.Left
	default:
		return r.Slow <= One+bound
	}
}
