# SPDX-License-Identifier: Apache-2.0
"""The partners' ends of the tunnels, as their engineers write them by hand for Libreswan."""

from . import network

EDGE_ID = "@gw.eig.example"
SECRET = "a secret of at least twenty characters"
#: For each gateway: what it calls itself, where it is, its network.
ENDS = {
    "payfast": ("@vpn.payfast.example", network.PAYFAST_GATEWAY, network.PAYFAST_NETWORK),
    "payfast-b": ("@vpn.payfast.example", network.PAYFAST_BACKUP, network.PAYFAST_NETWORK),
    "mobicash": ("@vpn.mobicash.example", network.MOBICASH_GATEWAY, network.MOBICASH_NETWORK),
}


def secrets(gateway):
    return f'{EDGE_ID} {ENDS[gateway][0]} : PSK "{SECRET}"\n'


def connection(gateway, auto="ondemand", **settings):
    """Settings are Libreswan's, with _ for -; numbers are not quoted, for it ignores those that are."""
    name, address, subnet = ENDS[gateway]
    values = {
        "type": "tunnel", "ikev2": "insist", "left": address, "leftid": name, "leftsubnet": subnet,
        "right": network.EDGE_END, "rightid": EDGE_ID, "rightsubnet": f"{network.EDGE}/32", "authby": "secret",
        "ike": "aes_gcm256-sha2_512;dh20", "esp": "aes_gcm256", "pfs": "yes", "fragmentation": "no", "mobike": "no",
        "dpddelay": "10s", "dpdaction": "restart", "retransmit-timeout": "30s", "leftupdown": "%disabled",
        "auto": auto, **{name.replace("_", "-"): value for name, value in settings.items()}}
    lines = "".join(f"    {name}={value}\n" if isinstance(value, int) else f'    {name}="{value}"\n'
                    for name, value in values.items())
    return f"conn eig\n{lines}\n"
