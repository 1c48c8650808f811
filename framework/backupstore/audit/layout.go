package audit

import (
	"crypto/sha512"
	"encoding/hex"
	"regexp"
	"strings"
)

// base is the folder below which Longhorn keeps volumes. What else it keeps
// beside it, backing images and backups of its own system, is not looked at.
const base = "backupstore/volumes/"

const (
	configFile = "volume.cfg"
	blockEnd   = ".blk"
)

var (
	validName  = regexp.MustCompile(`^[a-zA-Z0-9][a-zA-Z0-9_.-]+$`)
	validSum   = regexp.MustCompile(`^[0-9a-f]{64}$`)
	backupFile = regexp.MustCompile(`^backups/backup_([a-zA-Z0-9][a-zA-Z0-9_.-]+)\.cfg$`)
	blockFile  = regexp.MustCompile(`^blocks/[0-9a-f]{2}/[0-9a-f]{2}/([0-9a-f]{64})\.blk$`)
	// misplacedBlock is a block wherever it lies; one that lies right is no unknown object.
	misplacedBlock = regexp.MustCompile(`/blocks/.*\b[0-9a-f]{64}\.blk$`)
	lockFile       = regexp.MustCompile(`^locks/lock-[0-9a-f]{16}\.lck$`)
	// unfinished is how a store on a file system names what it has begun to write.
	unfinished = regexp.MustCompile(`\.tmp\.[0-9]+$`)
)

// checksum is what Longhorn names blocks after: half of the hex digits of SHA-512.
func checksum(sum []byte) string { return hex.EncodeToString(sum)[:64] }

// folder is where one volume lies.
type folder struct {
	// path is backupstore/volumes/<h0h1>/<h2h3>/<volume>/.
	path   string
	volume string
}

// folderOf returns where a volume belongs: h is the checksum of its name.
func folderOf(volume string) folder {
	sum := sha512.Sum512([]byte(volume))
	h := checksum(sum[:])
	return folder{path: base + h[:2] + "/" + h[2:4] + "/" + volume + "/", volume: volume}
}

// folderOfKey returns the folder of the volume that an object belongs to, false
// for an object that lies outside of every volume's.
func folderOfKey(key string) (folder, bool) {
	parts := strings.SplitN(strings.TrimPrefix(key, base), "/", 4)
	if len(parts) < 4 {
		return folder{}, false
	}
	return folder{path: strings.TrimSuffix(key, parts[3]), volume: parts[2]}, true
}

func (f folder) config() string            { return f.path + configFile }
func (f folder) backup(name string) string { return f.path + "backups/backup_" + name + ".cfg" }
func (f folder) block(checksum string) string {
	return f.path + "blocks/" + checksum[:2] + "/" + checksum[2:4] + "/" + checksum + blockEnd
}

// FolderOf returns where a store keeps a volume, from the store's root and with
// a slash at the end.
func FolderOf(volume string) string { return folderOf(volume).path }

// BlockOf returns where a store keeps a block of a volume, from the store's root.
func BlockOf(volume, checksum string) string {
	return folderOf(volume).block(checksum)
}
