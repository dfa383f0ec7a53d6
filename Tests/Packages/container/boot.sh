#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Boots systemd in a container over layers of a root file system, and ends when it does.
#
# usage: boot.sh NAME LAYERS FOLDER NAMESPACE
#        boot.sh --try FOLDER
#
# LAYERS are folders joined by colons, the topmost first; what the container writes goes to FOLDER/upper. NAMESPACE is
# the network namespace it lives in. Everything mounted here is in a mount namespace of its own and goes with it; every
# process is in one control group and is killed with it, at the latest on SIGTERM. With --try it boots nothing: it says
# whether this machine lets it do what comes before.
set -eu

if [ "$1" != --apart ]; then
    exec unshare --mount --propagation private "$0" --apart "$@"
fi
shift
if [ "$1" = --try ]; then
    folder=$2 name=eig-try-$$
    layers=$folder/layer namespace=""
    mkdir -p "$layers" "$folder/upper" "$folder/work" "$folder/root"
else
    name=$1 layers=$2 folder=$3 namespace=$4
fi
group=/sys/fs/cgroup/$name

mount -t overlay overlay -o "lowerdir=$layers,upperdir=$folder/upper,workdir=$folder/work,redirect_dir=on" "$folder/root"
# systemd in the container needs the unified hierarchy alone, whatever this machine has mounted.
umount -R /sys/fs/cgroup
mount -t cgroup2 none /sys/fs/cgroup
mkdir "$group"
if ! [ "$namespace" ]; then
    rmdir "$group"
    # The units' PrivateUsers=; refused in a chroot, whoever asks.
    exec unshare --user true
fi

end() {
    echo 1 >"$group/cgroup.kill"
    tries=0
    # Emptied when the last process is gone, some time after it was killed.
    until ! [ -d "$group" ] || find "$group" -depth -type d -exec rmdir {} + 2>/dev/null; do
        tries=$((tries + 1))
        [ "$tries" -lt 500 ] || exit 1
        sleep 0.02
    done
}
trap end EXIT
trap 'exit 143' TERM

export UNIFIED_CGROUP_HIERARCHY=1 SYSTEMD_NSPAWN_LOCK=0
# Without bpf and perf_event_open systemd ignores IPAddressDeny= and SocketBindDeny= without a word.
# shellcheck disable=SC2016 # the inner shell's own
sh -c 'echo $$ >"$0/cgroup.procs" && exec "$@"' "$group" \
    systemd-nspawn --quiet --directory "$folder/root" --machine "$name" --register=no --keep-unit --console=pipe \
    --capability=all --system-call-filter="bpf perf_event_open" --network-namespace-path "/run/netns/$namespace" \
    --resolv-conf=off --timezone=off --link-journal=no --boot </dev/null &
wait $!
