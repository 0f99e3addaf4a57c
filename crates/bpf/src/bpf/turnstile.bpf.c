// SPDX-License-Identifier: MIT OR Apache-2.0
/*
 * Counts the TCP connections that are begun and ended towards each destination, from ports that
 * connect(2) hands out, while it is attached. src/turnstile.rs reads the counts.
 *
 * A change of state that interrupts this very program on its processor is not seen: one in thousands,
 * on a host that is busy.
 */
#include "kernel.h"
#include "pilot/range.h"

#include <bpf/bpf_endian.h>

/* More than can be talked to in a moment. */
#define WAYS 65536

/* In Rust: turnstile.rs. IPv4 addresses are mapped ones here, as ::ffff:192.0.2.1. */
struct way {
	__u32 source[4];
	__u32 remote[4];
	__u32 netns;
	__u16 port; /* host order */
	__u16 unused;
};

struct turnover {
	__u32 begun;
	__u32 ended;
	__u32 lingers;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, WAYS);
	__type(key, struct way);
	__type(value, struct turnover);
} turnovers SEC(".maps");

/* How many changes there was no place for. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} uncounted SEC(".maps");

static __always_inline struct way way_of(const struct sock *sk)
{
	const struct sock_common *common = &sk->__sk_common;
	struct way way = {};

	way.netns = common->skc_net.net->ns.inum;
	way.port = bpf_ntohs(common->skc_dport);
	if (common->skc_family == AF_INET) {
		way.source[2] = way.remote[2] = bpf_htonl(0xffff);
		way.source[3] = common->skc_rcv_saddr;
		way.remote[3] = common->skc_daddr;
	} else {
		BPF_CORE_READ_INTO(&way.source, sk, __sk_common.skc_v6_rcv_saddr.in6_u.u6_addr32);
		BPF_CORE_READ_INTO(&way.remote, sk, __sk_common.skc_v6_daddr.in6_u.u6_addr32);
	}
	return way;
}

static __always_inline struct turnover *turnover_of(const struct sock *sk)
{
	struct way way = way_of(sk);
	struct turnover *known = bpf_map_lookup_elem(&turnovers, &way), none = {};
	__u32 zero = 0;
	__u64 *lost;

	if (known)
		return known;
	/* Another processor may be quicker. */
	bpf_map_update_elem(&turnovers, &way, &none, BPF_NOEXIST);
	known = bpf_map_lookup_elem(&turnovers, &way);
	lost = bpf_map_lookup_elem(&uncounted, &zero);
	if (!known && lost)
		__sync_fetch_and_add(lost, 1);
	return known;
}

static __always_inline bool is_handed_out(const struct sock *sk, __u16 port)
{
	struct range range = range_of(sk->__sk_common.skc_net.net);

	return range.low <= port && port <= range.high;
}

/* The port is chosen next, unless the program bound one. */
static __always_inline void begins(const struct sock *sk)
{
	__u16 bound = sk->__sk_common.skc_num;
	struct turnover *turnover;

	if (bound && !is_handed_out(sk, bound))
		return;
	turnover = turnover_of(sk);
	if (turnover)
		__sync_fetch_and_add(&turnover->begun, 1);
}

/* The port is gone by now but for a copy. A connect that found none leaves none. */
static __always_inline void ends(const struct sock *sk, int old)
{
	__u16 port = bpf_ntohs(BPF_CORE_READ((struct inet_sock *)sk, inet_sport));
	bool found_none = old == TCP_SYN_SENT && !port;
	struct turnover *turnover;

	if (!found_none && !is_handed_out(sk, port))
		return;
	turnover = turnover_of(sk);
	if (!turnover)
		return;
	if (found_none) {
		__sync_fetch_and_sub(&turnover->begun, 1);
		return;
	}
	__sync_fetch_and_add(&turnover->ended, 1);
	if (old == TCP_FIN_WAIT2 || old == TCP_CLOSING)
		__sync_fetch_and_add(&turnover->lingers, 1);
}

/* Runs before the state is set. */
SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(turns, const struct sock *sk, int old, int new)
{
	if (sk->sk_protocol != IPPROTO_TCP)
		return 0;
	if (new == TCP_SYN_SENT)
		begins(sk);
	else if (new == TCP_CLOSE && sk->__sk_common.skc_dport)
		ends(sk, old);
	return 0;
}

char LICENSE[] SEC("license") = "Dual MIT/GPL";
