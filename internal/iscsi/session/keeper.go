package session

import (
	"os/exec"
	"runtime"
	"sync"
)

// The signal that a child gets when its parent dies goes out when the thread
// that started it ends, not only the process. So all are started on one thread
// that is kept for ever.
var keeper = sync.OnceValue(func() chan<- func() {
	work := make(chan func())
	go func() {
		runtime.LockOSThread()
		for do := range work {
			do()
		}
	}()
	return work
})

// start starts the command on the thread that is kept.
func start(command *exec.Cmd) error {
	result := make(chan error)
	keeper() <- func() { result <- command.Start() }
	return <-result
}
