package audit

import (
	"crypto/sha512"
	"encoding/hex"
)

// renamed puts a block of a wrong size in the place of one of b3, under the name
// that its content asks for.
func renamed(content []byte) damage {
	sum := sha512.Sum512(content)
	name := hex.EncodeToString(sum[:32])
	return damage{
		do: func(b bad) {
			b.edit(folderOf("pvc-lz4").backup("b3"), func(config map[string]any) {
				config["Blocks"].([]any)[1].(map[string]any)["BlockChecksum"] = name
			})
			b.remove(blockKey(lz4Volume, 4))
			b.write(folderOf("pvc-lz4").block(name), asLZ4(content))
		},
		want: []Violation{{Kind: KindBlockCorrupt, Volume: "pvc-lz4", Backups: []string{"b3"}, Lost: true, Object: folderOf("pvc-lz4").block(name)}},
	}
}

var blockDamages = map[string]damage{
	"a block of all backups is gone": {
		do:   func(b bad) { b.remove(blockKey(lz4Volume, 1)) },
		want: []Violation{{Kind: KindBlockMissing, Volume: "pvc-lz4", Backups: []string{"b1", "b2", "b3"}, Lost: true, Object: blockKey(lz4Volume, 1)}},
	},
	"a block of the newest backup is gone": {
		do:   func(b bad) { b.remove(blockKey(lz4Volume, 5)) },
		want: []Violation{{Kind: KindBlockMissing, Volume: "pvc-lz4", Backups: []string{"b3"}, Lost: true, Object: blockKey(lz4Volume, 5)}},
	},
	"one bit of a block of the two older backups is flipped": {
		do: func(b bad) {
			content := b.read(blockKey(lz4Volume, 2))
			content[len(content)/2] ^= 1
			b.write(blockKey(lz4Volume, 2), content)
		},
		want: []Violation{{Kind: KindBlockCorrupt, Volume: "pvc-lz4", Backups: []string{"b1", "b2"}, Lost: true, Object: blockKey(lz4Volume, 2)}},
	},
	"one bit of an uncompressed block is flipped": {
		do: func(b bad) {
			content := b.read(blockKey(bigVolume, 7))
			content[0] ^= 1
			b.write(blockKey(bigVolume, 7), content)
		},
		want: []Violation{{Kind: KindBlockCorrupt, Volume: "pvc-big", Backups: []string{"large"}, Lost: true, Object: blockKey(bigVolume, 7)}},
	},
	"a block holds another one, well compressed": {
		do:   func(b bad) { b.write(blockKey(lz4Volume, 4), b.read(blockKey(lz4Volume, 5))) },
		want: []Violation{{Kind: KindBlockCorrupt, Volume: "pvc-lz4", Backups: []string{"b3"}, Lost: true, Object: blockKey(lz4Volume, 4)}},
	},
	"a block is one byte too long": {
		do: func(b bad) {
			b.write(blockKey(lz4Volume, 4), asLZ4(append(contents(4, 2*mib), 0)))
		},
		want: []Violation{{Kind: KindBlockCorrupt, Volume: "pvc-lz4", Backups: []string{"b3"}, Lost: true, Object: blockKey(lz4Volume, 4)}},
	},
	"a block is half a block, and named after that":      renamed(contents(4, 2*mib)[:mib]),
	"a block is one byte too long, and named after that": renamed(append(contents(4, 2*mib), 0)),
	"a block is cut off": {
		do:   func(b bad) { b.write(blockKey(gzipVolume, 1), b.read(blockKey(gzipVolume, 1))[:mib]) },
		want: []Violation{{Kind: KindBlockCorrupt, Volume: "pvc-gzip", Backups: []string{"only"}, Lost: true, Object: blockKey(gzipVolume, 1)}},
	},
	"a block is empty": {
		do:   func(b bad) { b.write(blockKey(gzipVolume, 1), nil) },
		want: []Violation{{Kind: KindBlockCorrupt, Volume: "pvc-gzip", Backups: []string{"only"}, Lost: true, Object: blockKey(gzipVolume, 1)}},
	},
	"blocks are compressed with the other method": {
		do: func(b bad) {
			b.write(blockKey(lz4Volume, 1), asGzip(contents(1, 2*mib)))
			b.write(blockKey(gzipVolume, 1), asLZ4(contents(1, 2*mib)))
		},
	},
	"a compressed block in a volume without compression": {
		do:   func(b bad) { b.write(blockKey(bigVolume, 7), asLZ4(contents(7, 16*mib))) },
		want: []Violation{{Kind: KindBlockCorrupt, Volume: "pvc-big", Backups: []string{"large"}, Lost: true, Object: blockKey(bigVolume, 7)}},
	},
}
