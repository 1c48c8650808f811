package components

import (
	"fmt"
	"os"
	"time"
)

// Image is an image that can be imported into a container runtime.
type Image struct {
	Ref string // complete reference, for example "muster.local/pause:v1.36.3"
	Tar string // absolute path of its docker-archive
}

// Result says what Ensure did for one component.
type Result struct {
	Name      string        // as in the catalogue
	Version   string        // upstream's, or "dev" for a program of this repository
	Built     bool          // something had to be built; false means all was in the cache
	Took      time.Duration // building, zero when cached
	Size      int64         // of the binary or manifest, in bytes
	ImageSize int64         // of the image's tar in bytes, zero without image
}

// Set is what Ensure returns: components that all exist in the cache.
type Set struct {
	binaries  map[string]string
	manifests map[string]string
	images    []Image
	node      Image
	versions  map[string]string
	results   []Result
}

// Binary returns the absolute path of the program of that name, and "" when
// the set has none.
func (s *Set) Binary(name string) string { return s.binaries[name] }

// Images returns the images in the order of the catalogue.
func (s *Set) Images() []Image { return append([]Image(nil), s.images...) }

// NodeImage returns the image of a node of kind; its Ref is "" when it was not
// asked for. It is no part of Images: it is for the engine that runs the node.
func (s *Set) NodeImage() Image { return s.node }

// Manifest returns the CRDs of that name ("snapshot-crds", "longhorn-crds") as
// a stream of YAML documents; an unknown name is an error.
func (s *Set) Manifest(name string) ([]byte, error) {
	path, ok := s.manifests[name]
	if !ok {
		return nil, fmt.Errorf("this set of components has no manifest %q", name)
	}
	return os.ReadFile(path)
}

// Versions returns the version of each component.
func (s *Set) Versions() map[string]string {
	versions := make(map[string]string, len(s.versions))
	for name, version := range s.versions {
		versions[name] = version
	}
	return versions
}

// Results returns what Ensure did, a component each in the order of the
// catalogue.
func (s *Set) Results() []Result { return append([]Result(nil), s.results...) }

// newSet returns the set of the units; took holds how long the built ones took.
func newSet(pl *planner, units []unit, took map[slot]time.Duration) (*Set, error) {
	s := &Set{binaries: map[string]string{}, manifests: map[string]string{}, versions: map[string]string{}}
	rows := map[string]int{}
	for _, u := range units {
		path := pl.file(u)
		info, err := os.Stat(path)
		if err != nil {
			return nil, fmt.Errorf("the component cache is damaged, remove %s: %w", pl.store.path(u.slot), err)
		}
		if _, ok := rows[u.owner]; !ok {
			rows[u.owner] = len(s.results)
			s.versions[u.owner] = u.version
			s.results = append(s.results, Result{Name: u.owner, Version: u.version})
		}
		row := &s.results[rows[u.owner]]
		if d, ok := took[u.slot]; ok {
			row.Built = true
			row.Took += d
		}
		switch u.kind {
		case "components", "products":
			s.binaries[u.name] = path
			row.Size += info.Size()
		case "manifests":
			s.manifests[u.name] = path
			row.Size = info.Size()
		case "images", "product-images":
			s.images = append(s.images, Image{Ref: u.ref, Tar: path})
			row.ImageSize = info.Size()
		case "node-images":
			s.node = Image{Ref: u.ref, Tar: path}
			row.ImageSize = info.Size()
		}
	}
	return s, nil
}
