// SPDX-License-Identifier: MIT OR Apache-2.0
/*
 * Chooses the port of a connect where the kernel would search long: where half of its ports are taken
 * towards one destination. Whatever it cannot do well it leaves to the kernel, and counts; no connect
 * fails that would have succeeded without it, but by a quota that was asked for.
 */
#include "kernel.h"
#include "pilot/choose.h"
#include "pilot/policy.h"
#include "pilot/room.h"
#include "pilot/turn.h"
#include "pilot/whose.h"

#define PASS 1
#define REFUSE 0

#define LOOKS 32768 /* before a connect may fail: all that the kernel takes first, from two sources */

char LICENSE[] SEC("license") = "Dual MIT/GPL";

/* What the kernel makes of no address: the socket's own, where it has one of IPv4, or loopback. */
static __always_inline void settle(__u32 address[4], struct tcp_sock *tp)
{
	struct sock *sk = &tp->inet_conn.icsk_inet.sk;

	if (is_mapped(address) && !address[3]) {
		address[3] = tp->inet_conn.icsk_inet.inet_saddr ?: bpf_htonl(0x7f000001);
	} else if (!(address[0] | address[1] | address[2] | address[3])) {
		bool is_v4 = sk->__sk_common.skc_v6_rcv_saddr.in6_u.u6_addr32[2] == bpf_htonl(0xffff);

		address[2] = is_v4 ? bpf_htonl(0xffff) : 0;
		address[3] = is_v4 ? bpf_htonl(0x7f000001) : bpf_htonl(1);
	}
}

/* Whether the program asked for source addresses of a kind: RFC 5014. */
static __always_inline bool has_preference(struct tcp_sock *tp)
{
	struct ipv6_pinfo *v6;

	if (!bpf_core_field_exists(tp->inet_conn.icsk_inet.pinet6))
		return false;
	v6 = tp->inet_conn.icsk_inet.pinet6;
	return v6 && BPF_CORE_READ_BITFIELD_PROBED(v6, srcprefs);
}

/* The source address that the socket has, or will have. */
static __always_inline bool find_source(struct dial *dial, struct tcp_sock *tp)
{
	struct sock *sk = &tp->inet_conn.icsk_inet.sk;
	__u32 *source = dial->key.source;

	if (is_mapped(dial->key.address)) {
		source[2] = bpf_htonl(0xffff);
		source[3] = tp->inet_conn.icsk_inet.inet_saddr;
		dial->has_address = source[3];
	} else {
		struct in6_addr *v6 = &sk->__sk_common.skc_v6_rcv_saddr;

		source[0] = v6->in6_u.u6_addr32[0];
		source[1] = v6->in6_u.u6_addr32[1];
		source[2] = v6->in6_u.u6_addr32[2];
		source[3] = v6->in6_u.u6_addr32[3];
		dial->has_address = source[0] | source[1] | source[2] | source[3];
	}
	if (dial->has_address)
		return true;
	if (!is_mapped(dial->key.address) && has_preference(tp))
		return false;
	/* With a mark rules may send it another way. */
	if (!sk->sk_mark && !is_own_source(dial->key.address) &&
	    routed_source(dial->net, dial->key.netns, dial->key.address, source))
		return true;
	return loopback_source(dial->key.address, source);
}

/* Goes on from a source address, if it has a port: one that it has room for by samples, or one of ours; else,
 * with looks that may be spent, one that the kernel would find. */
__noinline int go_on_from(struct bpf_sock_addr *ctx, struct dial *dial, const struct source *source, __u32 looks)
{
	if (!dial || !source || is_mapped(source->address) != is_mapped(dial->key.address))
		return false;
	__builtin_memcpy(dial->key.source, source->address, sizeof(dial->key.source));
	dial->has_address = true;
	if (looks)
		return has_one(ctx, dial, looks) && !bind_to(ctx, dial->key.source, 0);
	return has_room(ctx, dial) ? !bind_to(ctx, dial->key.source, 0) : choose_any(ctx, dial);
}

/* Goes on from another source address. Where samples find none with a port, each is looked through. */
static __always_inline void spread(struct bpf_sock_addr *ctx, struct dial *dial, const struct policy *policy)
{
	__u32 sources = policy->sources, looks;

	if (!sources)
		return;
	for (__u32 i = 0; i < 2 * SOURCES; i++) {
		const struct source *source = &policy->source[i % SOURCES];

		looks = i < SOURCES ? 0 : LOOKS / sources;
		if (i % SOURCES < sources && go_on_from(ctx, dial, source, looks))
			return count(COUNT_SPREAD);
	}
}

