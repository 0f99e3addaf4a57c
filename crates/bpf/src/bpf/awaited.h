/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Sockets that are given their port where no hook sees it, right after one that does see them: a listener that nobody bound,
 * and a UDP socket that connects. User space asks for them a moment later.
 */
#ifndef PORTOLAN_AWAITED_H
#define PORTOLAN_AWAITED_H

#include "kernel.h"
#include "ends.h"
#include "owner.h"
#include "tell.h"

/* A UDP socket connects. It holds a port from now on, if it had none; it may be connected and never used. */
static __always_inline int connects_datagrams(struct bpf_sock_addr *ctx)
{
	struct bpf_sock *socket;
	struct owner *owner;
	__u64 cookie;

	/* TCP connects far more often. */
	if (ctx->protocol != IPPROTO_UDP)
		return 1;
	socket = ctx->sk;
	if (!socket || socket->src_port)
		return 1;
	cookie = bpf_get_socket_cookie(ctx);
	owner = find(cookie);
	if (!owner)
		return 1;
	/* One that let go of another far end, and with it of another port, is told of still. */
	__sync_fetch_and_and(&owner->flags, ~(OWNER_REMOTE | OWNER_FOUND | OWNER_TAKEN));
	owner->ends.local_port = 0;
	owner->opened_at_ns = bpf_ktime_get_boot_ns();
	tell_awaited(owner, socket, cookie);
	return 1;
}

SEC("cgroup/connect4")
int connects_datagrams4(struct bpf_sock_addr *ctx)
{
	return connects_datagrams(ctx);
}

SEC("cgroup/connect6")
int connects_datagrams6(struct bpf_sock_addr *ctx)
{
	return connects_datagrams(ctx);
}

static __always_inline void tell_awaited_listener(struct owner *owner, const struct sock *sk, __u64 cookie,
						  __u16 port)
{
	if (!(owner->flags & OWNER_TOLD) && BPF_CORE_READ(sk, __sk_common.skc_state) == TCP_LISTEN)
		tell_opened(owner, sk, cookie, port, ROLE_LISTENING, COPIED);
}

static __always_inline void tell_awaited_datagrams(struct owner *owner, const struct sock *sk, __u64 cookie,
						   __u16 port)
{
	if (!is_as_told(owner, sk, COPIED))
		tell_ends(owner, sk, cookie, port);
}

/*
 * Asked for by user space: where a socket lies that had no port when it was told of, and its cookie. It is told of through
 * the ring, if it has one by now and was not told of since. 0 where it is still without. The memory may be another socket's
 * by now, but that has another cookie.
 */
SEC("raw_tp")
int tell_of_awaited(struct bpf_raw_tracepoint_args *ctx)
{
	const struct sock *sk = (const struct sock *)ctx->args[0];
	__u64 cookie = ctx->args[1];
	struct owner *owner = find(cookie);
	__u16 port;

	/* One that spilled is told of when it is used, or ends. */
	if (!owner || BPF_CORE_READ(sk, __sk_common.skc_cookie.counter) != cookie)
		return 1;
	port = BPF_CORE_READ(sk, __sk_common.skc_num);
	if (!port)
		return 0;
	if (BPF_CORE_READ(sk, sk_protocol) == IPPROTO_UDP)
		tell_awaited_datagrams(owner, sk, cookie, port);
	else
		tell_awaited_listener(owner, sk, cookie, port);
	return 1;
}

#endif
