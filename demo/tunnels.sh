#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Puts the partners behind real IPsec tunnels (IKEv2, pre-shared keys, ESP) where the kernel can carry them.
#
# usage: demo/tunnels.sh FOLDER probe | up
#
# `probe`, before anything is built: finds out whether this kernel offers ESP, says so, installs Libreswan where it
# does, and writes FOLDER/addresses: what each party is reached at. `up`, once jumpd enforces: a Libreswan in the
# edge and one at each partner, and returns when both tunnels stand. Does nothing without ESP.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
folder=$1
verb=$2

fail() { echo "tunnels: $*" >&2; exit 1; }

offers_esp() {
    probe=eig-esp-probe.$$
    ip netns add "$probe"
    offered=no
    ! ip -n "$probe" xfrm state add src 192.0.2.1 dst 192.0.2.2 proto esp spi 0x100 mode tunnel \
        aead 'rfc4106(gcm(aes))' 0x000102030405060708090a0b0c0d0e0f10111213 128 2>/dev/null || offered=yes
    ip netns del "$probe"
    [ "$offered" = yes ]
}

install_libreswan() {
    [ ! -x /usr/libexec/ipsec/pluto ] || return 0
    echo "installing libreswan with apt"
    # The package starts a system-wide IPsec service; the demonstration has its own and needs none.
    if [ -d /run/systemd/system ]; then systemctl --quiet mask --runtime ipsec.service; fi
    export DEBIAN_FRONTEND=noninteractive
    apt-get -q -o DPkg::Lock::Timeout=300 update >"$folder/apt.log" 2>&1 \
        && apt-get -q -y -o DPkg::Lock::Timeout=300 install --no-install-recommends libreswan >>"$folder/apt.log" 2>&1 \
        || { cat "$folder/apt.log" >&2; fail "libreswan cannot be installed"; }
    if [ -d /run/systemd/system ]; then
        systemctl --quiet disable ipsec.service 2>/dev/null || :
        systemctl --quiet unmask --runtime ipsec.service
    fi
}

probe() {
    if offers_esp; then
        install_libreswan
        echo "this kernel offers ESP: the partners reach the edge through Libreswan tunnels"
        printf 'payfast=172.16.5.10\nmobicash=172.17.5.40\n' >"$folder/addresses"
        touch "$folder/tunnelled"
    else
        echo "this kernel offers no ESP: the partners reach the edge without IPsec tunnels"
        printf 'payfast=203.0.113.10\nmobicash=198.51.100.40\n' >"$folder/addresses"
    fi
}

# One end of one tunnel: our side is always `left`, as seen from the edge.
section() { # PARTNER EDGE-ADDRESS PARTNER-ADDRESS PARTNER-SUBNET AUTO [REQID]
    cat <<END

conn p_$1_t1_s1
    type=tunnel
    ikev2=insist
    left="$2"
    leftid="@gw.eig.example"
    leftsubnet="192.0.2.1/32"
    right="$3"
    rightid="@vpn.$1.example"
    rightsubnet="$4"
    authby=secret
    ike="aes_gcm256-sha2_512;dh20"
    esp="aes_gcm256"
    pfs=yes
    ikelifetime=8h
    salifetime=1h
    dpddelay=10s
    dpdaction=restart
    retransmit-timeout=30s
    fragmentation=no
    mobike=no
    encapsulation=auto
    narrowing=no
    replay-window=256
    leftupdown="%disabled"
    rightupdown="%disabled"
    auto=$5
END
    # The numbers by which the enforcer knows what came through which tunnel: one for each, by name from 1.
    [ -z "${6:-}" ] || echo "    reqid=$6"
}

configure() { # END: the folder of one Libreswan, without its connections
    mkdir -p "$folder/ipsec/$1/nss" "$folder/ipsec/$1/run"
    certutil -N -d "sql:$folder/ipsec/$1/nss" --empty-password
    cat >"$folder/ipsec/$1/ipsec.conf" <<END
config setup
    uniqueids=yes
    ikev1-policy=drop
    logfile=$folder/log/ipsec-$1.log
    dumpdir=$folder/ipsec/$1/run
END
    : >"$folder/ipsec/$1/ipsec.secrets"
}

tunnel() { # PARTNER EDGE-ADDRESS PARTNER-ADDRESS PARTNER-SUBNET INSIDE-ADDRESS REQID
    secret="@gw.eig.example @vpn.$1.example : PSK $(cat "$folder/etc/secrets/$1-t1.psk")"
    configure "$1"
    section "$1" "$2" "$3" "$4" start >>"$folder/ipsec/$1/ipsec.conf"
    section "$1" "$2" "$3" "$4" ondemand "$6" >>"$folder/ipsec/edge/ipsec.conf"
    echo "$secret" >>"$folder/ipsec/$1/ipsec.secrets"
    echo "$secret" >>"$folder/ipsec/edge/ipsec.secrets"
    # With `%disabled` no script of Libreswan's touches routes: the way in and the way back are ours.
    "$here/lab.sh" "$folder" in "$1" ip addr add "$5/32" dev lo
    "$here/lab.sh" "$folder" in "$1" ip route add 192.0.2.1/32 via "$2" src "$5"
    "$here/lab.sh" "$folder" in edge ip route add "$4" via "$3" src 192.0.2.1
}

up() {
    [ -e "$folder/tunnelled" ] || return 0
    configure edge
    tunnel payfast 203.0.113.1 203.0.113.10 172.16.5.0/24 172.16.5.10 2
    tunnel mobicash 198.51.100.33 198.51.100.40 172.17.5.0/24 172.17.5.40 1
    chmod -R go= "$folder/ipsec"
    for end in edge payfast mobicash; do "$here/lab.sh" "$folder" start "ipsec-$end"; done
    tries=0
    for partner in payfast mobicash; do
        until "$here/lab.sh" "$folder" in edge /usr/libexec/ipsec/whack --ctlsocket "$folder/ipsec/edge/run/pluto.ctl" \
            --trafficstatus | grep -q "p_${partner}_t1_s1"; do
            tries=$((tries + 1))
            [ "$tries" -lt 200 ] || { tail -n 20 "$folder"/log/ipsec-*.log >&2; fail "no tunnel to $partner"; }
            sleep 0.1
        done
        echo "tunnel up: $partner"
    done
}

case $verb in
probe) probe ;;
up) up ;;
*) fail "no such verb: $verb" ;;
esac
