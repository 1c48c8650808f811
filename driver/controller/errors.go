package controller

import (
	"google.golang.org/grpc/status"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
)

// notThere reports that an object does not exist.
func notThere(err error) bool { return apierrors.IsNotFound(err) }

// statusOr returns the error itself when it already carries a gRPC code, else the other.
func statusOr(err, other error) error {
	if _, coded := status.FromError(err); coded {
		return err
	}
	return other
}
