package core

import "fmt"

// parsed returns the value from 0 to last whose word is s, or the error that the format has for another word.
func parsed[T interface {
	~uint8
	fmt.Stringer
}](s string, last T, unknown string) (T, error) {
	for v := T(0); v <= last; v++ {
		if s == v.String() {
			return v, nil
		}
	}
	return 0, fmt.Errorf(unknown, s)
}
