/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * One connect: from where to where, which ports may be used, and whether one is.
 */
#ifndef PORTOLAN_DIAL_H
#define PORTOLAN_DIAL_H

#include "../kernel.h"
#include "count.h"
#include "destination.h"
#include "range.h"
#include "source.h"

#define SOCK_STREAM 1
#define SOL_SOCKET 1
#define SO_REUSEADDR 2

struct sockaddr_in {
	__u16 sin_family;
	__be16 sin_port;
	__be32 sin_addr;
	__u8 unused[8];
};

struct sockaddr_in6 {
	__u16 sin6_family;
	__be16 sin6_port;
	__be32 sin6_flowinfo;
	__be32 sin6_addr[4];
	__u32 sin6_scope_id;
};

/* Without pointers that the verifier must follow: functions that are not static get it as plain memory,
 * and so are gone through once, not once for each way to them. */
struct dial {
	struct net *net;
	struct destination_key key;
	struct range range;
	bool has_address; /* the program chose the source */
	bool lost_address; /* a bind failed, which takes the program's choice away */
};

enum use {
	USE_NONE,
	USE_TAKEN, /* or in a TIME-WAIT that must be left alone */
	USE_WAITING, /* in a TIME-WAIT that the kernel takes, if it comes to this port */
	USE_SHARED, /* in one that a bind may take, and the kernel's own choice does perhaps not */
};

/* Whether connects take tuples in TIME-WAIT at all, as the kernel has it. */
static __always_inline bool takes_waiting(const struct dial *dial)
{
	struct net *net = dial->net;
	__u8 reuse = BPF_CORE_READ(net, ipv4.sysctl_tcp_tw_reuse);

	return reuse == 1 || (reuse == 2 && (is_loopback(dial->key.address) || is_loopback(dial->key.source)));
}

/* Whether a TIME-WAIT is old enough to be taken, as the kernel has it for the ports that it chooses itself.
 * Of a socket that is bound it would ask less. */
static __always_inline bool is_old(const struct dial *dial, struct tcp_timewait_sock *tw)
{
	__u64 now = bpf_ktime_get_ns();
	struct net *net = dial->net;
	__u32 delay = 1000;

	if (!bpf_core_field_exists(tw->tw_sk.tw_entry_stamp))
		return (__s32)(now / SECOND_NS - tw->tw_ts_recent_stamp) > 0;
	if (bpf_core_field_exists(net->ipv4.sysctl_tcp_tw_reuse_delay))
		delay = BPF_CORE_READ(net, ipv4.sysctl_tcp_tw_reuse_delay);
	return (__s32)(now / 1000000 - tw->tw_sk.tw_entry_stamp - delay) > 0;
}

/* What a TIME-WAIT is to a connect. Without timestamps every connect from there would fail; and its port can
 * be bound again if it had SO_REUSEADDR, as those that we bound have. */
static __always_inline enum use use_of_waiting(const struct dial *dial, struct tcp_timewait_sock *tw)
{
	if (!tw || tw->tw_sk.tw_substate == TCP_FIN_WAIT2 || !tw->tw_ts_recent_stamp)
		return USE_TAKEN;
	if (!takes_waiting(dial) || !is_old(dial, tw))
		return USE_TAKEN;
	return BPF_CORE_READ_BITFIELD(&tw->tw_sk, __tw_common.skc_reuse) ? USE_SHARED : USE_WAITING;
}

/* Who has the tuple with this local port, as of now: an enum use. */
__noinline int use_of(struct bpf_sock_addr *ctx, const struct dial *dial, __u32 port)
{
	const struct destination_key *key = &dial->key;
	struct bpf_sock_tuple tuple = {};
	__u32 size = sizeof(tuple.ipv4);
	struct bpf_sock *sk;
	int use = USE_NONE;

	if (!dial)
		return USE_TAKEN;
	count(COUNT_PROBES);
	if (is_mapped(key->address)) {
		tuple.ipv4.saddr = key->address[3];
		tuple.ipv4.sport = bpf_htons(key->port);
		tuple.ipv4.daddr = key->source[3];
		tuple.ipv4.dport = bpf_htons(port);
	} else {
		size = sizeof(tuple.ipv6);
		__builtin_memcpy(tuple.ipv6.saddr, key->address, sizeof(key->address));
		tuple.ipv6.sport = bpf_htons(key->port);
		__builtin_memcpy(tuple.ipv6.daddr, key->source, sizeof(key->source));
		tuple.ipv6.dport = bpf_htons(port);
	}
	sk = bpf_skc_lookup_tcp(ctx, &tuple, size, BPF_F_CURRENT_NETNS, 0);
	if (!sk)
		return USE_NONE;
	count(COUNT_TAKEN);
	use = sk->state == TCP_TIME_WAIT ? use_of_waiting(dial, bpf_skc_to_tcp_timewait_sock(sk)) : USE_TAKEN;
	bpf_sk_release(sk);
	return use;
}

/* Binds the socket to a port of an address, in its own family; 0 if that could be done. */
static __always_inline long bind_to(struct bpf_sock_addr *ctx, const __u32 address[4], __u16 port)
{
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_port = bpf_htons(port) };
	struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = bpf_htons(port) };

	if (ctx->family == AF_INET) {
		v4.sin_addr = address[3];
		return bpf_bind(ctx, (struct sockaddr *)&v4, sizeof(v4));
	}
	__builtin_memcpy(v6.sin6_addr, address, sizeof(v6.sin6_addr));
	return bpf_bind(ctx, (struct sockaddr *)&v6, sizeof(v6));
}

#endif
