/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The sockets that processes hold now, read off an iterator: at the start, and after a loss. */
#ifndef PORTOLAN_SURVEY_H
#define PORTOLAN_SURVEY_H

#include "kernel.h"
#include "ends.h"
#include "owner.h"
#include "program.h"
#include "tell.h"

#define ROLE_UNKNOWN 255

/* What a socket is that user space does not know of: found open, or told of in a record that was lost. Then it is known
 * what became of it. */
static __always_inline __u8 role_of(const struct owner *owner, __u16 protocol, __u8 state)
{
	if (state == TCP_LISTEN)
		return ROLE_LISTENING;
	if (state == TCP_CLOSE)
		return ROLE_BOUND;
	if (protocol == IPPROTO_UDP)
		return ROLE_OUTGOING;
	return owner->role == ROLE_OUTGOING || owner->role == ROLE_INCOMING ? owner->role : ROLE_UNKNOWN;
}

/* Tells of every socket that a process holds now and that has a port: for each of its descriptors. */
SEC("iter/task_file")
int survey(struct bpf_iter__task_file *ctx)
{
	struct task_struct *task = ctx->task;
	struct file *file = ctx->file;
	struct opened opened = {};
	struct socket *socket;
	struct guise guise = {};
	struct owner *owner;
	struct sock *sk;
	__u64 cookie;
	__u8 state;

	if (!task || !file)
		return 0;
	socket = bpf_sock_from_file(file);
	if (!socket)
		return 0;
	sk = socket->sk;
	if (!sk)
		return 0;
	opened.family = sk->__sk_common.skc_family;
	if (opened.family != AF_INET && opened.family != AF_INET6)
		return 0;
	if (sk->sk_protocol != IPPROTO_TCP && sk->sk_protocol != IPPROTO_UDP)
		return 0;
	cookie = bpf_get_socket_cookie(sk);
	owner = OWNER_OF(sk, cookie);
	if (!owner)
		owner = MAKE_OWNER(sk, cookie);
	if (!owner)
		return 0;
	if (!(owner->flags & OWNER_USER)) {
		key_of(task, &owner->opener);
		__sync_fetch_and_or(&owner->flags, OWNER_USER | OWNER_FOUND);
		guise_of(task, &guise);
		bpf_map_update_elem(&told, &owner->opener, &guise, BPF_NOEXIST);
	}
	state = sk->__sk_common.skc_state;
	if (!sk->__sk_common.skc_num)
		return 0;
	if (!(owner->flags & OWNER_TOLD)) {
		if (!owner->opened_at_ns) {
			owner->opened_at_ns = bpf_ktime_get_boot_ns();
			__sync_fetch_and_or(&owner->flags, OWNER_FOUND);
		}
		owner->role = role_of(owner, sk->sk_protocol, state);
		__sync_fetch_and_or(&owner->flags, OWNER_TOLD);
	}
	if (sk->sk_protocol == IPPROTO_UDP && !is_as_told(owner, sk, COPIED)) {
		note_ends(owner, sk, sk->__sk_common.skc_num, COPIED);
		owner->role = role_of(owner, IPPROTO_UDP, state);
	}
	opened.head.kind = RECORD_OPENED;
	opened.head.at_ns = owner->opened_at_ns;
	opened.head.cookie = cookie;
	fill_opened(&opened, owner, sk, sk->__sk_common.skc_num, owner->role, COPIED);
	bpf_seq_write(ctx->meta->seq, &opened, sizeof(opened));
	return 0;
}

#endif
