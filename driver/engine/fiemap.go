package engine

import (
	"fmt"
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

// fsIocFiemap is FS_IOC_FIEMAP, _IOWR('f', 11, struct fiemap).
const fsIocFiemap = 0xc020660b

const (
	fiemapFlagSync         = 0x1
	fiemapExtentLast       = 0x1
	fiemapExtentUnknown    = 0x2
	fiemapExtentDelalloc   = 0x4
	fiemapExtentEncoded    = 0x8
	fiemapExtentNotAligned = 0x100
	fiemapExtentInline     = 0x200
	fiemapExtentUnwritten  = 0x800
	// fiemapNoAddress are the flags of extents whose physical address says nothing about their data.
	fiemapNoAddress = fiemapExtentUnknown | fiemapExtentDelalloc | fiemapExtentEncoded | fiemapExtentNotAligned | fiemapExtentInline
	fiemapBatch     = 512
)

// fiemapExtent is struct fiemap_extent.
type fiemapExtent struct {
	logical, physical, length uint64
	_                         [2]uint64
	flags                     uint32
	_                         [3]uint32
}

// fiemapRequest is struct fiemap with room for extents behind it.
type fiemapRequest struct {
	start, length uint64
	flags         uint32
	mapped        uint32
	count         uint32
	_             uint32
	extents       [fiemapBatch]fiemapExtent
}

// mapping is a run of a file that holds data.
type mapping struct {
	offset, length int64
	// physical is where the data is on the device below; two files with the
	// same address share the block.
	physical int64
	// opaque is true when physical says nothing about the data.
	opaque bool
}

// mappings returns the runs of a file that hold data, in order. Space that is
// reserved but was never written reads as zeros and counts as a hole.
func mappings(file *os.File) ([]mapping, error) {
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	var runs []mapping
	request := new(fiemapRequest)
	for start := uint64(0); start < uint64(info.Size()); {
		request.start, request.length = start, uint64(info.Size())-start
		request.flags, request.count = fiemapFlagSync, fiemapBatch
		_, _, errno := unix.Syscall(unix.SYS_IOCTL, file.Fd(), fsIocFiemap, uintptr(unsafe.Pointer(request)))
		if errno != 0 {
			return nil, fmt.Errorf("read extents of %s: %w", file.Name(), errno)
		}
		if request.mapped == 0 {
			break
		}
		for _, extent := range request.extents[:request.mapped] {
			start = extent.logical + extent.length
			runs = appendWritten(runs, extent, info.Size())
		}
		if request.extents[request.mapped-1].flags&fiemapExtentLast != 0 {
			break
		}
	}
	return runs, nil
}

func appendWritten(runs []mapping, extent fiemapExtent, size int64) []mapping {
	offset, length := int64(extent.logical), int64(extent.length)
	length = min(length, size-offset)
	if extent.flags&fiemapExtentUnwritten != 0 || length <= 0 {
		return runs
	}
	return append(runs, mapping{
		offset: offset, length: length, physical: int64(extent.physical),
		opaque: extent.flags&fiemapNoAddress != 0,
	})
}
