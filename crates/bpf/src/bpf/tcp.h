/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A TCP socket's life, by its changes of state. Most of them happen in softirq, where `current` is
 * whoever was interrupted: what is said of processes here was noted earlier.
 */
#ifndef PORTOLAN_TCP_H
#define PORTOLAN_TCP_H

#include "kernel.h"
#include "ending.h"
#include "owner.h"
#include "program.h"
#include "tell.h"

#define SOCK_BINDADDR_LOCK 4
#define SOCK_BINDPORT_LOCK 8

/* A socket that keeps its port: a process chose it, and it goes with the last descriptor. */
static __always_inline bool keeps_port(const struct sock *sk, __u32 flags)
{
	return sk->sk_userlocks & SOCK_BINDPORT_LOCK && flags & OWNER_USER && !(flags & OWNER_CLOSER);
}

/* Whether a connect has not come to a connection. In SYN-RECV it met one of the far end's own, a simultaneous open, and was
 * not confirmed yet. */
static __always_inline bool is_connecting(const struct owner *owner, int old)
{
	return old == TCP_SYN_SENT || (old == TCP_SYN_RECV && owner->role == ROLE_OUTGOING);
}

/* A connect found no port (EADDRNOTAVAIL) if it ended as it began: none was chosen, and nothing came
 * from outside. */
static __always_inline bool found_no_port(const struct owner *owner, const struct sock *sk, __be16 port)
{
	return port == owner->last_port && !sk->sk_err;
}

/*
 * A connect from a port that a process chose came to nothing: that is the end of one tenure, and the
 * socket has its port from then on as it had it before.
 */
static __always_inline void tell_in_vain(struct owner *owner, const struct sock *sk, __u64 cookie, __u16 port,
					 __u8 ending)
{
	tell_opened(owner, sk, cookie, port, ROLE_OUTGOING, PLAIN);
	tell_closed(owner, cookie, ending);
	__sync_fetch_and_and(&owner->flags, ~(OWNER_REMOTE | OWNER_TAKEN));
	/* Later than the end, also by a clock that stood still meanwhile. */
	owner->opened_at_ns = bpf_ktime_get_boot_ns() + 1;
	tell_bound(owner, sk, cookie, port, sk->sk_userlocks & SOCK_BINDADDR_LOCK);
}

/* A listener ends that was given its port after it was told of. If there never was one, what the kernel's copy has is as
 * old as that. */
static __always_inline void tell_listened(const struct owner *owner, const struct sock *sk, __u64 cookie, __u8 ending)
{
	__be16 port = source_port(sk);

	if (port && port != owner->last_port)
		tell_whole(owner, sk, cookie, bpf_ntohs(port), ROLE_LISTENING, ending, PLAIN);
	else
		tell_closed(owner, cookie, ending);
}

/* Whether a connection that came in and never was confirmed was one all the same: by TCP Fast Open it can be accepted before
 * that. Others end so if the kernel has no use for them, which is no error of theirs. */
static __always_inline bool is_fast_open(const struct sock *sk)
{
	struct tcp_sock *tcp = bpf_skc_to_tcp_sock((void *)sk);

	return sk->sk_err || (tcp && tcp->fastopen_rsk);
}

/*
 * A socket ends. Its port is gone by now but for a copy, unless it keeps it. The release may come at
 * the same time on another processor: who sees the other's flag does what is left to do, and who clears
 * OWNER_TOLD tells the end.
 */
