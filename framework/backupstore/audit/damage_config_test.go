package audit

import (
	"os"
	"slices"
)

var configDamages = map[string]damage{
	"a backup that expects its blocks in another way than the others": {
		do: func(b bad) {
			b.edit(folderOf("pvc-lz4").backup("b2"), func(config map[string]any) { config["CompressionMethod"] = "none" })
		},
		want: []Violation{
			{Kind: KindBlockCorrupt, Volume: "pvc-lz4", Backups: []string{"b2"}, Lost: true, Object: blockKey(lz4Volume, 1)},
			{Kind: KindBlockCorrupt, Volume: "pvc-lz4", Backups: []string{"b2"}, Lost: true, Object: blockKey(lz4Volume, 2)},
			{Kind: KindBlockCorrupt, Volume: "pvc-lz4", Backups: []string{"b2"}, Lost: true, Object: blockKey(lz4Volume, 3)},
		},
	},
	"a volume.cfg that is cut off": {
		do:   func(b bad) { b.write(folderOf("pvc-gzip").config(), []byte(`{"Name":"pvc-g`)) },
		want: []Violation{{Kind: KindVolumeConfig, Volume: "pvc-gzip", Backups: []string{"only"}, Lost: true, Object: folderOf("pvc-gzip").config()}},
	},
	"a volume.cfg whose strings are quoted once": {
		do: func(b bad) {
			b.edit(folderOf("pvc-gzip").config(), func(config map[string]any) { config["CompressionMethod"] = "gzip" })
		},
		want: []Violation{{Kind: KindVolumeConfig, Volume: "pvc-gzip", Backups: []string{"only"}, Lost: true, Object: folderOf("pvc-gzip").config()}},
	},
	"no volume.cfg": {
		do:   func(b bad) { b.remove(folderOf("pvc-gzip").config()) },
		want: []Violation{{Kind: KindVolumeConfig, Volume: "pvc-gzip", Backups: []string{"only"}, Lost: true, Object: folderOf("pvc-gzip").config()}},
	},
	"a volume.cfg with other names and counts": {
		do: func(b bad) {
			b.edit(folderOf("pvc-gzip").config(), func(config map[string]any) {
				config["Name"], config["LastBackupName"], config["BlockCount"] = "pvc-other", "nobody", "3"
				config["CompressionMethod"] = `"zstd"`
			})
		},
		want: []Violation{
			{Kind: KindName, Volume: "pvc-gzip", Backups: []string{"only"}, Object: folderOf("pvc-gzip").config()},
			{Kind: KindLastBackup, Volume: "pvc-gzip", Object: folderOf("pvc-gzip").config()},
			{Kind: KindBlockCount, Volume: "pvc-gzip", Object: folderOf("pvc-gzip").config()},
			{Kind: KindVolumeConfig, Volume: "pvc-gzip", Object: folderOf("pvc-gzip").config()},
		},
	},
	"a volume without any size": {
		do: func(b bad) {
			b.edit(folderOf("pvc-gzip").config(), func(config map[string]any) { config["Size"] = "0" })
		},
		want: []Violation{{Kind: KindVolumeConfig, Volume: "pvc-gzip", Backups: []string{"only"}, Lost: true, Object: folderOf("pvc-gzip").config()}},
	},
	"a last backup that is not known is no violation": {
		do: func(b bad) {
			b.edit(folderOf("pvc-gzip").config(), func(config map[string]any) { config["LastBackupName"] = "" })
		},
	},
	"a volume in the folder of another name": {
		do: func(b bad) {
			b.check(os.MkdirAll(b.path(base+"00/00"), 0o755))
			b.check(os.Rename(b.path(folderOf("pvc-gzip").path), b.path(base+"00/00/pvc-gzip")))
		},
		want: []Violation{{Kind: KindName, Volume: "pvc-gzip", Backups: []string{"only"}, Lost: true, Object: base + "00/00/pvc-gzip/"}},
	},
	"a backup's cfg that is no JSON": {
		do:   func(b bad) { b.write(folderOf("pvc-lz4").backup("b3"), []byte("gone")) },
		want: []Violation{{Kind: KindBackupConfig, Volume: "pvc-lz4", Backups: []string{"b3"}, Lost: true, Object: folderOf("pvc-lz4").backup("b3")}},
	},
	"a backup's cfg that is no JSON, with one of its blocks gone": {
		do: func(b bad) {
			b.write(folderOf("pvc-lz4").backup("b3"), []byte("gone"))
			b.remove(blockKey(lz4Volume, 5))
		},
		want: []Violation{{Kind: KindBackupConfig, Volume: "pvc-lz4", Backups: []string{"b3"}, Lost: true, Object: folderOf("pvc-lz4").backup("b3")}},
	},
	"a volume.cfg that counts too few blocks": {
		do: func(b bad) {
			b.edit(folderOf("pvc-gzip").config(), func(config map[string]any) { config["BlockCount"] = "1" })
		},
		want: []Violation{{Kind: KindBlockCount, Volume: "pvc-gzip", Object: folderOf("pvc-gzip").config()}},
	},
	"a backup with an unknown compression and one with an unknown block size": {
		do: func(b bad) {
			b.edit(folderOf("pvc-lz4").backup("b1"), func(config map[string]any) { config["CompressionMethod"] = "zstd" })
			b.edit(folderOf("pvc-lz4").backup("b2"), func(config map[string]any) { config["Parameters"].(map[string]any)[blockSizeKey] = "1Ti" })
		},
		want: []Violation{
			{Kind: KindBackupConfig, Volume: "pvc-lz4", Backups: []string{"b1"}, Lost: true, Object: folderOf("pvc-lz4").backup("b1")},
			{Kind: KindBackupConfig, Volume: "pvc-lz4", Backups: []string{"b2"}, Lost: true, Object: folderOf("pvc-lz4").backup("b2")},
		},
	},
	"gzip and 2 MiB when nothing is said, and 2 MiB in other words": {
		do: func(b bad) {
			b.edit(folderOf("pvc-gzip").backup("only"), func(config map[string]any) {
				delete(config, "CompressionMethod")
				delete(config, "Parameters")
			})
			b.edit(folderOf("pvc-lz4").backup("b1"), func(config map[string]any) {
				config["Parameters"].(map[string]any)[blockSizeKey] = "0"
			})
			b.edit(folderOf("pvc-lz4").backup("b2"), func(config map[string]any) {
				config["Parameters"].(map[string]any)[blockSizeKey] = "2Mi"
			})
		},
	},
	"a backup under another backup's name, with another size": {
		do: func(b bad) {
			b.edit(folderOf("pvc-lz4").backup("b2"), func(config map[string]any) { config["Name"], config["Size"] = "b1", "4096" })
		},
		want: []Violation{
			{Kind: KindName, Volume: "pvc-lz4", Backups: []string{"b2"}, Object: folderOf("pvc-lz4").backup("b2")},
			{Kind: KindBackupSize, Volume: "pvc-lz4", Backups: []string{"b2"}, Object: folderOf("pvc-lz4").backup("b2")},
		},
	},
	"a backup of another volume": {
		do: func(b bad) {
			b.edit(folderOf("pvc-lz4").backup("b2"), func(config map[string]any) { config["VolumeName"] = "pvc-gzip" })
		},
		want: []Violation{{Kind: KindName, Volume: "pvc-lz4", Backups: []string{"b2"}, Object: folderOf("pvc-lz4").backup("b2")}},
	},
	"a volume that is smaller than its backup": {
		do: func(b bad) {
			b.edit(folderOf("pvc-gzip").config(), func(config map[string]any) { config["Size"] = "2097152" })
		},
		want: []Violation{{Kind: KindBlockMap, Volume: "pvc-gzip", Backups: []string{"only"}, Lost: true, Object: folderOf("pvc-gzip").backup("only")}},
	},
	"a volume whose size is no multiple of the block size": {
		do: func(b bad) {
			b.edit(folderOf("pvc-gzip").config(), func(config map[string]any) { config["Size"] = "4194305" })
		},
		want: []Violation{{Kind: KindBlockMap, Volume: "pvc-gzip", Backups: []string{"only"}, Lost: true, Object: folderOf("pvc-gzip").backup("only")}},
	},
	"blocks out of order": {
		do: func(b bad) {
			b.edit(folderOf("pvc-gzip").backup("only"), func(config map[string]any) { slices.Reverse(config["Blocks"].([]any)) })
		},
		want: []Violation{{Kind: KindBlockMap, Volume: "pvc-gzip", Backups: []string{"only"}, Object: folderOf("pvc-gzip").backup("only")}},
	},
}
