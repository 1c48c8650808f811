#!/bin/sh
# Makes the unpacked packages in $1 small and proves that what the driver calls
# still runs. mmdebstrap runs it as root once the packages are unpacked; no
# maintainer script has run, and none needs to.
set -eu
root=$1

remove() {
	for path in "$@"; do
		rm -rf "${root:?}"/$path # unquoted: the paths hold patterns
	done
}

# What the machine that builds this would leave of itself: its package sources,
# its proxy, its name.
remove 'etc/apt/sources.list*' etc/apt/apt.conf.d/99mmdebstrap 'etc/apt/trusted.gpg*' \
	etc/apt/auth.conf.d etc/resolv.conf etc/hostname etc/machine-id
# Documentation, translations, completion, character sets.
remove usr/share/doc usr/share/man usr/share/info usr/share/locale usr/share/i18n \
	usr/share/lintian usr/share/bash-completion 'usr/lib/*/gconv' usr/lib/locale
# Python runs xfs_scrub_all only, ICU serves xfs_scrub only; the rest came with them.
remove 'usr/bin/python*' 'usr/bin/pydoc*' 'usr/bin/pygettext*' 'usr/lib/python*' \
	'usr/share/python*' usr/share/pixmaps usr/share/applications \
	'usr/lib/*/libicu*' 'usr/lib/*/libssl.*' \
	'usr/lib/*/libsqlite3.*' 'usr/lib/*/libdb-*' 'usr/lib/*/libgcrypt*' \
	usr/sbin/xfs_scrub usr/sbin/xfs_scrub_all
# Images are converted, not served; and sums are all that coreutils is for here.
remove usr/bin/qemu-io usr/bin/qemu-nbd usr/bin/qemu-storage-daemon
dpkg -L coreutils | sed -n 's|^/\(.*bin/..*\)|\1|p' | grep -Ev '/(cp|ls|mv|sha512sum)$' |
	while read -r path; do remove "$path"; done
# The package manager: an image that nobody upgrades does not need it.
remove 'usr/bin/dpkg*' 'usr/lib/dpkg' usr/share/dpkg usr/share/debconf 'usr/share/perl*' \
	var/lib/dpkg

# The driver's program mounts NFS version 4: with mount.nfs where the kernel has NFS,
# and in user space elsewhere.
ln -sf /usr/local/bin/muster-driver "$root/sbin/mount.nfs4"

for program in blkid blockdev cp e2fsck findmnt fsfreeze losetup ls mkfs.ext4 mkfs.xfs mount \
	mount.nfs mv qemu-img resize2fs sha512sum umount wipefs xfs_admin xfs_db xfs_growfs xfs_info xfs_io xfs_repair; do
	# A library that is missing ends a program with 127 whatever it is asked.
	status=0
	chroot "$root" "$program" -V >/dev/null 2>&1 </dev/null || status=$?
	if [ "$status" -ge 126 ]; then
		echo "$program does not run in the root file system (exit code $status):" >&2
		chroot "$root" "$program" -V >&2 || true
		exit 1
	fi
done
du -sxm "$root" --exclude="$root/proc" --exclude="$root/sys" --exclude="$root/var/cache/apt" --exclude="$root/var/lib/apt"
