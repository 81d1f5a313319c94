package main

import (
	"errors"
	"strconv"
	"time"
)

// seconds is a flag: a time as a number of seconds, or as a Go duration such as 1m30s. Its range is for the command to check.
type seconds time.Duration

// Set implements pflag.Value.
func (s *seconds) Set(text string) error {
	if _, err := strconv.ParseFloat(text, 64); err == nil {
		text += "s"
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		return errors.New("must be a number of seconds, or a duration such as 1m30s")
	}
	*s = seconds(d)
	return nil
}

// String implements pflag.Value.
func (s *seconds) String() string {
	return strconv.FormatFloat(time.Duration(*s).Seconds(), 'f', -1, 64)
}

// Type implements pflag.Value.
func (s *seconds) Type() string { return "seconds" }
