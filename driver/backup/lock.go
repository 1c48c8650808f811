package backup

import (
	"errors"
	"fmt"
	"path"
	"strings"

	"github.com/longhorn/backupstore"

	"github.com/muster-csi/muster/driver/deviation"
)

// otherLocks is what two planted defects do with the locks that others have put
// into the store: one honours a lock that has expired, the other breaks all of
// them. Without them it is nil, and the library decides (B-10).
func (w *worker) otherLocks(own backupstore.LockType) error {
	honours, breaks := w.deviations.Has(deviation.BackupLockNeverExpires), w.deviations.Has(deviation.BackupLocksBroken)
	if !honours && !breaks {
		return nil
	}
	driver, err := w.driver()
	if err != nil {
		return err
	}
	folder := path.Join(volumePath(w.Volume), backupstore.LOCKS_DIRECTORY)
	names, err := driver.List(folder)
	if err != nil {
		return nil // there are none
	}
	var failures []error
	for _, name := range names {
		file := path.Join(folder, strings.TrimLeft(name, "/"))
		lock := &backupstore.FileLock{}
		if err := backupstore.LoadConfigInBackupStore(driver, file, lock); err != nil || lock.Type == own {
			continue
		}
		if breaks {
			failures = append(failures, driver.Remove(file))
			continue
		}
		failures = append(failures, fmt.Errorf("volume %s is locked by %s, please try again later", w.Volume, name))
	}
	return errors.Join(failures...)
}
