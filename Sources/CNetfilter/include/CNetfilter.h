/* SPDX-License-Identifier: Apache-2.0 */
/* The headers of libmnl, libnftnl and libnetfilter_conntrack, and what Debian 12's lack. No logic lives here. */
#ifndef CNETFILTER_H
#define CNETFILTER_H

#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <linux/netlink.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <libmnl/libmnl.h>
#include <libnetfilter_conntrack/libnetfilter_conntrack.h>
#include <libnftnl/chain.h>
#include <libnftnl/common.h>
#include <libnftnl/expr.h>
#include <libnftnl/gen.h>
#include <libnftnl/object.h>
#include <libnftnl/rule.h>
#include <libnftnl/set.h>
#include <libnftnl/table.h>
#include <libnftnl/udata.h>

/* NFT_TABLE_F_PERSIST, Linux 6.9: a table outlives its owner. */
#define CNETFILTER_TABLE_PERSIST 0x4

#endif
