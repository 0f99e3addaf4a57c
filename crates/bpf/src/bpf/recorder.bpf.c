// SPDX-License-Identifier: MIT OR Apache-2.0
/*
 * Tells which process opens and closes which socket, and why it closed.
 *
 * A socket's owner is noted where a process is at work: here. A socket makes two records at most in
 * its life, one at each end, unless it is bound first or passed on. Every program lets everything
 * pass, whatever it finds.
 */
#include "kernel.h"
#include "event.h"
#include "ring.h"
#include "owner.h"
#include "ends.h"
#include "tell.h"
#include "program.h"
#include "tcp.h"
#include "use.h"
#include "awaited.h"
#include "process.h"
#include "survey.h"

#define PASS 1

char LICENSE[] SEC("license") = "Dual MIT/GPL";

/* A process makes a socket. */
SEC("cgroup/sock_create")
int made(struct bpf_sock *ctx)
{
	struct owner *owner;
	__u64 cookie;

	if (ctx->protocol != IPPROTO_TCP && ctx->protocol != IPPROTO_UDP)
		return PASS;
	cookie = bpf_get_socket_cookie(ctx);
	owner = MAKE_OWNER(ctx, cookie);
	if (!owner)
		return PASS;
	current_key(&owner->opener);
	owner->flags = OWNER_USER;
	announce(&owner->opener);
	return PASS;
}

/* A process bound a socket to a port, its own choice or the kernel's. */
static __always_inline int bound(struct bpf_sock *ctx)
{
	__u64 cookie = bpf_get_socket_cookie(ctx);
	struct owner *owner = OWNER_OF(ctx, cookie);

	/* A subflow of MPTCP, which the kernel made: no hook sees the end of one that is bound and no more. */
	if (!owner)
		return PASS;
	owner->opened_at_ns = bpf_ktime_get_boot_ns();
	if (ctx->protocol == IPPROTO_UDP)
		note_ends(owner, (struct sock *)ctx, ctx->src_port, COPIED);
	tell_opened(owner, (struct sock *)ctx, cookie, ctx->src_port, ROLE_BOUND, COPIED);
	return PASS;
}

SEC("cgroup/post_bind4")
int bound4(struct bpf_sock *ctx)
{
	return bound(ctx);
}

SEC("cgroup/post_bind6")
int bound6(struct bpf_sock *ctx)
{
	return bound(ctx);
}

/* Whether who closes an accepted socket that another opened must have accepted it: not if the opener was seen to use it,
 * for then the closer may have inherited it since; and kernel threads close for others. */
static __always_inline bool closer_accepted(const struct owner *owner)
{
	return owner->role == ROLE_INCOMING && !(owner->flags & OWNER_USED) && !is_kernel_thread();
}

/* Notes who closes, and whether that is the user too of whom nobody was told. */
static __always_inline __u32 note_closer(struct owner *owner, __u64 cookie)
{
	__u32 taker = owner->taker.tgid;
	__u32 flags = OWNER_CLOSER;

	current_key(&owner->closer);
	if (owner->closer.tgid != owner->opener.tgid || owner->closer.exec != owner->opener.exec)
		announce(&owner->closer);
	if (!(owner->flags & OWNER_TAKEN)) {
		if (taker && taker != owner->closer.tgid)
			tell_taken(owner, cookie, &owner->taker);
		else if (owner->closer.tgid != owner->opener.tgid && (taker || closer_accepted(owner)))
			flags |= OWNER_TOOK;
	}
	return __sync_fetch_and_or(&owner->flags, flags);
}

/* A UDP socket's last descriptor goes. */
static __always_inline void released_udp(struct bpf_sock *ctx, struct owner *owner, __u64 cookie)
{
	struct sock *sk = (struct sock *)ctx;
	__u16 port = BPF_CORE_READ(sk, __sk_common.skc_num);
	bool is_connected = BPF_CORE_READ(sk, __sk_common.skc_dport);
	bool is_news = port && !is_as_told(owner, sk, COPIED);

	if (is_news)
		note_ends(owner, sk, port, COPIED);
	/* From here on the ends are forgotten. */
	note_closer(owner, cookie);
	if (is_news)
		tell_whole(owner, sk, cookie, port, is_connected ? ROLE_OUTGOING : ROLE_BOUND,
			   ENDING_CLOSED, COPIED);
	else if (owner->flags & OWNER_TOLD)
		tell_closed(owner, cookie, ENDING_CLOSED);
	forget(cookie);
}

/* A TCP socket's last descriptor goes. What becomes of its port is told when its state changes,
 * unless it has none left to change. */
static __always_inline void released_tcp(struct bpf_sock *ctx, struct owner *owner, __u64 cookie)
{
	bool is_closed = ctx->state == TCP_CLOSE;
	__u32 before = note_closer(owner, cookie);

	if (!is_closed && !(before & OWNER_ENDED))
		return;
	if (__sync_fetch_and_and(&owner->flags, ~OWNER_TOLD) & OWNER_TOLD)
		tell_closed(owner, cookie, owner->ending);
	else if (owner->flags & OWNER_TOOK && before & OWNER_ENDED)
		tell_taken(owner, cookie, &owner->closer);
	forget(cookie);
}

/* The last descriptor goes of a socket that no process held when the survey looked: it was on its way from one to another.
 * TCP that is more than bound has its end told when its state changes. */
static __always_inline void released_unknown(struct bpf_sock *ctx, __u64 cookie)
{
	struct owner nobody = { .flags = OWNER_CLOSER };
	struct sock *sk = (struct sock *)ctx;
	bool is_bound_tcp = ctx->protocol == IPPROTO_TCP && ctx->state == TCP_CLOSE;

	if (!is_bound_tcp && ctx->protocol != IPPROTO_UDP)
		return;
	if (!BPF_CORE_READ(sk, __sk_common.skc_num))
		return;
	current_key(&nobody.closer);
	announce(&nobody.closer);
	tell_closed(&nobody, cookie, ENDING_CLOSED);
}

/* The last descriptor of a socket goes, through the current process: its own close, or its exit. */
SEC("cgroup/sock_release")
int released(struct bpf_sock *ctx)
{
	__u64 cookie = bpf_get_socket_cookie(ctx);
	struct owner *owner = OWNER_OF(ctx, cookie);

	if (!owner)
		released_unknown(ctx, cookie);
	else if (ctx->protocol == IPPROTO_UDP)
		released_udp(ctx, owner, cookie);
	else
		released_tcp(ctx, owner, cookie);
	return PASS;
}