static __always_inline void ended(const struct sock *sk, __u64 cookie, int old)
{
	struct owner *owner = OWNER_OF((void *)sk, cookie);
	__be16 chosen;
	__u16 port = 0;
	__u32 before;
	__u8 ending;

	if (!owner)
		return tell_unknown_closed(cookie, ending_of(sk, old, old == TCP_SYN_SENT));
	ending = owner->ending = ending_of(sk, old, is_connecting(owner, old));
	if (old == TCP_SYN_RECV && is_untold_incoming(owner) && is_fast_open(sk))
		tell_incoming(owner, sk, cookie);
	if (is_connecting(owner, old) && !(owner->flags & OWNER_ENDED)) {
		chosen = source_port(sk);
		if (old == TCP_SYN_SENT && found_no_port(owner, sk, chosen))
			tell_no_port(owner, sk, cookie);
		else
			port = bpf_ntohs(chosen);
	}
	if (keeps_port(sk, owner->flags)) {
		if (port) {
			tell_in_vain(owner, sk, cookie, port, ending);
			ending = owner->ending = ENDING_CLOSED;
		}
		before = __sync_fetch_and_or(&owner->flags, OWNER_ENDED);
		if (!(before & OWNER_CLOSER))
			return;
		port = 0;
	}
	before = __sync_fetch_and_and(&owner->flags, ~(OWNER_TOLD | OWNER_REMOTE));
	if (port)
		tell_whole(owner, sk, cookie, port, ROLE_OUTGOING, ending, PLAIN);
	else if (before & OWNER_TOLD)
		tell_closed(owner, cookie, ending);
	else if (old == TCP_LISTEN)
		tell_listened(owner, sk, cookie, ending);
	if (owner->taker.tgid)
		__sync_fetch_and_or(&owner->flags, OWNER_TAKEN);
	if (__sync_fetch_and_or(&owner->flags, OWNER_ENDED) & OWNER_CLOSER)
		forget(cookie);
}

/*
 * A connection comes in: the socket is a copy of its listener, just made, and the head of a list in it
 * still points to itself in there, where it was empty. So the listener is known exactly, also among
 * several on one port. Only one that we know for a listener counts, so a kernel that does this in
 * another order leaves the owner unknown, not wrong.
 */
static __always_inline void comes_in(const struct sock *sk, __u64 cookie)
{
	struct tcp_sock *tcp = bpf_skc_to_tcp_sock((void *)sk);
	struct owner *of_listener, *owner;
	struct sock *listener;

	if (!tcp)
		return;
	listener = (void *)tcp->tsorted_sent_queue.next -
		   bpf_core_field_offset(struct tcp_sock, tsorted_sent_queue);
	of_listener = find(BPF_CORE_READ(listener, __sk_common.skc_cookie.counter));
	if (of_listener && of_listener->role == ROLE_LISTENING) {
		owner = MAKE_OWNER((void *)sk, cookie);
		if (!owner)
			return;
		owner->opener = of_listener->opener;
	} else {
		/* Its listener spilled, and this is a copy; or it is not known. */
		owner = OWNER_OF((void *)sk, cookie);
		if (!owner)
			return;
		of_listener = owner;
		owner->taker = owner->closer = (struct program_key){};
	}
	/* Nobody can have accepted it yet. Before it is connected somebody may. */
	owner->flags = of_listener->flags & OWNER_USER;
	owner->role = ROLE_INCOMING;
	owner->opened_at_ns = bpf_ktime_get_boot_ns();
}

/* A connection is there, or was closed by us before it was confirmed, which TCP Fast Open allows. */
static __always_inline void connected(const struct sock *sk, __u64 cookie, int old)
{
	struct owner *owner = OWNER_OF((void *)sk, cookie);
	__u8 role = ROLE_OUTGOING;

	if (!owner)
		owner = MAKE_OWNER((void *)sk, cookie);
	if (!owner)
		return;
	if (old == TCP_SYN_RECV && owner->role != ROLE_OUTGOING) {
		if (owner->role == ROLE_INCOMING && owner->flags & OWNER_TOLD)
			return; /* it was used already */
		role = ROLE_INCOMING;
		if (!owner->opened_at_ns)
			owner->opened_at_ns = bpf_ktime_get_boot_ns();
	}
	tell_opened(owner, sk, cookie, sk->__sk_common.skc_num, role, PLAIN);
}

/* A socket listens. One without a port is given it right after this, where no hook sees it. */
static __always_inline void listens(const struct sock *sk, __u64 cookie)
{
	struct owner *owner = OWNER_OF((void *)sk, cookie);
	__u16 port = sk->__sk_common.skc_num;

	if (!owner)
		owner = MAKE_OWNER((void *)sk, cookie);
	if (!owner)
		return;
	if (!owner->opener.tgid)
		opens_by_proxy(owner);
	owner->flags &= ~OWNER_ENDED;
	if (!(owner->flags & OWNER_TOLD))
		owner->opened_at_ns = bpf_ktime_get_boot_ns();
	if (port)
		return tell_opened(owner, sk, cookie, port, ROLE_LISTENING, PLAIN);
	owner->last_port = source_port(sk);
	owner->role = ROLE_LISTENING;
	tell_awaited(owner, sk, cookie);
}

