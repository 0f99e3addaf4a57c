/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The ends of UDP sockets, which change without a hook: a connect follows another, and the port is the kernel's to change
 * where it chose it. */
#ifndef PORTOLAN_ENDS_H
#define PORTOLAN_ENDS_H

#include "kernel.h"
#include "owner.h"
#include "tell.h"

/* An odd number without a pattern: addresses that differ in both halves hardly make the same. */
#define SPREAD 0x9e3779b97f4a7c15

static __always_inline __u64 remote_of(const struct sock *sk, enum access access)
{
	__u32 part[4];

	if (READ(sk, __sk_common.skc_family) != AF_INET6)
		return READ(sk, __sk_common.skc_daddr);
	part[0] = READ(sk, __sk_common.skc_v6_daddr.in6_u.u6_addr32[0]);
	part[1] = READ(sk, __sk_common.skc_v6_daddr.in6_u.u6_addr32[1]);
	part[2] = READ(sk, __sk_common.skc_v6_daddr.in6_u.u6_addr32[2]);
	part[3] = READ(sk, __sk_common.skc_v6_daddr.in6_u.u6_addr32[3]);
	return ((__u64)part[0] << 32 | part[1]) * SPREAD ^ ((__u64)part[2] << 32 | part[3]);
}

/* Whether a socket has the ends that were told. Without a far end its address means nothing. */
static __always_inline bool is_as_told(const struct owner *owner, const struct sock *sk, enum access access)
{
	__be16 remote_port = READ(sk, __sk_common.skc_dport);

	return owner->flags & OWNER_TOLD && owner->ends.local_port == READ(sk, __sk_common.skc_num) &&
	       owner->ends.remote_port == remote_port &&
	       (!remote_port || owner->ends.remote == remote_of(sk, access));
}

/* Notes the ends that are told now, and since when the port is held: a tenure begins with another port. */
static __always_inline void note_ends(struct owner *owner, const struct sock *sk, __u16 port,
				      enum access access)
{
	bool is_another = owner->ends.local_port && owner->ends.local_port != port;

	if (is_another)
		__sync_fetch_and_and(&owner->flags, ~(OWNER_REMOTE | OWNER_FOUND | OWNER_TAKEN));
	if (is_another || !owner->opened_at_ns)
		owner->opened_at_ns = bpf_ktime_get_boot_ns();
	owner->ends.local_port = port;
	owner->ends.remote_port = READ(sk, __sk_common.skc_dport);
	owner->ends.remote = remote_of(sk, access);
}

/* Tells the ends that a UDP socket has now. */
static __always_inline void tell_ends(struct owner *owner, const struct sock *sk, __u64 cookie, __u16 port)
{
	bool is_connected = BPF_CORE_READ(sk, __sk_common.skc_dport);

	note_ends(owner, sk, port, COPIED);
	tell_opened(owner, sk, cookie, port, is_connected ? ROLE_OUTGOING : ROLE_BOUND, COPIED);
}

#endif
