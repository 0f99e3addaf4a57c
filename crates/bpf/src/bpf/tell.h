/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The records that are made of a socket and its owner. */
#ifndef PORTOLAN_TELL_H
#define PORTOLAN_TELL_H

#include "kernel.h"
#include "event.h"
#include "owner.h"
#include "ring.h"

#include <bpf/bpf_endian.h>

/* Where the verifier knows a socket for one, plain loads do; elsewhere a helper copies. */
enum access {
	PLAIN,
	COPIED,
};

#define READ(sk, field) (access == PLAIN ? (sk)->field : BPF_CORE_READ(sk, field))

static __always_inline void fill_addresses(struct opened *opened, const struct sock *sk,
					   enum access access)
{
	const struct sock_common *common = &sk->__sk_common;

	if (opened->family == AF_INET) {
		opened->local[0] = READ(sk, __sk_common.skc_rcv_saddr);
		opened->remote[0] = READ(sk, __sk_common.skc_daddr);
		opened->v6only = 0;
		return;
	}
	opened->v6only = BPF_CORE_READ_BITFIELD_PROBED(common, skc_ipv6only);
	bpf_core_read(opened->local, sizeof(opened->local), &common->skc_v6_rcv_saddr);
	bpf_core_read(opened->remote, sizeof(opened->remote), &common->skc_v6_daddr);
}

static __always_inline void fill_opened(struct opened *opened, const struct owner *owner,
					const struct sock *sk, __u16 port, __u8 role,
					enum access access)
{
	opened->opener = owner->opener;
	opened->netns = access == PLAIN ? sk->__sk_common.skc_net.net->ns.inum :
					  BPF_CORE_READ(sk, __sk_common.skc_net.net, ns.inum);
	opened->uid = READ(sk, sk_uid.val);
	opened->local_port = port;
	opened->remote_port = bpf_ntohs(READ(sk, __sk_common.skc_dport));
	opened->family = READ(sk, __sk_common.skc_family);
	opened->protocol = READ(sk, sk_protocol);
	opened->role = role;
	opened->head.flags = owner->flags & OWNER_FOUND ? FLAG_FOUND : 0;
	fill_addresses(opened, sk, access);
}

/* Tells that a socket holds `port`, since `owner->opened_at_ns`. */
static __always_inline void tell_opened(struct owner *owner, const struct sock *sk, __u64 cookie,
					__u16 port, __u8 role, enum access access)
{
	struct opened *opened =
		reserve(sizeof(*opened), RECORD_OPENED, owner->opened_at_ns, cookie);
	__u32 flags = OWNER_TOLD;

	owner->role = role;
	if (!opened)
		return;
	fill_opened(opened, owner, sk, port, role, access);
	if (opened->remote_port)
		flags |= OWNER_REMOTE;
	submit(opened);
	__sync_fetch_and_or(&owner->flags, flags);
}

/* The kernel's copy of a socket's own port, which stays when the port is let go of. */
static __always_inline __be16 source_port(const struct sock *sk)
{
	return BPF_CORE_READ((struct inet_sock *)sk, inet_sport);
}

/* Whether a connection came in that is not told of yet. */
static __always_inline bool is_untold_incoming(const struct owner *owner)
{
	return owner->role == ROLE_INCOMING && !(owner->flags & OWNER_TOLD);
}

/* Tells of a connection that came in by TCP Fast Open, before it is confirmed, or if it never is. */
static __noinline int tell_incoming(struct owner *owner, const struct sock *sk, __u64 cookie)
{
	if (owner && sk)
		tell_opened(owner, sk, cookie, bpf_ntohs(source_port(sk)), ROLE_INCOMING, PLAIN);
	return 0;
}

/* Tells that a socket holds `port` without a far end, whatever is left of one in it. */
static __always_inline void tell_bound(struct owner *owner, const struct sock *sk, __u64 cookie, __u16 port,
				       bool has_address)
{
	struct opened *opened =
		reserve(sizeof(*opened), RECORD_OPENED, owner->opened_at_ns, cookie);

	owner->role = ROLE_BOUND;
	if (!opened)
		return;
	fill_opened(opened, owner, sk, port, ROLE_BOUND, PLAIN);
	opened->remote_port = 0;
	__builtin_memset(opened->remote, 0, sizeof(opened->remote));
	if (!has_address)
		__builtin_memset(opened->local, 0, sizeof(opened->local));
	submit(opened);
}

/* Tells all of a socket at its end that was not told of before. */
static __always_inline void tell_whole(const struct owner *owner, const struct sock *sk,
				       __u64 cookie, __u16 port, __u8 role, __u8 ending,
				       enum access access)
{
	struct whole *whole = reserve(sizeof(*whole), RECORD_WHOLE, owner->opened_at_ns, cookie);

	if (!whole)
		return;
	fill_opened(&whole->opened, owner, sk, port, role, access);
	whole->opened.head.ending = ending;
	whole->closed_at_ns = bpf_ktime_get_boot_ns();
	whole->closer = owner->closer;
	submit(whole);
}

/* Tells that a connect found no port. */
static __always_inline void tell_no_port(const struct owner *owner, const struct sock *sk, __u64 cookie)
{
	struct opened *opened =
		reserve(sizeof(*opened), RECORD_NO_PORT, bpf_ktime_get_boot_ns(), cookie);

	if (!opened)
		return;
	fill_opened(opened, owner, sk, 0, ROLE_OUTGOING, PLAIN);
	submit(opened);
}

/* Tells that a socket is given its port next. Where it lies lets user space ask for that. */
static __always_inline void tell_awaited(const struct owner *owner, const void *sk, __u64 cookie)
{
	struct awaited *awaited =
		reserve(sizeof(*awaited), RECORD_AWAITED, owner->opened_at_ns, cookie);

	if (!awaited)
		return;
	/* In one piece: the verifier takes no pointer apart. */
	*(volatile __u64 *)&awaited->socket = (__u64)sk;
	submit(awaited);
}

/* Tells that a socket let go of its port. */
static __always_inline void tell_closed(const struct owner *owner, __u64 cookie, __u8 ending)
{
	struct deed *closed = reserve(sizeof(*closed), RECORD_CLOSED, bpf_ktime_get_boot_ns(), cookie);

	if (!closed)
		return;
	closed->head.ending = ending;
	if (owner->flags & OWNER_CLOSER) {
		closed->by = owner->closer;
		closed->head.flags = owner->flags & OWNER_TOOK ? FLAG_TAKEN : 0;
	} else {
		closed->by = owner->taker;
		closed->head.flags = owner->flags & OWNER_TAKEN ? 0 : FLAG_TAKER;
		if (owner->role == ROLE_INCOMING && !owner->taker.tgid &&
		    !(owner->flags & OWNER_USED))
			closed->head.flags |= FLAG_UNUSED;
	}
	submit(closed);
	if (!(cookie & 31))
		ring_alarm();
}

/* Tells that a socket let go of its port, of which nothing else is known. */
static __always_inline void tell_unknown_closed(__u64 cookie, __u8 ending)
{
	struct owner nobody = {};

	tell_closed(&nobody, cookie, ending);
}

/* Tells that somebody else than the opener uses a socket. */
static __always_inline void tell_taken(struct owner *owner, __u64 cookie, struct program_key *by)
{
	struct deed *taken = reserve(sizeof(*taken), RECORD_TAKEN, bpf_ktime_get_boot_ns(), cookie);

	if (!taken)
		return;
	taken->by = *by;
	submit(taken);
	__sync_fetch_and_or(&owner->flags, OWNER_TAKEN);
}

#endif
