/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What is kept with a socket, and the records that are made of it. It lives and dies with the socket,
 * and an accepted one begins with a copy of its listener's.
 */
#ifndef PORTOLAN_OWNER_H
#define PORTOLAN_OWNER_H

#include "kernel.h"
#include "event.h"
#include "ring.h"

#include <bpf/bpf_endian.h>

#define AF_INET 2
#define AF_INET6 10

enum owner_flag {
	OWNER_TOLD = 1, /* user space was told that it holds a port */
	OWNER_REMOTE = 2, /* and to whom it is connected */
	OWNER_TAKEN = 4, /* and of another user than the opener */
	OWNER_CLOSER = 8, /* its last descriptor is gone, and `closer` says through whom */
	OWNER_DEFERRED = 16, /* it ended but keeps its port until its last descriptor goes */
	OWNER_ENDED = 32, /* it lost its port before its last descriptor */
	OWNER_USER = 64, /* a process made it, so that a release will come */
	OWNER_FOUND = 128, /* found open by the survey */
};

struct owner {
	struct program_key opener; /* zero where not known */
	struct program_key closer;
	__u64 opened_at_ns;
	__u32 flags;
	__u8 role;
	__u8 ending;
};

struct {
	__uint(type, BPF_MAP_TYPE_SK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC | BPF_F_CLONE);
	__type(key, int);
	__type(value, struct owner);
} owners SEC(".maps");

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

/* Tells that a socket let go of its port; `owner` may be NULL. */
static __always_inline void tell_closed(const struct owner *owner, __u64 cookie, __u8 ending)
{
	struct deed *closed = reserve(sizeof(*closed), RECORD_CLOSED, bpf_ktime_get_boot_ns(), cookie);

	if (!closed)
		return;
	closed->head.ending = ending;
	if (owner && owner->flags & OWNER_CLOSER) {
		closed->by = owner->closer;
		if (!(owner->flags & OWNER_TAKEN) && owner->closer.tgid != owner->opener.tgid)
			closed->head.flags = FLAG_TAKEN;
	} else {
		__builtin_memset(&closed->by, 0, sizeof(closed->by));
	}
	submit(closed);
	if (!(cookie & 31))
		ring_alarm();
}

#endif
