package controller

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"

	longhorn "github.com/longhorn/longhorn-manager/k8s/pkg/apis/longhorn/v1beta2"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
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
	"dataEngine": func(v *longhorn.VolumeSpec, t string) bool { return oneOf(t, &v.DataEngine, longhorn.DataEngineTypeV1) },
	"freezeFilesystemForSnapshot": func(v *longhorn.VolumeSpec, t string) bool {
		return oneOf(t, &v.FreezeFilesystemForSnapshot, longhorn.FreezeFilesystemForSnapshotDefault,
			longhorn.FreezeFilesystemForSnapshotEnabled, longhorn.FreezeFilesystemForSnapshotDisabled)
	},
	"backupTargetName": func(v *longhorn.VolumeSpec, t string) bool { v.BackupTargetName = t; return true },
	"backupBlockSize": func(v *longhorn.VolumeSpec, t string) bool {
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

// applyParameters stores the StorageClass parameters in the spec. Unknown ones
// are passed through, as Longhorn does; a wrong value is InvalidArgument (V-07).
func applyParameters(spec *longhorn.VolumeSpec, parameters map[string]string) error {
	if text := parameters["recurringJobSelector"]; text != "" && !json.Valid([]byte(text)) {
		return status.Error(codes.InvalidArgument, "invalid json format of recurringJobSelector")
	}
	for _, name := range slices.Sorted(maps.Keys(parameters)) {
		text := parameters[name]
		if set, known := setters[name]; known && text != "" && !set(spec, text) {
			return status.Errorf(codes.InvalidArgument, "invalid parameter %s: %q is malformed or not supported by this driver", name, text)
		}
	}
	switch mode := longhorn.CloneMode(parameters["cloneMode"]); mode {
	case longhorn.CloneModeNone, longhorn.CloneModeFullCopy:
		spec.CloneMode = mode
	case longhorn.CloneModeLinkedClone:
		return status.Error(codes.Internal, "cloneMode linked-clone is only supported by data engine v2")
	default:
		return status.Errorf(codes.InvalidArgument, "invalid parameter cloneMode: %q", mode)
	}
	return nil
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
