#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Puts the partners behind IPsec tunnels where the kernel can carry them.
#
# usage: demo/tunnels.sh FOLDER
set -eu

probe=eig-esp-probe.$$
ip netns add "$probe"
trap 'ip netns del "$probe"' EXIT
trap 'exit 130' INT TERM HUP
if ip -n "$probe" xfrm state add src 192.0.2.1 dst 192.0.2.2 proto esp spi 0x100 mode tunnel \
    aead 'rfc4106(gcm(aes))' 0x000102030405060708090a0b0c0d0e0f10111213 128 2>/dev/null; then
    echo "this kernel offers ESP"
else
    echo "this kernel offers no ESP: the partners reach the edge without IPsec tunnels"
fi
