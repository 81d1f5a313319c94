package device

import (
	"context"
	"errors"
	"testing"
	"time"
)

// endless is a network whose runs end only when they are stopped.
type endless struct{ Stopper }

func (endless) NewTensors() (*Tensors, error) { return NewTensors(nil, nil, nil), nil }
func (endless) RunContext(ctx context.Context, _ *Tensors) error {
	<-ctx.Done()
	return ctx.Err()
}

func TestAFirstRunThatDoesNotEndIsStopped(t *testing.T) {
	if err := warmUp(endless{}, time.Millisecond); !errors.Is(err, ErrModel) {
		t.Errorf("error %v", err)
	}
}
