package csi

import (
	"crypto/sha512"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/container-storage-interface/spec/lib/go/csi"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"google.golang.org/grpc/codes"

	direct "github.com/muster-csi/muster/framework/csi"
	"github.com/muster-csi/muster/framework/harness"
	"github.com/muster-csi/muster/framework/timeouts"
)

const mib = int64(1 << 20)

// nameLimit is the longest name in characters that a volume has (clause V-01).
const nameLimit = 40

var _ = Describe("csi", Label("api"), func() {
	It("gives a volume its name in lower case and cuts a long one", SpecTimeout(timeouts.Spec), Label("clause:V-01"), func(ctx SpecContext) {
		_, driver := begin(ctx)
		exact := driver.Name("x")
		exact += strings.Repeat("y", nameLimit-len(exact))
		long := exact + "-and-more"
		sum := sha512.Sum512([]byte(long))
		for asked, want := range map[string]string{
			strings.ToUpper(driver.Name("Upper")): driver.Name("upper"),
			exact:                                 exact,
			long:                                  long[:nameLimit-9] + "-" + hex.EncodeToString(sum[:4]),
		} {
			volume := harness.Must(driver.Make(ctx, direct.NewVolume(asked, 16*mib)))
			Expect(volume.GetVolumeId()).To(Equal(want), "the volume that was asked for as %s", asked)
		}
	})

	It("refuses a volume without a name or a known capability", SpecTimeout(timeouts.Spec),
		Label("clause:V-02", "clause:V-03", "both:I-06"), func(ctx SpecContext) {
			env, driver := begin(ctx)
			name := driver.Name("refused")
			bare := func(capabilities ...*csi.VolumeCapability) *csi.CreateVolumeRequest {
				return &csi.CreateVolumeRequest{Name: name, CapacityRange: direct.Bytes(16 * mib), VolumeCapabilities: capabilities}
			}
			cases := []direct.Case{
				{Name: "without a name", Request: direct.NewVolume("", 16*mib), Code: codes.InvalidArgument, Message: []string{"volume id missing in request"}},
				{Name: "without capabilities", Request: bare(), Code: codes.InvalidArgument, Message: []string{"Volume Capabilities cannot be empty"}},
				{Name: "with a capability that is neither block nor mount", Code: codes.InvalidArgument,
					Request: bare(&csi.VolumeCapability{AccessMode: &csi.VolumeCapability_AccessMode{Mode: csi.VolumeCapability_AccessMode_SINGLE_NODE_WRITER}})},
				{Name: "with one good capability and one that is nothing", Code: codes.InvalidArgument, Request: bare(direct.OneWriter(), &csi.VolumeCapability{})},
			}
			for _, mode := range refusedModes(env) {
				for kind, capability := range map[string]*csi.VolumeCapability{"mounted": direct.Mounted(mode), "raw": direct.RawBlock(mode)} {
					cases = append(cases, direct.Case{
						Name: fmt.Sprintf("%s with access mode %s", kind, mode), Request: bare(capability),
						Code: codes.InvalidArgument, Message: []string{"access mode " + mode.String() + " is not supported"},
					})
				}
			}
			Expect(driver.CheckInTurn(ctx, cases...)).To(Succeed())
			Expect(driver.Exists(ctx, name)).To(BeFalse(), "a refused volume must not exist")
		})

	It("accepts every access mode of its release", SpecTimeout(timeouts.Spec), Label("both:I-06", "clause:I-08"), func(ctx SpecContext) {
		env, driver := begin(ctx)
		for i, mode := range acceptedModes(env) {
			request := direct.NewVolume(driver.Name(fmt.Sprintf("mode-%d", i)), 16*mib)
			request.VolumeCapabilities = []*csi.VolumeCapability{direct.Mounted(mode)}
			harness.Must(driver.Make(ctx, request))
		}
		raw := direct.NewVolume(driver.Name("raw"), 16*mib)
		raw.VolumeCapabilities = []*csi.VolumeCapability{direct.RawBlock(csi.VolumeCapability_AccessMode_SINGLE_NODE_WRITER)}
		harness.Must(driver.Make(ctx, raw))
	})

	It("rounds the size of a volume up to 2 MiB, with 10 MiB at least", SpecTimeout(timeouts.Spec), Label("clause:V-04"), func(ctx SpecContext) {
		_, driver := begin(ctx)
		for i, size := range []struct{ required, limit, want int64 }{
			{required: 0, want: 10 * mib}, {required: 1, want: 10 * mib}, {required: 10 * mib, want: 10 * mib},
			{required: 10*mib + 1, want: 12 * mib}, {required: 31 * mib, want: 32 * mib}, {required: 64*mib - 1, want: 64 * mib},
			{required: 64*mib + 1, limit: 64*mib + 2, want: 66 * mib},
		} {
			request := direct.NewVolume(driver.Name(fmt.Sprint("size-", i)), size.required)
			request.CapacityRange.LimitBytes = size.limit
			volume := harness.Must(driver.Make(ctx, request))
			Expect(volume.GetCapacityBytes()).To(Equal(size.want), "of a request for %d to %d bytes", size.required, size.limit)
		}
		none := direct.NewVolume(driver.Name("size-none"), 0)
		none.CapacityRange = nil
		Expect(harness.Must(driver.Make(ctx, none)).GetCapacityBytes()).To(Equal(10 * mib))
	})

	It("answers a repeated request for a volume by its size alone", SpecTimeout(timeouts.Spec), Label("clause:V-06"), func(ctx SpecContext) {
		_, driver := begin(ctx)
		first := harness.Must(driver.Volume(ctx, "again", 32))
		other := harness.Must(driver.Volume(ctx, "other", 32))
		name := first.GetVolumeId()
		for _, request := range []*csi.CreateVolumeRequest{direct.NewVolume(name, 32*mib), direct.NewVolume(name, 31*mib), direct.Cloned(name, 32*mib, other.GetVolumeId())} {
			again := harness.Must(driver.Make(ctx, request))
			Expect(again.GetVolumeId()).To(Equal(name))
			Expect(again.GetCapacityBytes()).To(Equal(32 * mib))
		}
		Expect(driver.CheckInTurn(ctx,
			direct.Case{Name: "again and larger", Request: direct.NewVolume(name, 64*mib), Code: codes.AlreadyExists, Message: []string{name, "differs from requested size"}},
			direct.Case{Name: "again and smaller", Request: direct.NewVolume(name, 16*mib), Code: codes.AlreadyExists, Message: []string{name, "differs from requested size"}},
		)).To(Succeed())
	})

	It("refuses a StorageClass parameter with a wrong value", SpecTimeout(timeouts.Spec), Label("clause:V-07"), func(ctx SpecContext) {
		_, driver := begin(ctx)
		var cases []direct.Case
		var names []string
		for i, wrong := range []struct{ key, value string }{
			{"numberOfReplicas", "three"}, {"numberOfReplicas", "1.5"}, {"staleReplicaTimeout", "soon"}, {"share", "maybe"},
			{"migratable", "maybe"}, {"disableRevisionCounter", "maybe"}, {"encrypted", "maybe"},
			{"recurringJobSelector", "[{"}, {"recurringJobSelector", "daily"},
		} {
			name := driver.Name(fmt.Sprint("wrong-", i))
			names = append(names, name)
			request := direct.NewVolume(name, 16*mib)
			request.Parameters = map[string]string{wrong.key: wrong.value}
			message := "invalid parameter " + wrong.key
			if wrong.key == "recurringJobSelector" {
				message = "invalid json format of recurringJobSelector"
			}
			cases = append(cases, direct.Case{Name: wrong.key + "=" + wrong.value, Request: request, Code: codes.InvalidArgument, Message: []string{message}})
		}
		Expect(driver.Check(ctx, cases...)).To(Succeed())
		for _, name := range names {
			Expect(driver.Exists(ctx, name)).To(BeFalse(), "a refused volume must not exist: %s", name)
		}
	})
})

// singleNodeModes came with Kubernetes' ReadWriteOncePod.
var singleNodeModes = []direct.Mode{
	csi.VolumeCapability_AccessMode_SINGLE_NODE_SINGLE_WRITER, csi.VolumeCapability_AccessMode_SINGLE_NODE_MULTI_WRITER,
}

func acceptedModes(env *harness.Env) []direct.Mode {
	modes := []direct.Mode{csi.VolumeCapability_AccessMode_SINGLE_NODE_WRITER, csi.VolumeCapability_AccessMode_MULTI_NODE_MULTI_WRITER}
	if env.Follows("1.11") {
		modes = append(modes, singleNodeModes...)
	}
	return modes
}

func refusedModes(env *harness.Env) []direct.Mode {
	modes := []direct.Mode{
		csi.VolumeCapability_AccessMode_UNKNOWN, csi.VolumeCapability_AccessMode_SINGLE_NODE_READER_ONLY,
		csi.VolumeCapability_AccessMode_MULTI_NODE_READER_ONLY, csi.VolumeCapability_AccessMode_MULTI_NODE_SINGLE_WRITER,
	}
	if !env.Follows("1.11") {
		modes = append(modes, singleNodeModes...)
	}
	return modes
}
