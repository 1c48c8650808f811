package api

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime/schema"

	snapshotv1 "github.com/kubernetes-csi/external-snapshotter/client/v6/apis/volumesnapshot/v1"

	"github.com/muster-csi/muster/framework/harness"
	"github.com/muster-csi/muster/framework/timeouts"
)

// snapshotKinds are the kinds of the snapshot API.
var snapshotKinds = []string{"VolumeSnapshot", "VolumeSnapshotContent", "VolumeSnapshotClass"}

var _ = Describe("api", Label("api", clusterLabel), func() {
	It("serves the snapshot kinds as v1, as v1beta1 no more, and otherwise as their CRDs say",
		Label("clause:A-08"), SpecTimeout(timeouts.Spec), func(ctx SpecContext) {
			env := harness.Begin(ctx)
			for _, kind := range snapshotKinds {
				definition := harness.Must(readDefinition(ctx, env.Client, kind))
				served := map[string]bool{"v1": false, "v1beta1": false}
				for _, version := range definition.Spec.Versions {
					served[version.Name] = version.Served
					if rest := unexamined(version, loadRules()); version.Served && len(rest) > 0 {
						AddReportEntry("rules of the installed CRD of "+kind+" that no spec examines", rest)
					}
				}
				Expect(served["v1"]).To(BeTrue(), "the CRD of %s serves v1", kind)
				Expect(served["v1beta1"]).To(BeFalse(), "the CRD of %s serves v1beta1", kind)
				Expect(definition.Status.StoredVersions).To(Equal([]string{"v1"}), "what is stored of %s", kind)
				Expect(definition.Spec.Scope == apiextensionsv1.NamespaceScoped).To(Equal(kind == "VolumeSnapshot"), "only a VolumeSnapshot has a namespace, %s", kind)
				for version, want := range served {
					group := schema.GroupKind{Group: snapshotv1.SchemeGroupVersion.Group, Kind: kind}
					_, err := env.Client.RESTMapper().RESTMapping(group, version)
					if want {
						Expect(err).NotTo(HaveOccurred(), "%s %s is served", version, kind)
					} else {
						Expect(apimeta.IsNoMatchError(err)).To(BeTrue(), "%s %s is not served, yet: %v", version, kind, err)
					}
				}
			}
		})
})
