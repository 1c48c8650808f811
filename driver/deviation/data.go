package deviation

// Planted defects of the data side: engine and node service.
const (
	// RestoreCurrentData breaks R-10. A restore copies the volume head instead of the snapshot.
	RestoreCurrentData Name = "restore-current-data"
	// RestoreShortTail breaks R-10. The last allocated MiB of a restore reads as zeros.
	RestoreShortTail Name = "restore-short-tail"
	// RestoreMovesSnapshot breaks R-10. A restore renames the snapshot file, so that a second one finds nothing.
	RestoreMovesSnapshot Name = "restore-moves-snapshot"
	// CutLate breaks C-20. Readiness is reported first, the cut happens seconds later.
	CutLate Name = "cut-late"
	// CutLosesAcknowledged breaks C-28. The cut is made from a copy that lags behind what was acknowledged.
	CutLosesAcknowledged Name = "cut-loses-acknowledged"
	// CloneEmpty breaks R-22. A volume clone is an empty file of the right size.
	CloneEmpty Name = "clone-empty"
	// ReadWriteShared breaks R-10. A restore shares the file with the snapshot: writes to the first restore show in the second.
	ReadWriteShared Name = "read-write-shared"
	// BlockRestoreZeroed breaks R-10. A restored raw block volume reads as zeros.
	BlockRestoreZeroed Name = "block-restore-zeroed"
	// XFSRestoreReformatted breaks I-13. A restored xfs volume is formatted anew when it is staged.
	XFSRestoreReformatted Name = "xfs-restore-reformatted"
)

// dataSide lists the planted defects of the data side.
var dataSide = []Deviation{
	{RestoreCurrentData, Defect, "restore", "R-10", "A restore copies the volume head instead of the snapshot."},
	{RestoreShortTail, Defect, "restore", "R-10", "The last allocated MiB of a restore reads as zeros."},
	{RestoreMovesSnapshot, Defect, "restore", "R-10", "A restore renames the snapshot file, so that a second one finds nothing."},
	{CutLate, Defect, "snap", "C-20", "Readiness is reported first, the cut happens seconds later."},
	{CutLosesAcknowledged, Defect, "snap", "C-28", "The cut is made from a copy that lags behind what was acknowledged."},
	{CloneEmpty, Defect, "clone", "R-22", "A volume clone is an empty file of the right size."},
	{ReadWriteShared, Defect, "restore", "R-10", "A restore shares the file with the snapshot: writes to the first restore show in the second."},
	{BlockRestoreZeroed, Defect, "restore", "R-10", "A restored raw block volume reads as zeros."},
	{XFSRestoreReformatted, Defect, "restore", "I-13", "A restored xfs volume is formatted anew when it is staged."},
}
