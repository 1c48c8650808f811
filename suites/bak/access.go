package bak

import (
	"context"

	longhornv1beta2 "github.com/longhorn/longhorn-manager/k8s/pkg/apis/longhorn/v1beta2"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"

	"github.com/muster-csi/muster/framework/harness"
	"github.com/muster-csi/muster/framework/longhorn"
	"github.com/muster-csi/muster/framework/timeouts"
)

// backedUp makes a volume with an access mode, which nothing uses where that is possible, and a backup of it.
func backedUp(ctx context.Context, env *harness.Env, name string, access corev1.PersistentVolumeAccessMode) {
	claim := harness.Must(env.BoundClaim(ctx, harness.Claim{Name: name, MiB: volumeMiB, Mode: access}))
	if !env.Follows("1.5") { // clause C-36
		harness.Must(env.StartPod(ctx, name+"-user", claim))
	}
	harness.Must(env.ReadyBackup(ctx, name, claim))
}

// accessOf is what Longhorn says of a restore into a claim with an access mode.
func accessOf(ctx context.Context, env *harness.Env, snapshot string, access corev1.PersistentVolumeAccessMode) longhornv1beta2.AccessMode {
	claim := harness.Must(env.RestoredClaim(ctx, harness.Claim{Name: "from-" + snapshot, MiB: volumeMiB, Snapshot: snapshot, Mode: access}))
	return harness.Must(longhorn.Volume(ctx, env.Client, harness.Must(env.HandleOf(ctx, claim)))).Spec.AccessMode
}

var _ = Describe("bak", Label("bak", "bak-restore"), func() {
	It("is restored with the access mode that the claim asks for, whatever the source's was",
		Label("clause:R-33"), SpecTimeout(timeouts.Spec), func(ctx SpecContext) {
			env := harness.BeginBackups(ctx)
			backedUp(ctx, env, "shared", corev1.ReadWriteMany)
			backedUp(ctx, env, "single", corev1.ReadWriteOnce)
			Expect(accessOf(ctx, env, "shared", corev1.ReadWriteOnce)).To(Equal(longhornv1beta2.AccessModeReadWriteOnce), "a shared volume restored for one node")
			Expect(accessOf(ctx, env, "single", corev1.ReadWriteMany)).To(Equal(longhornv1beta2.AccessModeReadWriteMany), "a volume of one node restored for many")
		})

	// longhorn/longhorn#3444: it became rwo. Serial: the version of the contract is an option of the one driver that all specs share.
	It("before Longhorn 1.11 is restored with the access mode of the source for a claim that is for one node",
		Serial, Label("settings", "chosen:R-33"), SpecTimeout(timeouts.Spec), func(ctx SpecContext) {
			env := harness.BeginBackups(ctx)
			Expect(env.UseBefore(ctx, "1.11")).To(Succeed())
			backedUp(ctx, env, "shared", corev1.ReadWriteMany)
			Expect(accessOf(ctx, env, "shared", corev1.ReadWriteOnce)).To(Equal(longhornv1beta2.AccessModeReadWriteMany), "a shared volume restored for one node")
		})
})
