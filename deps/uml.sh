#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Puts a User-mode Linux kernel for Tests/VPN at FOLDER/linux: the one EIG_UML_KERNEL names, or one built from Debian's
# linux-source-6.1, whose signature apt checks. Debian's own user-mode-linux knows no nftables for inet.
#
# usage: deps/uml.sh FOLDER
#
# A build takes four minutes of two cores and 2 GB below FOLDER, which it gives back; the kernel stays there until
# deps/uml.config changes.
set -eu
cd "$(dirname "$0")/.."

folder=$1
config=$PWD/deps/uml.config
mkdir -p "$folder"

if [ -n "${EIG_UML_KERNEL:-}" ]; then
    [ -x "$EIG_UML_KERNEL" ] || { echo "deps: EIG_UML_KERNEL is no program: $EIG_UML_KERNEL" >&2; exit 1; }
    exit 0
fi
if [ -x "$folder/linux" ] && cmp -s "$config" "$folder/linux.config"; then
    exit 0
fi

deps/apt.sh bc bison flex gcc libc6-dev make xz-utils
echo "deps: building a User-mode Linux kernel from Debian's linux-source-6.1; four minutes of two cores, once"
scratch=$(mktemp -d "$folder/kernel.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' INT TERM
cd "$scratch"
if ! apt-get download -qq linux-source-6.1 >apt.log 2>&1; then
    cat apt.log >&2
    echo "deps: cannot download linux-source-6.1; is there a network, and has apt-get update been run?" >&2
    exit 1
fi
dpkg-deb --fsys-tarfile linux-source-6.1_*.deb | tar -x -O ./usr/src/linux-source-6.1.tar.xz | tar -xJ
rm -f linux-source-6.1_*.deb
cd linux-source-6.1

# A setting that Debian's sources do not know, or that lacks another, is lost without a word.
taken() {
    while read -r setting; do
        case $setting in
        CONFIG_*) grep -qxF "$setting" .config || { echo "$config: not taken: $setting"; return 1; } ;;
        esac
    done <"$config"
}

build() {
    make ARCH=um KCONFIG_ALLCONFIG="$config" allnoconfig && taken && make ARCH=um -j"$(nproc)" linux
}

if ! build >"$scratch/build.log" 2>&1; then
    tail -n 30 "$scratch/build.log" >&2
    echo "deps: the kernel was not built" >&2
    exit 1
fi
strip --strip-debug -o "$scratch/linux.part" linux
mv "$scratch/linux.part" "$folder/linux"
cp "$config" "$folder/linux.config"
echo "deps: built $folder/linux, Linux $(make -s ARCH=um kernelversion)"