/* Towards the address in `dial`. */
static __always_inline int pilot(struct bpf_sock_addr *ctx, struct dial *dial)
{
	struct policy *policy;
	struct tcp_sock *tp;
	__u32 zero = 0;

	if (ctx->type != SOCK_STREAM || ctx->protocol != IPPROTO_TCP || is_done(ctx))
		return PASS;
	count(COUNT_CONNECTS);
	tp = bpf_skc_to_tcp_sock(ctx->sk);
	policy = bpf_map_lookup_elem(&policies, &zero);
	if (!tp || !policy)
		return PASS;
	dial->net = tp->inet_conn.icsk_inet.sk.__sk_common.skc_net.net;
	dial->range = range_of(dial->net);
	dial->key.netns = bpf_get_netns_cookie(ctx);
	dial->key.port = bpf_ntohs(ctx->user_port);
	dial->key.parity = !(dial->range.low & 1);
	settle(dial->key.address, tp);
	if (policy->quota && is_ephemeral(tp, dial->range) &&
	    !within_quota(ctx, dial->key.netns, dial->key.address, policy->quota)) {
		count(COUNT_QUOTA);
		bpf_set_retval(-EADDRNOTAVAIL);
		return REFUSE;
	}
	if (!is_plain(tp, dial->range) || dial->range.high <= dial->range.low)
		return PASS;
	if (!find_source(dial, tp)) {
		count(COUNT_NO_SOURCE);
		return PASS;
	}
	if (has_room(ctx, dial)) {
		count(COUNT_ROOM);
		return PASS;
	}
	count(COUNT_ENGAGED);
	if (choose_any(ctx, dial)) {
		count(COUNT_PILOTED);
		return PASS;
	}
	count(COUNT_FALLBACKS);
	if (!dial->has_address)
		spread(ctx, dial, policy);
	else if (dial->lost_address)
		bind_to(ctx, dial->key.source, 0);
	return PASS;
}

SEC("cgroup/connect4")
int connect4(struct bpf_sock_addr *ctx)
{
	struct dial dial = { .key.address = { 0, 0, bpf_htonl(0xffff), ctx->user_ip4 } };

	return pilot(ctx, &dial);
}

SEC("cgroup/connect6")
int connect6(struct bpf_sock_addr *ctx)
{
	struct dial dial = {
		.key.address = { ctx->user_ip6[0], ctx->user_ip6[1], ctx->user_ip6[2], ctx->user_ip6[3] },
	};

	return pilot(ctx, &dial);
}

/* The destination of a socket that the kernel chose one of the last ports for. */
static __always_inline struct destination *destination_of_unclaimed(struct bpf_sock *ctx, __u16 *port)
{
	struct sock *sk = (struct sock *)ctx;
	struct destination_key key = {};

	*port = BPF_CORE_READ(sk, __sk_common.skc_num);
	key.port = bpf_ntohs(BPF_CORE_READ(sk, __sk_common.skc_dport));
	key.parity = *port & 1;
	if (!key.port || key.parity == (range_of(BPF_CORE_READ(sk, __sk_common.skc_net.net)).low & 1))
		return NULL;
	key.netns = bpf_get_netns_cookie(ctx);
	if (ctx->family == AF_INET) {
		key.source[2] = key.address[2] = bpf_htonl(0xffff);
		key.source[3] = BPF_CORE_READ((struct inet_sock *)sk, inet_saddr);
		key.address[3] = BPF_CORE_READ(sk, __sk_common.skc_daddr);
	} else {
		BPF_CORE_READ_INTO(&key.source, sk, __sk_common.skc_v6_rcv_saddr.in6_u.u6_addr32);
		BPF_CORE_READ_INTO(&key.address, sk, __sk_common.skc_v6_daddr.in6_u.u6_addr32);
	}
	return bpf_map_lookup_elem(&destinations, &key);
}

/* The last descriptor of a socket is gone: its port rests from now on. */
SEC("cgroup/sock_release")
int released(struct bpf_sock *ctx)
{
	__u64 cookie = bpf_get_socket_cookie(ctx);
	struct destination *d;
	struct claim *claim;
	__u16 port = 0;

	if (ctx->type != SOCK_STREAM || ctx->protocol != IPPROTO_TCP)
		return PASS;
	give_back(ctx);
	claim = bpf_map_lookup_elem(&claims, &cookie);
	if (!claim) {
		d = destination_of_unclaimed(ctx, &port);
		if (d)
			rest(d, port);
		return PASS;
	}
	count(COUNT_RELEASED);
	count_given_back(claim->key.netns, claim->port);
	d = bpf_map_lookup_elem(&destinations, &claim->key);
	if (d) {
		rest(d, claim->port);
		give(d, claim->port);
	}
	bpf_map_delete_elem(&claims, &cookie);
	return PASS;
}
