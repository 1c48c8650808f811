// Package access says what the suite may have to do in a cluster that is not its
// own, as roles that suffice and grant nothing else, and lets a run work under them.
package access

import (
	"slices"

	rbacv1 "k8s.io/api/rbac/v1"
)

// rule is what the suite does with some kinds, and why.
type rule struct {
	why       string
	group     string
	resources []string
	verbs     []string
	// names are the only objects that are meant; none means all.
	names []string
	// settings says that it is only needed by specs that change something for the whole cluster.
	settings bool
}

var (
	read  = []string{"get", "list", "watch"}
	write = []string{"create", "patch", "delete"}
	all   = slices.Concat(read, write, []string{"deletecollection"})
)

const (
	snapshots = "snapshot.storage.k8s.io"
	longhorn  = "longhorn.io"
)

// everywhere are the rules of the ClusterRole. Namespaces of specs have random names, and so what is done in them
// cannot be granted any narrower.
var everywhere = []rule{
	{why: "each spec has a namespace of its own", resources: []string{"namespaces"}, verbs: slices.Concat(read, write)},
	{why: "test pods; pods of the driver and the snapshot controller are looked at", resources: []string{"pods"}, verbs: slices.Concat(read, []string{"create", "delete"})},
	{why: "what test pods do is done by commands in them; the reference driver's inventory", resources: []string{"pods/exec"}, verbs: []string{"get", "create"}},
	{why: "the way to a backupstore inside the cluster", resources: []string{"pods/portforward"}, verbs: []string{"get", "create"}},
	{why: "evidence: what driver and sidecars have logged", resources: []string{"pods/log"}, verbs: []string{"get"}},
	{why: "claims of specs", resources: []string{"persistentvolumeclaims"}, verbs: all},
	{why: "the volumes behind claims, and whether they are gone; a spec makes one for a volume made without CSI", resources: []string{"persistentvolumes"}, verbs: slices.Concat(read, []string{"create", "delete"})},
	{why: "servers of specs; the Service of a backupstore inside the cluster", resources: []string{"services"}, verbs: []string{"get", "create"}},
	{why: "credentials for test pods; no secret outside longhorn-system is read", resources: []string{"secrets"}, verbs: []string{"create"}},
	{why: "refusals are told by events", resources: []string{"events"}, verbs: read},
	{why: "the report describes the nodes", resources: []string{"nodes"}, verbs: []string{"get", "list"}},
	{why: "which pods are behind a backupstore's Service", group: "discovery.k8s.io", resources: []string{"endpointslices"}, verbs: []string{"list"}},
	{why: "classes of specs, and those that the cluster lacks", group: "storage.k8s.io", resources: []string{"storageclasses"}, verbs: slices.Concat(read, write)},
	{why: "whether volumes are detached", group: "storage.k8s.io", resources: []string{"volumeattachments"}, verbs: read},
	{why: "whether the driver is registered", group: "storage.k8s.io", resources: []string{"csidrivers", "csinodes"}, verbs: []string{"get", "list"}},
	{why: "classes of specs, and those that the cluster lacks", group: snapshots, resources: []string{"volumesnapshotclasses"}, verbs: all},
	{why: "snapshots of specs", group: snapshots, resources: []string{"volumesnapshots"}, verbs: all},
	{why: "contents behind snapshots, and imported ones", group: snapshots, resources: []string{"volumesnapshotcontents"}, verbs: slices.Concat(read, write)},
	{why: "specs make the sidecar ask again, and try values that the API server must refuse", group: snapshots, resources: []string{"volumesnapshotcontents/status", "volumesnapshots/status"}, verbs: []string{"patch"}},
	{why: "why something is not ready may be that a controller does not run", group: "apps", resources: []string{"deployments", "daemonsets"}, verbs: []string{"list"}},
	{why: "muster doctor looks at the snapshot kinds", group: "apiextensions.k8s.io", resources: []string{"customresourcedefinitions"}, verbs: []string{"get"}},
}

// inLonghorn are the rules of the Role in longhorn-system.
var inLonghorn = []rule{
	{why: "credentials of backup targets: those of the default one, and of targets that specs make", resources: []string{"secrets"}, verbs: []string{"get", "create", "update", "delete"}},
	{why: "what the driver says of its volumes; specs make, change and delete some without CSI", group: longhorn, resources: []string{"volumes"}, verbs: slices.Concat(read, write)},
	{why: "snapshots taken without CSI", group: longhorn, resources: []string{"snapshots"}, verbs: slices.Concat(read, []string{"create", "delete"})},
	{why: "backups of specs' volumes", group: longhorn, resources: []string{"backups", "backupvolumes"}, verbs: slices.Concat(read, []string{"delete"})},
	{why: "backup targets of specs; the default one is asked to look again", group: longhorn, resources: []string{"backuptargets"}, verbs: slices.Concat(read, write)},
	{why: "backing images of specs", group: longhorn, resources: []string{"backingimages"}, verbs: slices.Concat(read, []string{"create", "delete"})},
	{why: "files of backing images are uploaded as the user interface does", resources: []string{"services/proxy"}, verbs: []string{"create"}, names: []string{"longhorn-backend:9500"}},
	{why: "whether this is the reference driver, and how it was started", group: "apps", resources: []string{"deployments", "daemonsets"}, verbs: read},
	{why: "settings that specs labelled settings change and put back", group: longhorn, resources: []string{"settings"}, verbs: slices.Concat(read, write), settings: true},
	{why: "options of the reference driver, likewise", group: "apps", resources: []string{"deployments", "daemonsets"}, verbs: []string{"update", "patch"}, settings: true},
}

// chosen are the rules that a run needs; one that keeps settings needs no right to change them.
func chosen(rules []rule, keepSettings bool) []rule {
	return slices.DeleteFunc(slices.Clone(rules), func(r rule) bool { return keepSettings && r.settings })
}

func (r rule) policy() rbacv1.PolicyRule {
	return rbacv1.PolicyRule{APIGroups: []string{r.group}, Resources: r.resources, Verbs: r.verbs, ResourceNames: r.names}
}
