package s3front

import (
	"net/http"
	"path"
	"strings"
)

// Class is what an object is to the backupstore, told from its key.
type Class string

// The classes, after the layout that longhorn/backupstore gives a volume below
// .../volumes/<2>/<2>/<volume>/ (config.go, util.go and lock.go there).
const (
	// Block is a piece of a volume's content: blocks/<2>/<2>/<checksum>.blk.
	Block Class = "block"
	// BackupConfig describes one backup: backups/backup_<name>.cfg.
	BackupConfig Class = "backup-config"
	// VolumeConfig describes the volume: volume.cfg.
	VolumeConfig Class = "volume-config"
	// Lock keeps creation and deletion of backups apart: locks/lock-<id>.lck.
	Lock Class = "lock"
	// List is no object: a GET of the bucket, with a prefix or without.
	List Class = "list"
	// Other is everything else.
	Other Class = "other"
)

// target returns the key that a request asks for, and its class. The bucket is
// the first part of the path, since the front serves path-style addresses only.
// The key of a listing is its prefix.
func target(r *http.Request) (key string, class Class) {
	_, key, _ = strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	if key == "" && r.Method == http.MethodGet {
		return r.URL.Query().Get("prefix"), List
	}
	return key, classOf(key)
}

func classOf(key string) Class {
	directory, name := path.Split(key)
	switch {
	case strings.Contains(directory, "/blocks/") && strings.HasSuffix(name, ".blk"):
		return Block
	case strings.HasSuffix(directory, "/backups/") && strings.HasPrefix(name, "backup_"):
		return BackupConfig
	case name == "volume.cfg":
		return VolumeConfig
	case strings.HasSuffix(directory, "/locks/") && strings.HasSuffix(name, ".lck"):
		return Lock
	default:
		return Other
	}
}
