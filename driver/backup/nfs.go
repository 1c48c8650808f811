package backup

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/longhorn/backupstore"
	"github.com/longhorn/backupstore/fsops"
	"github.com/longhorn/backupstore/util"
	"github.com/moby/sys/mountinfo"
	mount "k8s.io/mount-utils"
)

// nfsStore is a backupstore on an NFS server. It takes the place of the library's own,
// which refuses the mount that it has made when it opens the store for the second time:
// it asks for the number of the kernel's NFS, which a file system in user space does not have.
type nfsStore struct {
	*fsops.FileSystemOperator
	url, dir string
}

const nfsKind = "nfs"

// nfsVersions are tried in this order (B-23).
var nfsVersions = []string{"4.2", "4.1", "4.0"}

func init() {
	if err := backupstore.RegisterDriver(nfsKind, openNFS); err != nil {
		panic(err)
	}
}

// Kind implements backupstore.BackupStoreDriver.
func (s *nfsStore) Kind() string { return nfsKind }

// GetURL implements backupstore.BackupStoreDriver: without options.
func (s *nfsStore) GetURL() string { return s.url }

// LocalPath implements fsops.FileSystemOps.
func (s *nfsStore) LocalPath(path string) string { return filepath.Join(s.dir, path) }

// openNFS opens the store at a URL nfs://host:/path?nfsOptions=a,b and mounts it first,
// where the library does, unless this process has.
func openNFS(text string) (backupstore.BackupStoreDriver, error) {
	if err := CheckTarget(text); err != nil {
		return nil, err
	}
	target, err := url.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("read the URL of backup target %s: %w", text, err)
	}
	source := target.Host + target.Path
	s := &nfsStore{url: nfsKind + "://" + source,
		dir: filepath.Join(util.MountDir, strings.TrimRight(strings.ReplaceAll(target.Host, ".", "_"), ":"), target.Path)}
	s.FileSystemOperator = fsops.NewFileSystemOperator(s)
	var options []string
	if given := target.Query()["nfsOptions"]; len(given) > 0 {
		options = util.SplitMountOptions(given)
	}
	if err := mountNFS(source, s.dir, options); err != nil {
		return nil, fmt.Errorf("cannot mount nfs %s: %w", source, err)
	}
	if _, err := s.List(""); err != nil {
		return nil, fmt.Errorf("NFS path %s does not exist or is no directory: %w", source, err)
	}
	return s, nil
}

// mounting keeps two from mounting at once.
var mounting sync.Mutex

// mountNFS mounts with the options given, or by the first version that works.
func mountNFS(source, dir string, options []string) error {
	mounting.Lock()
	defer mounting.Unlock()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("make the mount point: %w", err)
	}
	if there, err := mountinfo.Mounted(dir); err != nil || there {
		return err
	}
	tries := [][]string{options}
	if len(options) == 0 {
		tries = nil
		for _, version := range nfsVersions {
			tries = append(tries, []string{"nfsvers=" + version, "actimeo=1", "soft", "timeo=300", "retry=2"})
		}
	}
	var failed []error
	for _, options := range tries {
		err := mount.New("").MountSensitiveWithoutSystemd(source, dir, "nfs4", options, nil)
		if err == nil {
			return nil
		}
		failed = append(failed, fmt.Errorf("with %s: %w", strings.Join(options, ","), err))
	}
	return errors.Join(failed...)
}
