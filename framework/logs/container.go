package logs

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
)

// container is one container of a pod, in all its runs.
type container struct {
	namespace, pod, name string
	// path is where its log goes.
	path string
	// last is the time of the latest line that was written: from there on it is read again after an interruption.
	last time.Time
	// run is which of its runs is read: how often it had been restarted.
	run int32
	// read is set once the run's log has come to an end without an error.
	read bool
	// missed is why the run's log may lack something, nil when it does not, and
	// lost the same of earlier runs.
	missed, lost error

	file    *os.File
	mutex   sync.Mutex
	life    life
	changed chan struct{}
}

// life is what the API server says of a container.
type life struct {
	// restarts is how often it was started again.
	restarts int32
	// ended is set while it does not run, gone when its pod is no more.
	ended, gone bool
}

func newContainer(dir string, pod *corev1.Pod, name string, since time.Time) *container {
	return &container{namespace: pod.Namespace, pod: pod.Name, name: name, last: since,
		path: filepath.Join(dir, pod.Name, name+".log"), changed: make(chan struct{}, 1)}
}

// tell notes how the container is; the keeper is told if that is news.
func (c *container) tell(now life) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if c.life == now {
		return
	}
	c.life = now
	select {
	case c.changed <- struct{}{}:
	default: // it has not looked since the last time
	}
}

// now is how the container is.
func (c *container) now() life {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return c.life
}

// write appends one line, which ends with a line break.
func (c *container) write(line string) error {
	if c.file == nil {
		if err := os.MkdirAll(filepath.Dir(c.path), 0o755); err != nil {
			return fmt.Errorf("make the folder of a log: %w", err)
		}
		file, err := os.OpenFile(c.path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o644)
		if err != nil {
			return fmt.Errorf("make a log: %w", err)
		}
		c.file = file
	}
	if _, err := c.file.WriteString(line); err != nil {
		return fmt.Errorf("write a log: %w", err)
	}
	return nil
}

// close ends the file and says what it may lack.
func (c *container) close() error {
	var err error
	if c.file != nil {
		err = c.file.Close()
	}
	if err = errors.Join(c.lost, c.missed, err); err != nil {
		return fmt.Errorf("log of container %s of pod %s: %w", c.name, c.pod, err)
	}
	return nil
}
