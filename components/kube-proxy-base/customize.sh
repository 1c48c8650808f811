#!/bin/sh
# Makes the unpacked packages in $1 small and proves that what kube-proxy calls
# still runs. mmdebstrap runs it as root once the packages are unpacked.
set -eu
root=$1

remove() {
	for path in "$@"; do
		rm -rf "${root:?}"/$path # unquoted: the paths hold patterns
	done
}

# What the machine that builds this would leave of itself.
remove 'etc/apt/sources.list*' etc/apt/apt.conf.d/99mmdebstrap 'etc/apt/trusted.gpg*' \
	etc/apt/auth.conf.d etc/resolv.conf etc/hostname etc/machine-id
# Documentation, translations, the package manager.
remove usr/share/doc usr/share/man usr/share/info usr/share/locale usr/share/i18n \
	usr/share/lintian usr/lib/locale 'usr/bin/dpkg*' usr/lib/dpkg var/lib/dpkg
# No maintainer script has chosen between the two kinds of iptables.
for program in iptables ip6tables; do
	for suffix in '' -save -restore; do
		ln -sf "$program-nft$suffix" "$root/usr/sbin/$program$suffix"
	done
done

for program in conntrack iptables ip6tables iptables-save iptables-restore nft; do
	status=0
	chroot "$root" "$program" --version >/dev/null 2>&1 </dev/null || status=$?
	if [ "$status" -eq 126 ] || [ "$status" -eq 127 ]; then
		echo "$program does not run in the root file system (exit code $status)" >&2
		exit 1
	fi
done
du -sxm "$root" --exclude="$root/proc" --exclude="$root/sys" --exclude="$root/var/cache/apt" --exclude="$root/var/lib/apt"
