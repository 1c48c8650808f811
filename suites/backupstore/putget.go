// Package backupstore holds the specs about the object store that backups go to.
package backupstore

import (
	"net"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/muster-csi/muster/framework/backupstore"
	"github.com/muster-csi/muster/framework/harness"
	"github.com/muster-csi/muster/framework/timeouts"
)

var _ = Describe("backupstore", Label("backupstore"), func() {
	It("takes an object from a pod and gives it back, by Service name and with the CA of the secret",
		Label("clause:B-26", "clause:B-27"), SpecTimeout(timeouts.Spec), func(ctx SpecContext) {
			env := harness.Begin(ctx)
			secret := harness.Must(env.CopySecret(ctx, backupstore.SecretNamespace, env.StoreSecret()))
			pod := harness.Must(env.StartClient(ctx, "client", secret))

			By("resolving the store's name in the pod")
			addresses := harness.Must(pod.Resolve(ctx, harness.Must(env.StoreHost(ctx))))
			Expect(addresses).NotTo(BeEmpty())
			for _, address := range addresses {
				Expect(net.ParseIP(address)).NotTo(BeNil(), "%q is an address", address)
			}

			By("putting an object, getting it back and removing it")
			trip := harness.Must(pod.PutGet(ctx, env.Config.Store.Location().Bucket))
			Expect(trip.Bytes).To(BeNumerically(">", 0))
		})
})
