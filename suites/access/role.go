// Package access holds the spec about the rights that the suite itself needs.
package access

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/muster-csi/muster/framework/access"
	"github.com/muster-csi/muster/framework/harness"
	"github.com/muster-csi/muster/framework/timeouts"
	"github.com/muster-csi/muster/framework/workload"
)

var _ = Describe("restore", Label("restore", "access"), func() {
	It("has the content that was snapshotted, also for an account that has only the roles of muster rbac",
		Label("clause:R-10"), SpecTimeout(timeouts.Spec), func(ctx SpecContext) {
			env := harness.Begin(ctx)
			env.NeedsToGrant(ctx)
			account := harness.Must(access.NewAccount(ctx, env.Kube, env.Namespace+"-account", false))
			env.OnCleanup(account.Close)
			under := harness.Must(env.Under(account.Kubeconfig))
			Expect(access.Missing(ctx, under.Kube, false)).To(BeEmpty(), "rights that the roles do not grant")
			_, err := under.Kube.Core.CoreV1().Secrets(metav1.NamespaceSystem).List(ctx, metav1.ListOptions{})
			Expect(apierrors.IsForbidden(err)).To(BeTrue(), "the account must not read secrets of %s, but got %v", metav1.NamespaceSystem, err)

			claim := harness.Must(under.BoundClaim(ctx, harness.Claim{Name: "source", MiB: 64}))
			pod := harness.Must(under.StartPod(ctx, "user", claim))
			written := harness.Must(pod.Write(ctx, workload.Content{Seed: 1, MiB: 8}))
			harness.Must(under.ReadySnapshot(ctx, "snapshot", claim))
			harness.Must(pod.Write(ctx, workload.Content{Seed: 2, MiB: 8}))

			restored := harness.Must(under.RestoredClaim(ctx, harness.Claim{Name: "restored", MiB: 64, Snapshot: "snapshot"}))
			reader := harness.Must(under.StartPod(ctx, "reader", restored))
			Expect(reader.Sum(ctx, workload.Content{})).To(Equal(written), "SHA-256 of the restored content")
		})
})
