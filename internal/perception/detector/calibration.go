package detector

import (
	"fmt"
	"math"
	"strconv"

	"rtmdl/internal/device"
	"rtmdl/internal/perception"
)

// calibration makes of a network's score the share of detections with that score that are right: temperature scaling
// (Guo et al., ICML 2017), which leaves their order as it is. It is the temperature, > 0; 1 changes nothing.
type calibration float64

// readCalibration reads the temperature of a network's metadata; without one it is 1. Errors wrap
// perception.ErrContract.
func readCalibration(model device.Model) (calibration, error) {
	text, ok := model.Metadata()["temperature"]
	if !ok {
		return 1, nil
	}
	t, err := strconv.ParseFloat(text, 64)
	if err != nil || !(t >= 0.01 && t <= 100) { // written so that NaN fails
		return 0, fmt.Errorf("%w: its metadata has temperature = '%s'; wanted is a number from 0.01 to 100", perception.ErrContract, text)
	}
	return calibration(t), nil
}

// apply returns the calibrated score of a network's, both 0 to 1, and undo the network's of a calibrated one.
func (c calibration) apply(score float64) float64 { return scaled(score, 1/float64(c)) }
func (c calibration) undo(score float64) float64  { return scaled(score, float64(c)) }

// scaled multiplies the logit of a probability by a factor.
func scaled(p, factor float64) float64 {
	if factor == 1 {
		return p
	}
	return 1 / (1 + math.Pow((1-p)/p, factor))
}
