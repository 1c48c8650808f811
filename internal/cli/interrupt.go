package cli

import (
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

// secondInterrupt returns a channel that is closed at the second Ctrl-C (or
// SIGTERM). The first one ends the command's context and is explained on out.
// The returned function must be called at the end.
func secondInterrupt(out io.Writer) (kill <-chan struct{}, stop func()) {
	signals, killed, ended := make(chan os.Signal, 2), make(chan struct{}), make(chan struct{})
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		select {
		case <-signals:
			fmt.Fprintln(out, "\ninterrupted: what runs is ended and cleaned up; Ctrl-C again ends it at once")
		case <-ended:
			return
		}
		select {
		case <-signals:
			close(killed)
		case <-ended:
		}
	}()
	return killed, func() {
		signal.Stop(signals)
		close(ended)
	}
}
