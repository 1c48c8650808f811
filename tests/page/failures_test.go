package page

import (
	"os"
	"path/filepath"
	"time"

	"github.com/onsi/ginkgo/v2/types"
)

// began is when the example ran, planted is a secret in its evidence.
var began = time.Date(2026, 11, 24, 17, 3, 18, 0, time.UTC)

const planted = "planted-hunter2"

// failures are the specs whose evidence is in testdata: one waited in vain, one found
// other data than it should, one failed at first only. After the second something was
// left behind, and the check at the end of the run found it again.
func failures(dir string) types.SpecReports {
	waited := failed(dir, "target-not-set", spec("bak", "can be deleted while its target is not set, and what is in the bucket stays there", "D-28"), 0, 40*time.Second, "setting the target again")
	differs := failed(dir, "restored-zeros", spec("bak", "restores zeros where zeros were written over backed up data", "R-30", "B-08"), 60*time.Second, 50*time.Second, "writing zeros over whole blocks and over a part of one")
	differs.AdditionalFailures = []types.AdditionalFailure{{Failure: types.Failure{Message: "after the spec: left over: " + left}}}
	early := failed(dir, "ready-early", spec("bak", "of an attached volume is ready once its backup is in the bucket", "C-30"), 20*time.Second, 25*time.Second, "asking for a backup")
	early.State, early.NumAttempts = types.SpecStatePassed, 2
	early.AdditionalFailures = []types.AdditionalFailure{{Failure: early.Failure}}
	early.AdditionalFailures[0].Failure.Message += "\npassword=" + planted
	early.Failure = types.Failure{}
	atTheEnd := types.SpecReport{LeafNodeType: types.NodeTypeSynchronizedAfterSuite, State: types.SpecStateFailed, ParallelProcess: 1,
		Failure: types.Failure{Message: "things are left after the run: PersistentVolume pvc-1d0c7b7b-2f4f-4a4b-9f0e-3b8c4f0a1c11"}}
	return types.SpecReports{waited, differs, early, atTheEnd}
}

const left = "waited 3m0s (timeouts.VolumeDeleted) for persistentvolumes pvc-1d0c7b7b-2f4f-4a4b-9f0e-3b8c4f0a1c11 to be gone; last seen: phase Released"

// failed is the spec as it failed so long after the run began, with the message and
// evidence of the folder.
func failed(dir, folder string, s types.SpecReport, after, took time.Duration, step string) types.SpecReport {
	message, err := os.ReadFile(filepath.Join("testdata", "failed", folder, "failure.txt"))
	if err != nil {
		panic(err) // the folder belongs to this package
	}
	s.State, s.StartTime, s.RunTime, s.ParallelProcess = types.SpecStateFailed, began.Add(after), took, processes
	s.SpecEvents = steps(s.StartTime, took, "making a volume", step)
	s.Failure = types.Failure{Message: string(message), Location: types.CodeLocation{FileName: folder + ".go", LineNumber: 42},
		TimelineLocation: types.TimelineLocation{Time: s.StartTime.Add(took * 9 / 10)}}
	s.ReportEntries = types.ReportEntries{{Name: "evidence", Value: types.WrapEntryValue(filepath.Join(dir, "failed", folder))}}
	return s
}
