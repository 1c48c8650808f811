package engine

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"

	"github.com/muster-csi/muster/driver/engine/loop"
)

const (
	// detachPatience is how long a device may stay busy after it was given up:
	// probes such as blkid open every new device for a moment.
	detachPatience = time.Second
	detachInterval = 10 * time.Millisecond
)

// Attach makes the volume a block device and returns its node. A volume that
// is attached, by this engine or an earlier one, keeps its device: a file is
// never attached twice.
func (e *Engine) Attach(ctx context.Context, name string) (string, error) {
	if err := checkName("volume", name); err != nil {
		return "", err
	}
	unlock, err := e.locks.lock(ctx, name)
	if err != nil {
		return "", err
	}
	defer unlock()
	device, err := e.attach(ctx, name, -1)
	if err != nil {
		return "", fmt.Errorf("attach volume %s: %w", name, explain(err))
	}
	return device.Path(), nil
}

// attach returns the volume's device, the numbered one if it has none yet and
// number is not negative. The caller holds the volume.
func (e *Engine) attach(ctx context.Context, name string, number int) (*loop.Device, error) {
	head, err := e.openHead(name)
	if err != nil {
		return nil, err
	}
	defer head.Close()
	device, err := e.findDevice(name, head)
	if err != nil || device != nil {
		return device, err
	}
	device, err = loop.Attach(ctx, head, loop.Options{DirectIO: true, Number: number})
	if err != nil {
		return nil, err
	}
	if err := e.adopt(name, device); err != nil {
		return nil, errors.Join(err, device.Close())
	}
	return device, nil
}

// findDevice returns the device that the volume is attached to, held by this
// engine from now on, or nil.
func (e *Engine) findDevice(name string, head *os.File) (*loop.Device, error) {
	e.mu.Lock()
	device := e.attached[name]
	e.mu.Unlock()
	if device != nil && device.Backs(head) {
		return device, nil
	}
	if device != nil { // somebody detached it by force
		e.release(name)
	}
	device, err := loop.Find(head, filepath.Join("/", name, headFile))
	if errors.Is(err, loop.ErrNotAttached) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return device, e.adopt(name, device)
}

// adopt keeps the device, and writes its number down for an engine that comes
// after this one. Loop devices do not survive a power failure, so the note
// need not either: it is not synced.
func (e *Engine) adopt(name string, device *loop.Device) error {
	temp := filepath.Join(e.volumeDir(name), tempPrefix+attachedFile)
	if err := os.WriteFile(temp, []byte(strconv.Itoa(device.Number())), 0o600); err != nil {
		return err
	}
	if err := os.Rename(temp, e.attachedPath(name)); err != nil {
		return err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.attached[name] = device
	return nil
}

// release gives up the hold on a volume's device.
func (e *Engine) release(name string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if device := e.attached[name]; device != nil {
		device.Close()
		delete(e.attached, name)
	}
}

// Detach takes the block device of a volume away. A detached or missing volume
// is fine; one that is mounted or open is ErrInUse and stays attached.
func (e *Engine) Detach(ctx context.Context, name string) error {
	if err := checkName("volume", name); err != nil {
		return err
	}
	unlock, err := e.locks.lock(ctx, name)
	if err != nil {
		return err
	}
	defer unlock()
	if err := e.detach(ctx, name); err != nil && !errors.Is(err, ErrNotFound) {
		return fmt.Errorf("detach volume %s: %w", name, err)
	}
	return nil
}

// detach lets the kernel free the device and makes sure that it did. The
// caller holds the volume.
func (e *Engine) detach(ctx context.Context, name string) error {
	head, err := e.openHead(name)
	if err != nil {
		return err
	}
	defer head.Close()
	device, err := e.findDevice(name, head)
	if err != nil {
		return err
	}
	if device != nil {
		if err := device.Sync(); err != nil {
			return fmt.Errorf("flush %s: %w", device.Path(), err)
		}
		if err := e.waitFreed(ctx, name, head); err != nil {
			return err
		}
	}
	if err := os.Remove(e.attachedPath(name)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

// waitFreed gives the device up until nobody else has it open either.
func (e *Engine) waitFreed(ctx context.Context, name string, head *os.File) error {
	var path string
	err := wait.PollUntilContextTimeout(ctx, detachInterval, detachPatience, true, func(context.Context) (bool, error) {
		e.release(name)
		device, err := e.findDevice(name, head)
		if device != nil {
			path = device.Path()
		}
		return device == nil, err
	})
	if wait.Interrupted(err) {
		return fmt.Errorf("%s is still mounted or open; stop what uses it: %w", path, ErrInUse)
	}
	return err
}

// reattach finds or makes the devices of all volumes that were attached when
// the last engine ended. A mounted volume has kept its device. One that nobody
// had open has lost it, and gets the same number again if that is still free,
// because its device node may be published as a raw block volume already.
func (e *Engine) reattach(ctx context.Context) error {
	volumes, err := e.Volumes()
	if err != nil {
		return err
	}
	for _, volume := range volumes {
		note, err := os.ReadFile(e.attachedPath(volume))
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		number, parseErr := strconv.Atoi(strings.TrimSpace(string(note)))
		if err := errors.Join(err, parseErr); err != nil {
			return fmt.Errorf("read which device volume %s had: %w", volume, err)
		}
		if _, err := e.attach(ctx, volume, number); err != nil {
			// Attach picks another device when the volume is next asked for.
			warn(ctx, "volume could not be attached again to the device it had", volume, err)
		}
	}
	return nil
}
