package why

import (
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/muster-csi/muster/framework/longhorn"
	"github.com/muster-csi/muster/internal/nearest"
)

// Kind is a kind of object that can be asked about.
type Kind struct {
	// Name is the kind's, as in YAML; Longhorn's begin with "Longhorn ".
	Name string
	// Resource is its API endpoint.
	Resource schema.GroupResource
	// Aliases are how people write it; the first is the usual way.
	Aliases []string
	// scope is where it lives.
	scope scope
}

// scope is the namespace of a kind's objects.
type scope int

const (
	namespaced scope = iota
	clusterWide
	inLonghorn
)

// The kinds that can be asked about.
var (
	VolumeSnapshot = Kind{"VolumeSnapshot", schema.GroupResource{Group: "snapshot.storage.k8s.io", Resource: "volumesnapshots"},
		[]string{"volumesnapshot", "volumesnapshots", "vs"}, namespaced}
	VolumeSnapshotContent = Kind{"VolumeSnapshotContent", schema.GroupResource{Group: "snapshot.storage.k8s.io", Resource: "volumesnapshotcontents"},
		[]string{"volumesnapshotcontent", "volumesnapshotcontents", "vsc"}, clusterWide}
	Claim = Kind{"PersistentVolumeClaim", schema.GroupResource{Resource: "persistentvolumeclaims"},
		[]string{"pvc", "persistentvolumeclaim", "persistentvolumeclaims"}, namespaced}
	Pod            = Kind{"Pod", schema.GroupResource{Resource: "pods"}, []string{"pod", "pods", "po"}, namespaced}
	LonghornVolume = longhornKind("Volume", "volume", "volumes", "lhv")
	LonghornCut    = longhornKind("Snapshot", "snapshot", "snapshots", "lhsnap")
	LonghornBackup = longhornKind("Backup", "backup", "backups", "lhb")
	LonghornImage  = longhornKind("BackingImage", "backingimage", "backingimages", "lhbi")
	LonghornTarget = longhornKind("BackupTarget", "backuptarget", "backuptargets", "lhbt")
	kinds          = []Kind{VolumeSnapshot, VolumeSnapshotContent, Claim, Pod, LonghornVolume, LonghornCut, LonghornBackup, LonghornImage, LonghornTarget}
)

func longhornKind(name string, aliases ...string) Kind {
	return Kind{"Longhorn " + name, schema.GroupResource{Group: "longhorn.io", Resource: aliases[1]}, aliases, inLonghorn}
}

// Subject names the object that is asked about.
type Subject struct {
	Kind Kind
	// Namespace is "" for kinds without.
	Namespace, Name string
}

// String is the kind and the name, with the namespace where a person chose it.
func (s Subject) String() string {
	if s.Kind.scope == namespaced {
		return fmt.Sprintf("%s %s/%s", s.Kind.Name, s.Namespace, s.Name)
	}
	return s.Kind.Name + " " + s.Name
}

// NewSubject puts the name into the namespace that objects of the kind live in.
func NewSubject(kind Kind, namespace, name string) Subject {
	switch kind.scope {
	case clusterWide:
		namespace = ""
	case inLonghorn:
		namespace = longhorn.Namespace
	}
	return Subject{Kind: kind, Namespace: namespace, Name: name}
}

// SubjectOf returns the subject behind an API endpoint, false for a kind that cannot be asked about.
func SubjectOf(resource schema.GroupResource, namespace, name string) (Subject, bool) {
	i := slices.IndexFunc(kinds, func(kind Kind) bool { return kind.Resource == resource })
	if i < 0 {
		return Subject{}, false
	}
	return NewSubject(kinds[i], namespace, name), true
}

// ParseSubject reads an object as kubectl does, kind/name or kind and name. The
// namespace is ignored for kinds that have none.
func ParseSubject(namespace string, args []string) (Subject, error) {
	var word, name string
	switch {
	case len(args) == 1:
		word, name, _ = strings.Cut(args[0], "/")
	case len(args) == 2 && !strings.Contains(args[0], "/"):
		word, name = args[0], args[1]
	}
	if word == "" || name == "" || strings.Contains(name, "/") {
		return Subject{}, fmt.Errorf("%q does not name an object: write kind/name, such as volumesnapshot/nightly", strings.Join(args, " "))
	}
	kind, err := kindOf(word)
	if err != nil {
		return Subject{}, err
	}
	return NewSubject(kind, namespace, name), nil
}

// kindOf finds a kind by how people write it, also with its group behind.
func kindOf(word string) (Kind, error) {
	lower := strings.ToLower(word)
	short, group, _ := strings.Cut(lower, ".")
	var all []string
	for _, kind := range kinds {
		if slices.Contains(kind.Aliases, short) && (group == "" || group == kind.Resource.Group) {
			return kind, nil
		}
		all = append(all, kind.Aliases...)
	}
	return Kind{}, fmt.Errorf("cannot tell of a %q why it is not ready; did you mean %s? Known are %s",
		word, nearest.Of(lower, all), strings.Join(usual(), ", "))
}

// usual are the kinds as people write them most.
func usual() []string {
	var words []string
	for _, kind := range kinds {
		words = append(words, kind.Aliases[0])
	}
	return words
}
