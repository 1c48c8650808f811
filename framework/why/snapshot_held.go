package why

import (
	"fmt"
	"strings"
)

// snapshotHeld are rules about a deletion that does not end.
var snapshotHeld = []func(*snapshotFacts) string{heldByClaims, deleteRefused, controllerStoppedAtAll, snapshotterStopped, heldByFinalizers}

func heldByClaims(f *snapshotFacts) string {
	if len(f.restoring) == 0 {
		return ""
	}
	return fmt.Sprintf("claims %s still wait to be made from it: delete them first", strings.Join(f.restoring, ", "))
}

func deleteRefused(f *snapshotFacts) string {
	content := f.content.object
	if content == nil || content.DeletionTimestamp == nil {
		return ""
	}
	text := ""
	if content.Status != nil {
		text = message(content.Status.Error)
	}
	if event := f.contentEvents.last("SnapshotDeleteError"); event != nil && text == "" {
		text = event.Message
	}
	if text == "" {
		return ""
	}
	cause := said("csi-snapshotter", text)
	if f.behind.image.object != nil {
		cause += fmt.Sprintf("; %s cannot be deleted while a volume uses it", f.behind.image.label)
	}
	return cause
}

func controllerStoppedAtAll(f *snapshotFacts) string { return f.system.stopped(snapshotController) }

func heldByFinalizers(f *snapshotFacts) string {
	if f.object != nil {
		return fmt.Sprintf("finalizers hold it: %s", strings.Join(f.object.Finalizers, ", "))
	}
	return fmt.Sprintf("finalizers hold it: %s", strings.Join(f.content.object.Finalizers, ", "))
}
