package audit

import (
	"time"
)

var leftovers = map[string]damage{
	"a block that no backup needs": {
		do:   func(b bad) { b.write(blockKey(lz4Volume, 6), asLZ4(contents(6, 2*mib))) },
		want: []Violation{{Kind: KindBlockOrphan, Volume: "pvc-lz4", Object: blockKey(lz4Volume, 6)}},
	},
	"a backup's cfg is removed without its blocks": {
		do: func(b bad) { b.remove(folderOf("pvc-lz4").backup("b3")) },
		want: []Violation{
			{Kind: KindBlockOrphan, Volume: "pvc-lz4", Object: blockKey(lz4Volume, 4)},
			{Kind: KindBlockOrphan, Volume: "pvc-lz4", Object: blockKey(lz4Volume, 5)},
			{Kind: KindLastBackup, Volume: "pvc-lz4", Object: folderOf("pvc-lz4").config()},
		},
	},
	"a backup in progress that nobody works on, with its block": {
		do: func(b bad) {
			b.write(folderOf("pvc-lz4").backup("b4"), []byte(`{"Name":"b4","VolumeName":"pvc-lz4","CreatedTime":"","Size":"0","CompressionMethod":"lz4"}`))
			b.write(blockKey(lz4Volume, 6), asLZ4(contents(6, 2*mib)))
		},
		want: []Violation{{Kind: KindInProgress, Volume: "pvc-lz4", Backups: []string{"b4"}, Object: folderOf("pvc-lz4").backup("b4")}},
	},
	"a lock that may be held, a block, and a count that is behind": {
		do: func(b bad) {
			b.lock("pvc-lz4", time.Minute)
			b.edit(folderOf("pvc-lz4").config(), func(config map[string]any) { config["BlockCount"] = "3" })
			b.write(blockKey(lz4Volume, 6), asLZ4(contents(6, 2*mib)))
		},
		want: []Violation{{Kind: KindLock, Volume: "pvc-lz4", Object: lockOf("pvc-lz4")}},
	},
	"a lock that has expired, and a block": {
		do: func(b bad) {
			b.lock("pvc-lz4", time.Hour)
			b.write(blockKey(lz4Volume, 6), asLZ4(contents(6, 2*mib)))
		},
		want: []Violation{
			{Kind: KindLock, Volume: "pvc-lz4", Object: lockOf("pvc-lz4")},
			{Kind: KindBlockOrphan, Volume: "pvc-lz4", Object: blockKey(lz4Volume, 6)},
		},
	},
	"a half-written file and things of others": {
		do: func(b bad) {
			b.write(folderOf("pvc-lz4").config()+".tmp.1700000000000000000", nil)
			b.write(base+"README", nil)
			b.write("backupstore/system-backups/v1/x/system-backup.cfg", nil) // not below volumes
		},
		want: []Violation{
			{Kind: KindUnknownObject, Volume: "pvc-lz4", Object: folderOf("pvc-lz4").config() + ".tmp.1700000000000000000"},
			{Kind: KindUnknownObject, Object: base + "README"},
		},
	},
	"a block in another block's folder": {
		do: func(b bad) {
			b.move(blockKey(gzipVolume, 2), folderOf("pvc-gzip").path+"blocks/00/00/"+sumOf(gzipVolume, 2)+".blk")
		},
		want: []Violation{
			{Kind: KindUnknownObject, Volume: "pvc-gzip", Object: folderOf("pvc-gzip").path + "blocks/00/00/" + sumOf(gzipVolume, 2) + ".blk"},
			{Kind: KindBlockMissing, Volume: "pvc-gzip", Backups: []string{"only"}, Lost: true, Object: blockKey(gzipVolume, 2)},
		},
	},
}
