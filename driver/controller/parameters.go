package controller

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"

	longhorn "github.com/longhorn/longhorn-manager/k8s/pkg/apis/longhorn/v1beta2"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/muster-csi/muster/driver/config"
	"github.com/muster-csi/muster/driver/deviation"
)

const (
	blockSizeParameter = "backupBlockSize"
	cloneModeParameter = "cloneMode"
)

// setters apply the StorageClass parameters that a Volume stores (contract 4.6).
// They report whether the value is well formed.
var setters = map[string]func(*longhorn.VolumeSpec, string) bool{
	"numberOfReplicas":    func(v *longhorn.VolumeSpec, t string) bool { return integer(t, 1, &v.NumberOfReplicas) },
	"staleReplicaTimeout": func(v *longhorn.VolumeSpec, t string) bool { return integer(t, 0, &v.StaleReplicaTimeout) },
	"disableRevisionCounter": func(v *longhorn.VolumeSpec, t string) bool {
		return boolean(t, &v.RevisionCounterDisabled)
	},
	"share":     func(_ *longhorn.VolumeSpec, t string) bool { return boolean(t, new(bool)) },
	"exclusive": func(_ *longhorn.VolumeSpec, t string) bool { return boolean(t, new(bool)) },
	"migratable": func(v *longhorn.VolumeSpec, t string) bool {
		return boolean(t, &v.Migratable)
	},
	"dataLocality": func(v *longhorn.VolumeSpec, t string) bool {
		return oneOf(t, &v.DataLocality, longhorn.DataLocalityDisabled, longhorn.DataLocalityBestEffort, longhorn.DataLocalityStrictLocal)
	},
	"replicaAutoBalance": func(v *longhorn.VolumeSpec, t string) bool {
		return oneOf(t, &v.ReplicaAutoBalance, longhorn.ReplicaAutoBalanceIgnored, longhorn.ReplicaAutoBalanceDisabled,
			longhorn.ReplicaAutoBalanceLeastEffort, longhorn.ReplicaAutoBalanceBestEffort)
	},
	"dataEngine": func(v *longhorn.VolumeSpec, t string) bool {
		return oneOf(t, &v.DataEngine, longhorn.DataEngineTypeV1, longhorn.DataEngineTypeV2)
	},
	"freezeFilesystemForSnapshot": func(v *longhorn.VolumeSpec, t string) bool {
		return oneOf(t, &v.FreezeFilesystemForSnapshot, longhorn.FreezeFilesystemForSnapshotDefault,
			longhorn.FreezeFilesystemForSnapshotEnabled, longhorn.FreezeFilesystemForSnapshotDisabled)
	},
	"backupTargetName": func(v *longhorn.VolumeSpec, t string) bool { v.BackupTargetName = t; return true },
	blockSizeParameter: func(v *longhorn.VolumeSpec, t string) bool {
		var bytes int
		ok := integer(t, 1, &bytes) && (bytes == 2<<20 || bytes == 16<<20)
		v.BackupBlockSize = int64(bytes)
		return ok
	},
	"encrypted": func(_ *longhorn.VolumeSpec, t string) bool {
		var encrypted bool
		return boolean(t, &encrypted) && !encrypted
	},
}

// applyParameters stores the StorageClass parameters in the spec. Those that the
// contract's release does not know are passed through, as Longhorn does; a wrong value is InvalidArgument (V-07).
func applyParameters(spec *longhorn.VolumeSpec, parameters map[string]string, contract config.Contract) error {
	parameters = maps.Clone(parameters)
	maps.DeleteFunc(parameters, func(name, _ string) bool { return !contract.KnowsParameter(name) })
	if text := parameters["recurringJobSelector"]; text != "" && !json.Valid([]byte(text)) {
		return status.Error(codes.InvalidArgument, "invalid json format of recurringJobSelector")
	}
	for _, name := range slices.Sorted(maps.Keys(parameters)) {
		text := parameters[name]
		if set, known := setters[name]; known && text != "" && !set(spec, text) {
			return status.Errorf(codes.InvalidArgument, "invalid parameter %s: %q is malformed or not supported by this driver", name, text)
		}
	}
	switch mode := longhorn.CloneMode(parameters[cloneModeParameter]); mode {
	case longhorn.CloneModeNone, longhorn.CloneModeFullCopy:
		spec.CloneMode = mode
	case longhorn.CloneModeLinkedClone:
		return status.Error(codes.Internal, "cloneMode linked-clone is only supported by data engine v2")
	default:
		return status.Errorf(codes.InvalidArgument, "invalid parameter cloneMode: %q", mode)
	}
	return nil
}

// known leaves out the parameters that a planted defect ignores.
func (s *Server) known(parameters map[string]string) map[string]string {
	result := maps.Clone(parameters)
	maps.DeleteFunc(result, func(name, _ string) bool {
		return name == blockSizeParameter && s.deviations.Has(deviation.BackupBlockSizeIgnored) ||
			name == cloneModeParameter && s.deviations.Has(deviation.CloneModeIgnored)
	})
	return result
}

// checkEngine refuses the second data engine in the way of a Longhorn that has
// not enabled it: sources and images are all of the first.
func (s *Server) checkEngine(spec *longhorn.VolumeSpec, from origin) error {
	if spec.DataEngine == longhorn.DataEngineTypeV1 {
		return nil
	}
	wanted := spec.DataEngine
	switch {
	case !from.Empty() && s.deviations.Has(deviation.CloneEngineUnchecked), from.image != nil && s.deviations.Has(deviation.ImageEngineUnchecked):
		spec.DataEngine = longhorn.DataEngineTypeV1
		return nil
	case !from.Empty():
		return status.Errorf(codes.Internal, "cannot clone volume with data engine %s into a volume with data engine %s", longhorn.DataEngineTypeV1, wanted)
	case from.image != nil:
		return status.Errorf(codes.Internal, "volume should have the same data engine as the backing image: %s has %s, not %s", from.image.Name, from.image.Spec.DataEngine, wanted)
	}
	return status.Errorf(codes.Internal, "data engine %s is not enabled: use %s", wanted, longhorn.DataEngineTypeV1)
}

func integer(text string, minimum int, into *int) bool {
	number, err := strconv.Atoi(text)
	*into = number
	return err == nil && number >= minimum
}

func boolean(text string, into *bool) bool {
	value, err := strconv.ParseBool(text)
	*into = value
	return err == nil
}

func oneOf[T ~string](text string, into *T, values ...T) bool {
	*into = T(text)
	return slices.Contains(values, T(text))
}
