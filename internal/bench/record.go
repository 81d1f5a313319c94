package bench

// Record is one method on one set with one seed.
type Record struct {
	Scenario string  `json:"scenario"`
	Case     string  `json:"case"`
	X        float64 `json:"x,omitempty"` // where the case is a point on an axis
	N        int     `json:"n"`           // tasks
	Method   string  `json:"method"`
	Mode     string  `json:"mode,omitempty"`

	Met      bool      `json:"met"` // every task within its zeta, storage too
	DMR      []float64 `json:"dmr,omitempty"`
	Macro    float64   `json:"macro"`
	Max      float64   `json:"max"`
	MeanLoss float64   `json:"mean_loss"`
	SumLoss  float64   `json:"sum_loss"`
	OnTime   float64   `json:"on_time"`

	Packed     int `json:"packed,omitempty"`
	Guaranteed int `json:"guaranteed,omitempty"`
	Broken     int `json:"broken,omitempty"`
	Inferences int `json:"inferences,omitempty"`

	// Of methods that search.
	Evaluations int     `json:"evaluations,omitempty"`
	FoundS      float64 `json:"found_s,omitempty"`
	NearS       float64 `json:"near_s,omitempty"` // until a loss within 1 % of the final one
	TookS       float64 `json:"took_s,omitempty"`
	Bound       float64 `json:"bound,omitempty"`
	Proven      bool    `json:"proven,omitempty"`
	Infeasible  bool    `json:"infeasible,omitempty"` // the method says so
	ProvenNone  bool    `json:"proven_none,omitempty"`
	Gap         float64 `json:"gap,omitempty"` // to the exhaustive optimum
	HasGap      bool    `json:"has_gap,omitempty"`
}

// Report is the JSON of a run.
type Report struct {
	Full      bool              `json:"full"`
	Sets      int               `json:"sets"`
	Scenarios []string          `json:"scenarios"`
	Units     int               `json:"units"`
	UnitsDone int               `json:"units_done"`
	Seconds   float64           `json:"seconds"`
	Cores     int               `json:"cores"`
	Notes     map[string]string `json:"notes"`
	Groups    []Group           `json:"groups"`
	Claims    []Claim           `json:"claims"`
}

// Group is all records of a case and a method. Intervals are of 95 %.
type Group struct {
	Scenario string `json:"scenario"`
	Case     string `json:"case"`
	X        float64
	N        int    `json:"n"`
	Method   string `json:"method"`
	Count    int    `json:"count"`

	Met      Estimate   `json:"met"`
	DMR      []Estimate `json:"dmr,omitempty"` // by task
	Macro    Estimate   `json:"macro"`
	Max      Estimate   `json:"max"`
	MeanLoss Estimate   `json:"mean_loss"`
	SumLoss  Estimate   `json:"sum_loss"`
	OnTime   Estimate   `json:"on_time"`
	Gap      Estimate   `json:"gap"`
	Gaps     int        `json:"gaps"`
	FoundS   Estimate   `json:"found_s"`
	TookS    Estimate   `json:"took_s"`

	Packed     int `json:"packed"`
	Guaranteed int `json:"guaranteed"`
	Broken     int `json:"broken"`
	Inferences int `json:"inferences"`
	Proven     int `json:"proven"`
	ProvenNone int `json:"proven_none"`
}

// Estimate is a mean with the ends of its interval.
type Estimate struct {
	Mean float64 `json:"mean"`
	Low  float64 `json:"low"`
	High float64 `json:"high"`
	Max  float64 `json:"max"`
}

// Claim is a figure that was asked for, with what was reached.
type Claim struct {
	What    string `json:"what"`
	Target  string `json:"target"`
	Reached string `json:"reached"`
	Holds   bool   `json:"holds"`
	// Short says why the records do not decide it, empty where they do.
	Short string `json:"short,omitempty"`
}

// verdict is a word for tables.
func (c *Claim) verdict() string {
	switch {
	case c.Short != "":
		return "open: " + c.Short
	case c.Holds:
		return "holds"
	}
	return "MISSED"
}
