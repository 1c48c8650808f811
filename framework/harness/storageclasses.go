package harness

import (
	"context"
	"fmt"
	"maps"

	storagev1 "k8s.io/api/storage/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// CreateStorageClass makes a class like ClassExt4 with some changes for the length of the spec and returns its name.
func (e *Env) CreateStorageClass(ctx context.Context, change func(*storagev1.StorageClass)) (string, error) {
	var class storagev1.StorageClass
	if err := e.Client.Get(ctx, client.ObjectKey{Name: e.class(ClassExt4)}, &class); err != nil {
		return "", fmt.Errorf("read StorageClass %s: %w", ClassExt4, err)
	}
	class.ObjectMeta = metav1.ObjectMeta{Name: uniqueName(e.Namespace), Labels: map[string]string{specLabel: e.Namespace}}
	class.Parameters = maps.Clone(class.Parameters)
	if class.Parameters == nil {
		class.Parameters = map[string]string{}
	}
	change(&class)
	// The provisioner reads the class for as long as claims of it exist.
	e.OnRemoved(func(ctx context.Context) error { return client.IgnoreNotFound(e.Client.Delete(ctx, &class)) })
	if err := e.Client.Create(ctx, &class); err != nil {
		return "", fmt.Errorf("create StorageClass %s: %w", class.Name, err)
	}
	return class.Name, nil
}

// StorageClass reads a StorageClass.
func (c *Cluster) StorageClass(ctx context.Context, name string) (*storagev1.StorageClass, error) {
	class := &storagev1.StorageClass{}
	if err := c.Client.Get(ctx, client.ObjectKey{Name: c.class(name)}, class); err != nil {
		return nil, fmt.Errorf("read StorageClass %s: %w", name, err)
	}
	return class, nil
}

// WithParameters is a change for CreateStorageClass that sets some parameters.
func WithParameters(parameters map[string]string) func(*storagev1.StorageClass) {
	return func(class *storagev1.StorageClass) { maps.Copy(class.Parameters, parameters) }
}
