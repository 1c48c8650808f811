package sidecar

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/muster-csi/muster/framework/harness"
	"github.com/muster-csi/muster/framework/longhorn"
	"github.com/muster-csi/muster/framework/timeouts"
)

var _ = Describe("sidecar", Label("sidecar"), func() {
	It("needs the class at every attempt: without it the error names it, and when it is back the snapshot is taken",
		Label("clause:S-08"), SpecTimeout(timeouts.Spec), func(ctx SpecContext) {
			env := harness.Begin(ctx)
			claim, _ := filled(ctx, env, "")
			name := classOf(ctx, env, map[string]string{"type": "unknown"})
			snapshot := harness.Must(env.CreateSnapshot(ctx, "snapshot", claim, name))
			harness.Must(env.WaitRefused(ctx, snapshot, "code = InvalidArgument"))

			By("deleting the class while the snapshot is tried again and again")
			class := harness.Must(env.RemoveClass(ctx, name))
			content := harness.Must(env.ContentOf(ctx, harness.Must(env.Snapshot(ctx, "snapshot"))))
			Expect(env.Touch(ctx, content)).To(Succeed())
			Expect(env.WaitContentError(ctx, content, name, "not found")).To(Succeed())

			By("creating it again, with a type that there is")
			class.Parameters["type"] = "snap"
			Expect(env.Client.Create(ctx, class)).To(Succeed())
			snapshot = harness.Must(env.WaitReady(ctx, snapshot))
			Expect(snapshot.Status.Error).To(BeNil(), "the error that is over")
		})

	It("passes on the parameters of the class, and neither its secrets nor the names of the objects",
		Label("clause:S-09"), SpecTimeout(timeouts.Spec), func(ctx SpecContext) {
			env := harness.Begin(ctx)
			claim, _ := filled(ctx, env, "")
			secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: env.Namespace, Name: "credentials"}, StringData: map[string]string{"key": "not-to-be-kept"}}
			Expect(env.Client.Create(ctx, secret)).To(Succeed())
			class := classOf(ctx, env, map[string]string{
				"type": "snap", "colour": "blue",
				"csi.storage.k8s.io/snapshotter-secret-name":           secret.Name,
				"csi.storage.k8s.io/snapshotter-secret-namespace":      env.Namespace,
				"csi.storage.k8s.io/snapshotter-list-secret-name":      secret.Name,
				"csi.storage.k8s.io/snapshotter-list-secret-namespace": env.Namespace,
			})
			snapshot := harness.Must(env.WaitReady(ctx, harness.Must(env.CreateSnapshot(ctx, "snapshot", claim, class))))

			// All parameters that reach the driver end up there (contract 2.1).
			labels := harness.Must(longhorn.Snapshot(ctx, env.Client, "snapshot-"+string(snapshot.UID))).Spec.Labels
			Expect(labels).To(HaveKeyWithValue("colour", "blue"), "what the driver got")
			Expect(labels).To(HaveKeyWithValue("type", "snap"), "what the driver got")
			Expect(labels).NotTo(HaveKey(ContainSubstring("csi.storage.k8s.io/")), "keys of Kubernetes")
			for _, hidden := range []string{"not-to-be-kept", secret.Name, env.Namespace, snapshot.Name, harness.Must(env.ContentOf(ctx, snapshot)).Name} {
				Expect(labels).NotTo(ContainElement(hidden), "values that are none of the driver's business")
			}
		})
})
