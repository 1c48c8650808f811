package image

import "fmt"

// Refused is an error that trying again does not mend: the image, or where it
// comes from, has to be another one.
type Refused struct {
	// Reason is a sentence that names the cause and what to do.
	Reason string
}

// Error returns the reason.
func (r *Refused) Error() string { return r.Reason }

func refuse(format string, values ...any) error {
	return &Refused{Reason: fmt.Sprintf(format, values...)}
}
