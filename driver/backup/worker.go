package backup

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/longhorn/backupstore"
	_ "github.com/longhorn/backupstore/s3" // registers the kind of store
	"github.com/sirupsen/logrus"

	"github.com/muster-csi/muster/driver/deviation"
)

const (
	// dialTimeout and answerTimeout turn a store that hangs into an error, which
	// the S3 client then tries again; without them it would wait for ever.
	dialTimeout   = 10 * time.Second
	answerTimeout = 20 * time.Second
)

// errMissing is what an operation needs and the store does not have.
var errMissing = errors.New("not in the store")

// worker is one operation in this process.
type worker struct {
	Request
	deviations deviation.Set

	mu  sync.Mutex // guards out
	out *json.Encoder
}

// Work reads one Request from in, carries it out with the credentials in this
// process's environment and writes Events to out. The error, if any, is in the
// last Event too. The library's log goes to log.
func Work(ctx context.Context, in io.Reader, out, log io.Writer) error {
	w := &worker{out: json.NewEncoder(out)}
	logrus.SetOutput(log)
	logrus.SetLevel(logrus.WarnLevel)
	boundWaiting()
	result, err := w.work(ctx, in)
	last := Event{Done: true, Result: result}
	if err != nil {
		last.Error, last.Missing = oneLine(err), errors.Is(err, errMissing)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	return errors.Join(err, w.out.Encode(last))
}

// oneLine is the error's text without the line breaks that the S3 client puts
// into it: it is shown in conditions and events.
func oneLine(err error) string { return strings.Join(strings.Fields(err.Error()), " ") }

// boundWaiting changes the transport from which the library makes its own.
func boundWaiting() {
	if transport, ok := http.DefaultTransport.(*http.Transport); ok {
		transport.DialContext = (&net.Dialer{Timeout: dialTimeout, KeepAlive: dialTimeout}).DialContext
		transport.ResponseHeaderTimeout = answerTimeout
	}
}

func (w *worker) work(ctx context.Context, in io.Reader) (Result, error) {
	decoder := json.NewDecoder(in)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&w.Request); err != nil {
		return Result{}, fmt.Errorf("read the request of the backup worker: %w", err)
	}
	var err error
	if w.deviations, err = deviation.Parse(w.Deviations); err != nil {
		return Result{}, err
	}
	if w.deviations.Has(deviation.NFSVersion3) {
		nfsVersions = []string{"3"}
	}
	if mounts(w.Target) {
		if err := ownMounts(); err != nil {
			return Result{}, err
		}
		defer unmountAll()
	}
	switch w.Operation {
	case List:
		return w.list(ctx)
	case Inspect:
		return w.inspect()
	case Create:
		return w.create(ctx)
	case Restore:
		return Result{}, w.restore(ctx)
	case RestoreImage:
		return Result{}, w.restoreImage(ctx)
	case Delete:
		return Result{}, w.delete()
	case DeleteVolume:
		return Result{}, backupstore.DeleteBackupVolume(w.Volume, w.Target)
	}
	return Result{}, fmt.Errorf("the backup worker knows no operation %q", w.Operation)
}

// progress tells how far the operation is, in percent. A parent that does not
// listen any more has ended, and so will this process.
func (w *worker) progress(percent int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	_ = w.out.Encode(Event{Progress: percent})
}

// url names the request's backup as the library does.
func (w *worker) url() string { return backupstore.EncodeBackupURL(w.Backup, w.Volume, w.Target) }

// driver opens the store, which includes a first list of it.
func (w *worker) driver() (backupstore.BackupStoreDriver, error) {
	return backupstore.GetBackupStoreDriver(w.Target)
}

// Main runs a worker on this process's standard streams and returns its exit code.
// A SIGTERM ends what it does in good order.
func Main(ctx context.Context) int {
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGTERM)
	defer stop()
	if err := Work(ctx, os.Stdin, os.Stdout, os.Stderr); err != nil {
		return 1
	}
	return 0
}
