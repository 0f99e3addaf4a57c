/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Who uses a socket that another process opened: who accepted it, or got it passed. No hook that is
 * cheap for everybody sees accept(2), and a listener's maker is often not who accepts, so the first
 * use tells: a read, a write, the question for the other end, or at the latest the close.
 */
#ifndef PORTOLAN_USE_H
#define PORTOLAN_USE_H

#include "kernel.h"
#include "ends.h"
#include "owner.h"
#include "program.h"
#include "tell.h"

/* Connections that end sooner have their user told with their end: one record less. */
#define SOON_NS 100000000

static __noinline int taken(struct owner *owner, __u64 cookie)
{
	struct program_key key = {};

	if (!owner)
		return 0;
	if (!owner->taker.tgid) {
		if (is_kernel_thread())
			return 0;
		current_key(&key);
		announce(&key);
		owner->taker = key;
	}
	/* It can be accepted before it is told of. */
	if (owner->flags & OWNER_TOLD && bpf_ktime_get_boot_ns() - owner->opened_at_ns > SOON_NS)
		tell_taken(owner, cookie, &owner->taker);
	return 0;
}

/* The opener uses it, or the opener of its listener, who may have become another user since. */
static __noinline int opener_uses(struct owner *owner)
{
	struct program_key key = {};

	if (!owner)
		return 0;
	current_key(&key);
	announce(&key);
	__sync_fetch_and_or(&owner->flags, OWNER_USED);
	return 0;
}

/* Whether the current process is another than the opener, and nobody was told of such a one. */
static __always_inline bool is_taken(struct owner *owner)
{
	if (owner->opener.tgid != bpf_get_current_pid_tgid() >> 32)
		return !(owner->flags & OWNER_TAKEN);
	if (!(owner->flags & OWNER_USED))
		opener_uses(owner);
	return 0;
}

/* A UDP socket got a port from the kernel, or a remote end, or lost it, without a hook for either. */
static __noinline int found_out(struct owner *owner, struct sock *sk, __u64 cookie)
{
	__u16 port = sk->__sk_common.skc_num;

	if (owner && port)
		tell_ends(owner, sk, cookie, port);
	return 0;
}

static __always_inline bool is_news(const struct owner *owner, const struct sock *sk)
{
	return sk->sk_protocol == IPPROTO_UDP && !is_as_told(owner, sk, PLAIN);
}

static __always_inline int used(struct sock *sk)
{
	__u16 family = sk->__sk_common.skc_family;
	struct owner *owner;
	__u64 cookie;

	if (family != AF_INET && family != AF_INET6)
		return 0;
	cookie = sk->__sk_common.skc_cookie.counter;
	owner = OWNER_OF(sk, cookie);
	if (!owner)
		return 0;
	if (is_news(owner, sk))
		found_out(owner, sk, cookie);
	if (sk->__sk_common.skc_state == TCP_SYN_RECV && is_untold_incoming(owner))
		tell_incoming(owner, sk, cookie);
	if (is_taken(owner))
		taken(owner, cookie);
	return 0;
}

/* Linux 6.3 */
SEC("tp_btf/sock_recv_length")
int receives(__u64 *ctx)
{
	return used((struct sock *)ctx[0]);
}

SEC("tp_btf/sock_send_length")
int sends(__u64 *ctx)
{
	return used((struct sock *)ctx[0]);
}

/* getpeername(2), and accept(2) that wants to know who called. */
static __always_inline int asks_for_peer(struct bpf_sock_addr *ctx)
{
	__u64 cookie = bpf_get_socket_cookie(ctx);
	struct owner *owner = find(cookie);

	if (owner && is_taken(owner))
		taken(owner, cookie);
	return 1;
}

SEC("cgroup/getpeername4")
int asks_for_peer4(struct bpf_sock_addr *ctx)
{
	return asks_for_peer(ctx);
}

SEC("cgroup/getpeername6")
int asks_for_peer6(struct bpf_sock_addr *ctx)
{
	return asks_for_peer(ctx);
}

#endif
