// Package draw has the random numbers of a simulation. Each is a function of
// the seed, the task, the job and what it is for alone, so that whatever else
// differs between two runs, their jobs are the same.
//
// Jitter is exact on every machine. Noise is computed in floating point, the
// last bit of which may differ between kinds of processors.
package draw

import (
	"math"
	"math/bits"
)

// Seed is the state from which all draws of one task come.
type Seed uint64

// What a draw is for.
const (
	jitter = iota
	noisePre
	noiseInfer
	noisePost
	gap
	purposes = 8
)

// Of returns the state of a task, by its index in the file.
func Of(seed uint64, task int) Seed {
	return Seed(mix(mix(seed+0x9E3779B97F4A7C15) + uint64(task)))
}

// mix is the finaliser of SplitMix64 (Steele, Lea and Flood, "Fast splittable
// pseudorandom number generators", OOPSLA 2014).
func mix(x uint64) uint64 {
	x += 0x9E3779B97F4A7C15
	x = (x ^ x>>30) * 0xBF58476D1CE4E5B9
	x = (x ^ x>>27) * 0x94D049BB133111EB
	return x ^ x>>31
}

func (s Seed) bits(job int64, purpose uint64) uint64 {
	return mix(uint64(s) ^ mix(uint64(job)*purposes+purpose))
}

// Jitter returns a whole number of ns, uniform in 0 to longest, both included.
func (s Seed) Jitter(job, longest int64) int64 {
	if longest <= 0 {
		return 0
	}
	hi, _ := bits.Mul64(s.bits(job, jitter), uint64(longest)+1)
	return int64(hi)
}

// uniform returns a number in (0, 1).
func (s Seed) uniform(job int64, purpose uint64) float64 {
	return (float64(s.bits(job, purpose)>>12) + 0.5) / (1 << 52)
}

// Gap returns the time between two releases of a Poisson process of mean mean.
func (s Seed) Gap(job, mean int64) int64 {
	return int64(-math.Log(s.uniform(job, gap)) * float64(mean))
}

// Noise is a lognormal factor of mean 1. The zero value is the factor 1.
type Noise struct {
	sigma, mu float64
}

// NewNoise returns the factor with a coefficient of variation cv >= 0.
func NewNoise(cv float64) Noise {
	variance := math.Log1p(cv * cv)
	return Noise{sigma: math.Sqrt(variance), mu: -variance / 2}
}

// Longest is the longest time that noise makes, in ns: 10^7 s.
const Longest int64 = 1e16

// Times returns the actual times of a job's stages from the nominal ones in
// ns, rounded to the nearest and at most Longest. The factors of the stages
// are independent of each other and of the variant.
func (s Seed) Times(n Noise, job int64, nominal [3]int64) [3]int64 {
	if n.sigma == 0 {
		return nominal
	}
	for i, t := range nominal {
		if t != 0 {
			z := math.Sqrt2 * math.Erfinv(2*s.uniform(job, noisePre+uint64(i))-1)
			x := float64(t) * math.Exp(n.mu+n.sigma*z)
			nominal[i] = int64(math.Round(min(x, float64(Longest))))
		}
	}
	return nominal
}
