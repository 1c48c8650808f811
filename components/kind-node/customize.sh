#!/bin/sh
# Turns the root file system in $1 into that of a kind node: what kind's own
# images/base/Dockerfile does after it has installed its packages. mmdebstrap runs
# it as root once the packages are configured.
set -eu
root=$1

remove() {
	for path in "$@"; do
		rm -rf "${root:?}"/$path # unquoted: the paths hold patterns
	done
}

# What the machine that builds this would leave of itself.
remove 'etc/apt/sources.list*' etc/apt/apt.conf.d/99mmdebstrap etc/dpkg/dpkg.cfg.d/99mmdebstrap 'etc/apt/trusted.gpg*' \
	etc/apt/auth.conf.d etc/resolv.conf etc/hostname etc/machine-id etc/iscsi/initiatorname.iscsi
# Documentation and translations.
remove usr/share/doc usr/share/man usr/share/info usr/share/locale usr/share/i18n \
	usr/share/lintian usr/share/bash-completion 'var/lib/apt/lists/*' 'var/cache/apt/*.bin' \
	'var/log/*.log' var/log/apt

# Services that a machine needs and a container does not.
units=usr/lib/systemd/system
[ -d "$root/$units" ] || units=lib/systemd/system
remove $units/sysinit.target.wants/systemd-tmpfiles-setup.service \
	"$units/multi-user.target.wants/*" 'etc/systemd/system/*.wants/*' \
	"$units/local-fs.target.wants/*" "$units/sockets.target.wants/*udev*" \
	"$units/sockets.target.wants/*initctl*" "$units/basic.target.wants/*"
# It would register formats for the whole kernel.
ln -sf /dev/null "$root/etc/systemd/system/systemd-binfmt.service"
# The kernel's messages are those of the host.
echo 'ReadKMsg=no' >>"$root/etc/systemd/journald.conf"
ln -sf /usr/lib/systemd/systemd "$root/usr/sbin/init"
mkdir -p "$root/etc/kubernetes/manifests" "$root/kind"

for program in conntrack ethtool ip iptables-legacy iptables-nft jq nft systemctl; do
	# A library that is missing ends a program with 127 whatever it is asked.
	status=0
	chroot "$root" "$program" --version >/dev/null 2>&1 </dev/null || status=$?
	if [ "$status" -eq 126 ] || [ "$status" -eq 127 ]; then
		echo "$program does not run in the root file system (exit code $status)" >&2
		exit 1
	fi
done
[ -x "$root/usr/lib/systemd/systemd" ] || [ -x "$root/lib/systemd/systemd" ]
du -sxm "$root" --exclude="$root/proc" --exclude="$root/sys"
