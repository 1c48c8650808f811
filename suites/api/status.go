package api

import (
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/muster-csi/muster/framework/harness"
	"github.com/muster-csi/muster/framework/timeouts"
)

var _ = Describe("api", Label("api", clusterLabel), func() {
	It("takes no status from who creates or changes a snapshot, so that nobody can declare one ready",
		Label("clause:A-10"), SpecTimeout(timeouts.Spec), func(ctx SpecContext) {
			b := &bench{env: harness.Begin(ctx), all: loadRules(), made: map[string]*unstructured.Unstructured{}}
			for name := range b.all.Objects {
				if !strings.HasPrefix(name, "snapshot") && !strings.HasPrefix(name, "content") {
					continue
				}
				ready := []byte(`{"status":{"readyToUse":true}}`)
				object := harness.Must(changed(b.object(name), ready))
				Expect(b.env.Client.Create(ctx, object, client.DryRunAll)).To(Succeed(), name)
				Expect(object.Object).NotTo(HaveKey("status"), "%s as it would be created", name)

				existing := harness.Must(b.existing(ctx, name)).DeepCopy()
				Expect(b.env.Client.Patch(ctx, existing, client.RawPatch(types.MergePatchType, ready), client.DryRunAll)).To(Succeed(), name)
				isReady, _, err := unstructured.NestedBool(existing.Object, "status", "readyToUse")
				Expect(err).NotTo(HaveOccurred())
				Expect(isReady).To(BeFalse(), "readyToUse of the %s after an update", name)
			}
		})
})
