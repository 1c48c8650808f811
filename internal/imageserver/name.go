package imageserver

import (
	"fmt"
	"regexp"
	"strconv"

	"github.com/muster-csi/muster/internal/pattern"
)

// Images that there is one of. Raw, Odd and their qcow2 forms come in many.
const (
	// Sparse is a qcow2 image of virtually 1 GiB with 17 clusters of data, which
	// are 1088 KiB, the first cluster and the last among them.
	Sparse = "sparse.qcow2"
	// Backing is a qcow2 image of virtually 1 MiB without data whose backing file
	// is /etc/passwd of whoever opens it.
	Backing = "backing.qcow2"
	// DataFile is a qcow2 image of virtually 1 MiB whose first cluster is that of an
	// external data file, /etc/passwd of whoever opens it.
	DataFile = "datafile.qcow2"
	// Unaligned is a raw image of 1000001 bytes, no multiple of any sector.
	Unaligned = "unaligned.img"
	// Zero is an empty file.
	Zero = "zero.img"
)

// Raw names a raw image of random data, that many MiB long.
func Raw(mib int, seed int64) string { return fmt.Sprintf("raw-%dm-%d.img", mib, seed) }

// RawQCOW2 names the image in qcow2 that holds what Raw holds.
func RawQCOW2(mib int, seed int64) string { return fmt.Sprintf("raw-%dm-%d.qcow2", mib, seed) }

// Odd names a raw image of random data that is 5 MiB and 1536 bytes long: whole
// sectors, but no multiple of 2 MiB.
func Odd(seed int64) string { return fmt.Sprintf("odd-%d.img", seed) }

// OddQCOW2 names the image in qcow2 that holds what Odd holds.
func OddQCOW2(seed int64) string { return fmt.Sprintf("odd-%d.qcow2", seed) }

const (
	// maxMiB bounds what a name can make the server write.
	maxMiB  = 4096
	oddSize = 5*pattern.MiB + 3*512
	// secret is what images name that must not be opened: every Linux has it, and its content is told at once.
	secret = "/etc/passwd"
	// fixedSeed is that of images that have none in their name.
	fixedSeed = 1
)

// seeded are the names that come in many.
var seeded = regexp.MustCompile(`^(?:raw-([1-9][0-9]{0,3})m|odd)-([0-9]{1,18})\.(img|qcow2)$`)

// available says in words which images there are.
var available = fmt.Sprintf("raw-<MiB>m-<seed>.img and .qcow2 (1 to %d MiB), odd-<seed>.img and .qcow2, %s, %s, %s, %s, %s",
	maxMiB, Sparse, Backing, DataFile, Unaligned, Zero)

// parse returns the image of that name; the error of an unknown one lists what there is.
func parse(name string) (image, error) {
	switch name {
	case Sparse:
		return image{name: name, qcow2: true, content: newSparse()}, nil
	case Backing:
		return image{name: name, qcow2: true, backing: secret, content: content{size: pattern.MiB, holds: nothing}}, nil
	case DataFile:
		return image{name: name, qcow2: true, dataFile: secret, content: content{size: pattern.MiB, holds: first}}, nil
	case Unaligned:
		return image{name: name, content: content{size: 1000001, seed: fixedSeed, holds: everything}}, nil
	case Zero:
		return image{name: name, content: content{holds: nothing}}, nil
	}
	words := seeded.FindStringSubmatch(name)
	if words == nil {
		return image{}, unknown(name)
	}
	size := int64(oddSize)
	if words[1] != "" {
		mib, _ := strconv.ParseInt(words[1], 10, 64) // at most four digits
		if mib > maxMiB {
			return image{}, unknown(name)
		}
		size = mib * pattern.MiB
	}
	seed, _ := strconv.ParseInt(words[2], 10, 64) // at most 18 digits
	return image{name: name, qcow2: words[3] == "qcow2", content: content{size: size, seed: seed, holds: everything}}, nil
}

func unknown(name string) error {
	return fmt.Errorf("there is no image %q: ask for one of %s", name, available)
}
