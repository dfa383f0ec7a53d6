#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Puts Debian's own kernel for Tests/VPN's guests under qemu in FOLDER/debian: `vmlinuz`, below `modules` what a guest
# may ask for, and an `initrd` with what it needs to find its disk. apt checks the packages' signatures; they are
# unpacked there and never installed.
#
# usage: deps/vm.sh FOLDER
#
# A download of 70 MB, and ten seconds; the kernel stays there until it is removed or Tests/VPN/guest/initrd changes.
# linux-image-cloud-amd64, a third of it, has no 9p, by which a guest sees folders of this machine.
set -eu
cd "$(dirname "$0")/.."

folder=$1
init=$PWD/Tests/VPN/guest/initrd
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)

deps/apt.sh cpio kmod qemu-system-x86
if [ -e "$folder/debian/initrd" ] && cmp -s "$init" "$folder/debian/init"; then
    exit 0
fi

depends=$(apt-cache depends linux-image-amd64 2>/dev/null || true)
image=$(printf '%s\n' "$depends" | sed -n 's/^ *Depends: \(linux-image-[0-9].*\)/\1/p' | head -n 1)
if [ -z "$image" ]; then
    echo "deps: apt knows no linux-image-amd64: this is not Debian on amd64, or apt-get update has not been run" >&2
    exit 1
fi
echo "deps: unpacking Debian's $image for guests under qemu, once"
scratch=$(mktemp -d "$folder/debian.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' INT TERM
cd "$scratch"
if ! apt-get download -qq "$image" busybox-static >apt.log 2>&1; then
    cat apt.log >&2
    echo "deps: cannot download $image and busybox-static; is there a network, and has apt-get update been run?" >&2
    exit 1
fi

# Of the modules only what belongs to networks, file systems and virtual machines: a tenth.
mkdir root busybox initrd
dpkg-deb --fsys-tarfile linux-image-*.deb | tar -x -C root --no-same-owner --wildcards './boot/vmlinuz-*' \
    './lib/modules/*/modules.*' './lib/modules/*/kernel/arch/*' './lib/modules/*/kernel/crypto/*' \
    './lib/modules/*/kernel/fs/9p/*' './lib/modules/*/kernel/fs/ext4/*' './lib/modules/*/kernel/fs/fscache/*' \
    './lib/modules/*/kernel/fs/jbd2/*' './lib/modules/*/kernel/fs/mbcache.ko' './lib/modules/*/kernel/fs/netfs/*' \
    './lib/modules/*/kernel/lib/*' './lib/modules/*/kernel/net/*' './lib/modules/*/kernel/drivers/block/virtio*' \
    './lib/modules/*/kernel/drivers/net/dummy.ko' './lib/modules/*/kernel/drivers/net/veth.ko' \
    './lib/modules/*/kernel/drivers/virtio/*'
dpkg-deb --fsys-tarfile busybox-static_*.deb | tar -x -C busybox --no-same-owner ./bin/busybox
rm -f ./*.deb
release=$(ls root/lib/modules)
depmod --basedir root "$release" 2>/dev/null

mkdir -p initrd/bin initrd/dev initrd/modules initrd/disk
cp busybox/bin/busybox initrd/bin/
for name in sh mount insmod reboot switch_root; do ln -s busybox "initrd/bin/$name"; done
# crc32c-intel is for processors that have it; the other is for all.
for name in virtio_pci virtio_blk ext4 crc32c_generic 9pnet_virtio 9p; do
    modprobe --config /dev/null --dirname "$PWD/root" --set-version "$release" --show-depends "$name"
done | awk '$1 == "insmod" && $2 !~ /crc32c-intel/ && !seen[$2]++ { print $2 }' >needed
while read -r path; do
    cp "$path" initrd/modules/
    basename "$path" >>initrd/modules/order
done <needed
install -m 755 "$init" initrd/init
(cd initrd && find . -print0 | cpio --quiet --null --create --format=newc --owner=0:0) | gzip -1 >initrd.gz

mkdir made
mv root/boot/vmlinuz-* made/vmlinuz
mv root/lib/modules made/modules
cp "$init" made/init
mv initrd.gz made/initrd
rm -rf "$folder/debian"
mv made "$folder/debian"
echo "deps: $folder/debian has Linux $release"
