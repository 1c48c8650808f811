package loops

// loop is an attached loop device and what it stands on.
type loop struct {
	path          string
	device        uint64 // its own device number
	backingFS     uint64 // device number of the file system its file is on
	backingInode  uint64 // inode of its file
	backingDevice uint64 // device number when its "file" is itself a device
}

// fileID identifies a file on this machine.
type fileID struct {
	device uint64
	inode  uint64
}

// loopChain returns the loop devices that stand on one of the files, directly
// or through other loop devices, in the order in which they can be detached:
// a device always comes before the one it stands on.
//
// A device stands on another when its file lies on a file system that is
// mounted from the other (a volume in a pool), or when it is laid over the
// other itself (the kubelet does that for raw block volumes).
func loopChain(loops []loop, files map[fileID]bool) []loop {
	layer := map[uint64]int{} // device -> distance from the files
	for _, l := range loops {
		if files[fileID{l.backingFS, l.backingInode}] {
			layer[l.device] = 1
		}
	}
	for changed := true; changed; {
		changed = false
		for _, l := range loops {
			below := max(layer[l.backingFS], layer[l.backingDevice])
			if below > 0 && layer[l.device] <= below && below < len(loops) {
				layer[l.device] = below + 1
				changed = true
			}
		}
	}
	var chain []loop
	for depth := len(loops); depth > 0; depth-- {
		for _, l := range loops {
			if layer[l.device] == depth {
				chain = append(chain, l)
			}
		}
	}
	return chain
}
