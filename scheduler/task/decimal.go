package task

import (
	"errors"
	"math"
	"strconv"
	"strings"
)

var (
	errNumber   = errors.New("want a decimal number")
	errDecimals = errors.New("want at most 6 decimals")
	errRange    = errors.New("is out of range")
)

// parseMillionths reads a decimal number as a whole number of millionths, and
// loses nothing: a number with more than 6 decimals is refused, unless those
// are zeros. It takes what YAML takes for a decimal number: a sign, digits
// with or without a point, an exponent.
func parseMillionths(s string) (int64, error) {
	digits, exponent, negative, err := splitDecimal(s)
	if err != nil {
		return 0, err
	}
	digits = strings.TrimLeft(digits, "0")
	for strings.HasSuffix(digits, "0") {
		digits = digits[:len(digits)-1]
		exponent++
	}
	if digits == "" {
		return 0, nil
	}
	exponent += 6
	if exponent < 0 {
		return 0, errDecimals
	}
	if len(digits)+exponent > 18 {
		return 0, errRange
	}
	value, err := strconv.ParseInt(digits+strings.Repeat("0", exponent), 10, 64)
	if err != nil {
		return 0, errRange
	}
	if negative {
		value = -value
	}
	return value, nil
}

// splitDecimal returns the digits of a decimal number without its point, and
// the power of ten by which they are to be multiplied.
func splitDecimal(s string) (digits string, exponent int, negative bool, err error) {
	mantissa := s
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		mantissa = s[:i]
		power := s[i+1:]
		if exponent, err = strconv.Atoi(power); err != nil || len(power) > 8 || power == "" {
			return "", 0, false, errNumber
		}
	}
	if mantissa != "" && (mantissa[0] == '-' || mantissa[0] == '+') {
		negative = mantissa[0] == '-'
		mantissa = mantissa[1:]
	}
	whole, fraction, _ := strings.Cut(mantissa, ".")
	digits = whole + fraction
	if digits == "" || strings.Trim(digits, "0123456789") != "" {
		return "", 0, false, errNumber
	}
	return digits, exponent - len(fraction), negative, nil
}

// parseFloat reads a decimal number that is finite.
func parseFloat(s string) (float64, error) {
	if _, _, _, err := splitDecimal(s); err != nil {
		return 0, err
	}
	x, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsInf(x, 0) {
		return 0, errRange
	}
	return x, nil
}

// formatMillionths writes a whole number of millionths as a decimal number.
func formatMillionths(m int64) string {
	sign := ""
	magnitude := uint64(m)
	if m < 0 {
		sign, magnitude = "-", -magnitude
	}
	s := sign + strconv.FormatUint(magnitude/1e6, 10)
	if fraction := magnitude % 1e6; fraction != 0 {
		digits := strconv.FormatUint(1e6+fraction, 10)[1:]
		s += "." + strings.TrimRight(digits, "0")
	}
	return s
}
