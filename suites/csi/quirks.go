package csi

import (
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"google.golang.org/grpc/codes"

	direct "github.com/muster-csi/muster/framework/csi"
	"github.com/muster-csi/muster/framework/harness"
	"github.com/muster-csi/muster/framework/timeouts"
)

// observe asks for a volume from the handle and reports whether the driver has made one.
func observe(ctx SpecContext, driver *harness.Direct, clause, suffix, handle string) {
	GinkgoHelper()
	_, err := driver.Make(ctx, direct.Restored(driver.Name(suffix), 32*mib, handle))
	harness.Observe(clause, err == nil, "the answer to %s is %s", handle, direct.Status(err).Code())
	Expect(direct.Status(err).Code()).NotTo(BeElementOf(codes.Unknown, codes.Unavailable, codes.DeadlineExceeded), "the driver must answer: %v", err)
}

var _ = Describe("csi", Label("api"), func() {
	It("accepts or refuses a snap handle that says too little or too much", SpecTimeout(timeouts.Spec), Label("limits", "clause:H-14", "clause:H-15", "clause:H-17"), func(ctx SpecContext) {
		_, driver := begin(ctx)
		volume, other := harness.Must(driver.Volume(ctx, "source", 32)).GetVolumeId(), harness.Must(driver.Volume(ctx, "other", 32)).GetVolumeId()
		handle := harness.Must(driver.Snapshot(ctx, snapshotOf(volume, driver.SnapshotName("s"), "snap"))).GetSnapshotId()
		name := strings.TrimPrefix(handle, "snap://"+volume+"/")
		observe(ctx, driver, "H-14", "no-volume", "snap:///"+name)
		observe(ctx, driver, "H-15", "tail", handle+"/extra")
		observe(ctx, driver, "H-15", "tail-two", handle+"://x/y")
		observe(ctx, driver, "H-17", "foreign", "snap://"+other+"/"+name)
	})

	It("accepts or refuses a bak handle of another volume", SpecTimeout(timeouts.Spec), Label("bak", "clause:H-20"), func(ctx SpecContext) {
		env, driver := begin(ctx)
		one, two := harness.Must(driver.Volume(ctx, "one", 32)).GetVolumeId(), harness.Must(driver.Volume(ctx, "two", 32)).GetVolumeId()
		handles := map[string]string{}
		for _, volume := range []string{one, two} {
			handles[volume] = harness.Must(env.CompleteBackup(ctx, driver, snapshotOf(volume, driver.SnapshotName(volume[len(volume)-3:]), "bak")))
		}
		observe(ctx, driver, "H-20", "foreign", "bak://"+two+"/"+strings.TrimPrefix(handles[one], "bak://"+one+"/"))
	})

	It("reads a bi handle with a path, repeated keys or another export type in its own way", SpecTimeout(timeouts.Spec),
		Label("bi", "clause:H-05", "clause:H-23", "clause:H-24", "clause:C-43", "clause:C-44"), func(ctx SpecContext) {
			env, driver := begin(ctx)
			volume := harness.Must(driver.Volume(ctx, "source", 32)).GetVolumeId()
			request := snapshotOf(volume, driver.SnapshotName("image"), "bi")
			first := harness.Must(driver.Snapshot(ctx, request))
			keys := harness.Must(harness.HandleKeys(first.GetSnapshotId()))
			harness.Must(env.WaitImageReady(ctx, keys[harness.HandleImage]))
			query := strings.TrimPrefix(first.GetSnapshotId(), "bi://backing?")

			shuffled := harness.Must(driver.Make(ctx, direct.Restored(driver.Name("shuffled"), 32*mib, "bi://backing?"+reversed(query))))
			harness.Observe("H-05", shuffled.GetVolumeId() != "", "the handle's keys in another order lead to the same image")
			observe(ctx, driver, "H-23", "path", "bi://anything/any/path?"+query)
			observe(ctx, driver, "H-24", "repeated", first.GetSnapshotId()+"&"+harness.HandleImage+"=another")

			again := harness.Must(driver.Snapshot(ctx, request))
			harness.Observe("C-44", again.GetCreationTime().AsTime() != first.GetCreationTime().AsTime(), "creation time %s, asked again %s",
				first.GetCreationTime().AsTime(), again.GetCreationTime().AsTime())
			request.Parameters["export-type"] = "qcow2"
			other := harness.Must(harness.HandleKeys(harness.Must(driver.Snapshot(ctx, request)).GetSnapshotId()))
			harness.Observe("C-43", other["export-type"] == "qcow2", "the handle of an image that is raw says %s when asked for qcow2", other["export-type"])
		})
})

// reversed turns the order of the keys of a query round.
func reversed(query string) string {
	parts := strings.Split(query, "&")
	for i, j := 0, len(parts)-1; i < j; i, j = i+1, j-1 {
		parts[i], parts[j] = parts[j], parts[i]
	}
	return strings.Join(parts, "&")
}
