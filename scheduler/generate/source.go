package generate

// Source is a seeded generator of random numbers: SplitMix64 (Steele, Lea and
// Flood, OOPSLA 2014). It is not safe for concurrent use.
type Source struct{ state uint64 }

// NewSource returns the generator of a seed.
func NewSource(seed uint64) *Source { return &Source{seed} }

// Uint64 returns 64 random bits.
func (s *Source) Uint64() uint64 {
	s.state += 0x9E3779B97F4A7C15
	x := s.state
	x = (x ^ x>>30) * 0xBF58476D1CE4E5B9
	x = (x ^ x>>27) * 0x94D049BB133111EB
	return x ^ x>>31
}

// Float returns a number in [0, 1).
func (s *Source) Float() float64 { return float64(s.Uint64()>>11) / (1 << 53) }

// Between returns a number in [low, high).
func (s *Source) Between(low, high float64) float64 { return low + (high-low)*s.Float() }

// Intn returns a number of 0 to n-1; n must be above 0.
func (s *Source) Intn(n int) int { return int(s.Uint64() % uint64(n)) }

// Permutation returns the numbers 0 to n-1 in a random order.
func (s *Source) Permutation(n int) []int {
	p := make([]int, n)
	for i := range p {
		j := s.Intn(i + 1)
		p[i] = p[j]
		p[j] = i
	}
	return p
}
