package device

import (
	"errors"
	"runtime"
	"slices"
	"testing"

	"golang.org/x/sys/unix"
)

// onThread calls f on a thread that it has to itself and that ends with it.
func onThread(f func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread()
		f()
	}()
	<-done
}

func threadCores(t *testing.T) []int {
	t.Helper()
	var set unix.CPUSet
	if err := unix.SchedGetaffinity(0, &set); err != nil {
		t.Fatal(err)
	}
	var cores []int
	for c := 0; len(cores) < set.Count(); c++ {
		if set.IsSet(c) {
			cores = append(cores, c)
		}
	}
	return cores
}

func TestPinSetsTheThreadsCoresAndReleaseRestoresThem(t *testing.T) {
	all := Cores()
	if len(all) == 0 || !slices.IsSorted(all) {
		t.Fatalf("cores %v", all)
	}
	for _, cores := range [][]int{{all[0]}, {all[len(all)-1]}, all, nil} {
		onThread(func() {
			before := threadCores(t)
			release, err := Pin(cores)
			if err != nil {
				t.Errorf("cores %v: %v", cores, err)
				return
			}
			want := cores
			if cores == nil {
				want = before
			}
			if got := threadCores(t); !slices.Equal(got, want) {
				t.Errorf("pinned to %v, and it runs on %v", want, got)
			}
			release()
			if got := threadCores(t); !slices.Equal(got, before) {
				t.Errorf("released, it runs on %v, and before on %v", got, before)
			}
		})
	}
}

func TestPinRefusesCoresThatItHasNot(t *testing.T) {
	for _, cores := range [][]int{{-1}, {1023}, {1 << 20}, {Cores()[0], 1023}} {
		onThread(func() {
			before := threadCores(t)
			if _, err := Pin(cores); !errors.Is(err, ErrCores) {
				t.Errorf("cores %v: error %v", cores, err)
			}
			if got := threadCores(t); !slices.Equal(got, before) {
				t.Errorf("refused, it runs on %v, and before on %v", got, before)
			}
		})
	}
}

func TestPinnedThreadsDoNotLendTheirCoresToOthers(t *testing.T) {
	all := Cores()
	if len(all) < 2 {
		t.Skip("it takes two cores to tell")
	}
	release, err := Pin(all[:1])
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	onThread(func() { // a new thread, made while a pinned one is all there is
		if got := threadCores(t); !slices.Equal(got, all) {
			t.Errorf("another goroutine's thread runs on %v of %v", got, all)
		}
	})
}