/* A connect begins. Its port is chosen next, and told of when it comes to something. */
static __always_inline void connects(const struct sock *sk, __u64 cookie)
{
	struct owner *owner = OWNER_OF((void *)sk, cookie);
	bool is_first = owner && !(owner->flags & (OWNER_ENDED | OWNER_FOUND));

	if (!owner)
		owner = MAKE_OWNER((void *)sk, cookie);
	if (!owner)
		return;
	owner->flags &= ~(OWNER_ENDED | OWNER_TAKEN);
	owner->role = ROLE_OUTGOING;
	/* A bound one has its port already, and there is none before the first connect. */
	owner->last_port = is_first || sk->__sk_common.skc_num ? 0 : source_port(sk);
	if (!(owner->flags & OWNER_TOLD))
		owner->opened_at_ns = bpf_ktime_get_boot_ns();
}

/* The kernel's number for a socket, made where nobody has asked for it yet. */
static __always_inline __u64 cookie_of(const struct sock *sk)
{
	__u64 cookie = sk->__sk_common.skc_cookie.counter;

	return cookie ?: bpf_get_socket_cookie((void *)sk);
}

/* The states that a change to means something here. From SYN-RECV every one does. */
#define TELLING                                                                      \
	(1 << TCP_ESTABLISHED | 1 << TCP_SYN_SENT | 1 << TCP_SYN_RECV | 1 << TCP_CLOSE | 1 << TCP_LISTEN)

static __always_inline bool is_telling(const struct sock *sk, int old, int new)
{
	return (1 << new & TELLING || old == TCP_SYN_RECV) && sk->sk_protocol == IPPROTO_TCP;
}

static __always_inline void changes(const struct sock *sk, __u64 cookie, int old, int new)
{
	switch (new) {
	case TCP_ESTABLISHED:
	case TCP_FIN_WAIT1:
		connected(sk, cookie, old);
		break;
	case TCP_SYN_SENT:
		connects(sk, cookie);
		break;
	case TCP_SYN_RECV:
		/* A connect that meets one from the far end goes out all the same. */
		if (old != TCP_SYN_SENT)
			comes_in(sk, cookie);
		break;
	case TCP_CLOSE:
		ended(sk, cookie, old);
		break;
	case TCP_LISTEN:
		listens(sk, cookie);
		break;
	}
}

/* The change that a processor told last, so that `state_changes_again` knows it. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} told_change SEC(".maps");

#define CHANGE(cookie, old, new) ((cookie) << 8 | (old) << 4 | (new))

/* Runs before the state is set. */
SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(state_changes, const struct sock *sk, int old, int new)
{
	__u32 zero = 0;
	__u64 cookie, *last;

	if (!is_telling(sk, old, new))
		return 0;
	cookie = cookie_of(sk);
	last = bpf_map_lookup_elem(&told_change, &zero);
	if (last)
		*last = CHANGE(cookie, old, new);
	changes(sk, cookie, old, new);
	return 0;
}

/*
 * The kernel leaves a program out while the same one is at work on the same processor. A process that
 * changes a socket's state may be interrupted right in the program above, and what came in is then
 * worked off: dozens of changes that would never be told. So this one, attached after that, does its
 * work where it was left out. Between the two a change may be told twice, which is no harm.
 */
SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(state_changes_again, const struct sock *sk, int old, int new)
{
	__u32 zero = 0;
	__u64 cookie, *last;

	if (!is_telling(sk, old, new))
		return 0;
	cookie = cookie_of(sk);
	last = bpf_map_lookup_elem(&told_change, &zero);
	if (last && *last == CHANGE(cookie, old, new))
		*last = 0;
	else
		changes(sk, cookie, old, new);
	return 0;
}

/* A connect gets no answer and tries again, after a second: from then on it shows. */
SEC("tp_btf/tcp_retransmit_skb")
int retries(__u64 *ctx)
{
	const struct sock *sk = (const struct sock *)ctx[0];
	struct owner *owner;
	__u64 cookie;

	if (sk->__sk_common.skc_state != TCP_SYN_SENT)
		return 0;
	cookie = bpf_get_socket_cookie((void *)sk);
	owner = OWNER_OF((void *)sk, cookie);
	if (owner && !(owner->flags & OWNER_REMOTE))
		tell_opened(owner, sk, cookie, sk->__sk_common.skc_num, ROLE_OUTGOING, PLAIN);
	return 0;
}

#endif
