/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* How a TCP socket ended, as its last state and its error tell. */
#ifndef PORTOLAN_ENDING_H
#define PORTOLAN_ENDING_H

#include "kernel.h"
#include "event.h"
#include "ring.h"

/* Of enum sock_flags. */
#define SOCK_DEAD 0 /* no descriptor is left */
#define SOCK_DONE 1 /* the far end has sent its FIN */

#define EPIPE 32
#define ECONNABORTED 103
#define ECONNRESET 104
#define ETIMEDOUT 110
#define ECONNREFUSED 111

static __always_inline __u8 connect_ending(int error)
{
	switch (error) {
	case ECONNREFUSED:
		return ENDING_REFUSED;
	case ETIMEDOUT:
		return ENDING_TIMED_OUT;
	default:
		return ENDING_FAILED;
	}
}

/*
 * Whether the kernel waits for a far end's FIN for a minute at least. What is more than a minute of it the socket itself has
 * waited before, and the rest may be less.
 */
static __always_inline bool waits_a_minute(const struct sock *sk, const struct tcp_sock *tcp)
{
	int wait = tcp->linger2 ?: sk->__sk_common.skc_net.net->ipv4.sysctl_tcp_fin_timeout;

	return wait == config.minute || wait >= 2 * config.minute;
}

/*
 * How a socket ended that was in FIN-WAIT-2. Only after the far end's FIN is it in TIME-WAIT. Before that the kernel goes on
 * without the socket, unless TCP_LINGER2 forbids it, and keeps the port until the FIN and TIME-WAIT after it, or for a time.
 * It does so once the last descriptor is gone: who ended it before that reset it.
 */
static __always_inline __u8 fin_wait_ending(const struct sock *sk)
{
	struct tcp_sock *tcp;

	if (sk->__sk_common.skc_flags & 1 << SOCK_DONE)
		return ENDING_TIME_WAIT;
	if (!(sk->__sk_common.skc_flags & 1 << SOCK_DEAD))
		return ENDING_ABORTED;
	tcp = bpf_skc_to_tcp_sock((void *)sk);
	if (!tcp)
		return ENDING_FIN_WAIT;
	if (tcp->linger2 < 0)
		return ENDING_ABORTED;
	return waits_a_minute(sk, tcp) ? ENDING_FIN_WAIT : ENDING_FIN_WAIT_BRIEFLY;
}

/* How a socket ended that was in CLOSING: in TIME-WAIT only if the far end acknowledged our FIN, else it was reset. */
static __always_inline __u8 closing_ending(const struct sock *sk)
{
	struct tcp_sock *tcp = bpf_skc_to_tcp_sock((void *)sk);

	return tcp && tcp->snd_una != tcp->write_seq ? ENDING_ABORTED : ENDING_TIME_WAIT;
}

static __always_inline __u8 ending_of(const struct sock *sk, int old, bool is_connecting)
{
	int error = sk->sk_err;

	/* What went wrong with it, it met before it listened. */
	if (old == TCP_LISTEN)
		return ENDING_CLOSED;
	if (is_connecting && error != ECONNRESET)
		return connect_ending(error);
	switch (error) {
	case 0:
		break;
	case EPIPE:
	case ECONNRESET:
		return ENDING_RESET;
	case ECONNABORTED:
		return ENDING_ABORTED;
	default:
		return ENDING_TIMED_OUT;
	}
	switch (old) {
	case TCP_FIN_WAIT2:
		return fin_wait_ending(sk);
	case TCP_CLOSING:
		return closing_ending(sk);
	case TCP_LAST_ACK:
		return ENDING_CLOSED;
	default:
		return ENDING_ABORTED;
	}
}

#endif
