#!/bin/sh
# Makes a machine ready to build and run muster's clusters: checks for the host
# packages and kernel features they need, and as root on a machine with apt
# installs what is missing. It is silent when nothing is, and may be run any
# number of times. With --check it installs nothing and loads no module. With
# --browser it does the same for Chromium alone, which only `make page` needs, and
# with --iscsi for what `make iscsi` needs: qemu's initiator and a target to test with.
set -u

# Programs of the administrator are not in a plain user's PATH on Debian.
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin

check_only= only=
case ${1-} in
'') ;;
--check) check_only=1 ;;
--browser | --iscsi) only=$1 ;;
*)
	echo "setup.sh: unknown argument \"$1\": it takes --check, --browser, --iscsi or none" >&2
	exit 2
	;;
esac

# Any of the names that tests/page looks for.
has_browser() {
	command -v chromium || command -v chromium-browser || command -v google-chrome
}

# qemu's iSCSI initiator is a module, in a directory that depends on the architecture.
has_qemu_iscsi() {
	[ -n "$(find /usr/lib -name block-iscsi.so -path '*qemu*' 2>/dev/null)" ]
}

# The list is also in framework/components/host.go; a test compares the two.
missing_packages() {
	missing=
	need() { # package, then the command that succeeds when it is installed
		package=$1
		shift
		"$@" >/dev/null 2>&1 || missing="$missing${missing:+, }$package"
	}
	case $only in
	--browser)
		need chromium has_browser
		echo "$missing"
		return
		;;
	--iscsi)
		need tgt command -v tgtd
		need libiscsi-bin command -v iscsi-ls
		need qemu-system-common command -v qemu-storage-daemon
		need qemu-block-extra has_qemu_iscsi
		need e2fsprogs command -v mkfs.ext4
		need iproute2 command -v ip
		echo "$missing"
		return
		;;
	esac
	need gcc command -v gcc
	need libc6-dev [ -e /usr/include/stdlib.h ]
	need pkg-config command -v pkg-config
	need libseccomp-dev pkg-config --exists libseccomp
	need mmdebstrap command -v mmdebstrap
	need nftables command -v nft
	need iproute2 command -v ip
	need e2fsprogs command -v mkfs.ext4
	need xfsprogs command -v mkfs.xfs
	need qemu-utils command -v qemu-img
	echo "$missing"
}

filesystem() {
	while read -r a b; do
		[ "${b:-$a}" = "$1" ] && return 0
	done </proc/filesystems
	return 1
}

# feature names a kernel module and the command that succeeds when it is there.
missing_features() {
	missing=
	feature() {
		module=$1
		shift
		"$@" && return
		if [ -z "$check_only" ]; then
			modprobe -q "$module" 2>/dev/null
			"$@" && return
		fi
		missing="$missing${missing:+, }$module"
	}
	if [ "$only" = --iscsi ]; then
		feature loop [ -e /dev/loop-control ]
		feature fuse [ -e /dev/fuse ]
		echo "$missing"
		return
	fi
	feature xfs filesystem xfs
	feature overlay filesystem overlay
	feature loop [ -e /dev/loop-control ]
	echo "$missing"
}

if [ "$(uname -s)" != Linux ]; then
	echo "setup.sh: clusters need Linux and this is $(uname -s): run muster on a Linux machine, or in a virtual one" >&2
	exit 1
fi

packages=$(missing_packages)
if [ -n "$packages" ] && [ -z "$check_only" ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
	list=$(echo "$packages" | tr -d ,)
	echo "setup.sh: installing $list"
	export DEBIAN_FRONTEND=noninteractive
	# A machine whose package lists are recent needs no update.
	# shellcheck disable=SC2086 # the list is words
	apt-get install -y -q --no-install-recommends $list ||
		{ apt-get update -q && apt-get install -y -q --no-install-recommends $list; }
	packages=$(missing_packages)
fi

failed=0
if [ -n "$packages" ]; then
	echo "host packages are missing: $packages; scripts/setup.sh${only:+ $only}, run as root, installs them where apt is" >&2
	failed=1
fi
[ "$only" != --browser ] || exit $failed
features=$(missing_features)
if [ -n "$features" ]; then
	echo "the kernel lacks: $features; load these modules with modprobe or boot a kernel that has them" >&2
	failed=1
fi
exit $failed
