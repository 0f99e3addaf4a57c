/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Whose affair the port of a connect is: the kernel's, or somebody's who had a say in it.
 */
#ifndef PORTOLAN_WHOSE_H
#define PORTOLAN_WHOSE_H

#include "../kernel.h"
#include "count.h"
#include "range.h"

/* Whether a socket's own range leaves anything of the kernel's out. What lies outside that has no say. */
static __always_inline bool is_narrower(__u32 own, struct range range)
{
	__u32 low = own & 0xffff, high = own >> 16;

	return (low > range.low && low <= range.high) || (high >= range.low && high < range.high);
}

/* Whether a socket is one that the kernel would choose a port for, and nobody had a say in it. */
static __always_inline bool is_plain(struct tcp_sock *tp, struct range range)
{
	struct sock *sk = &tp->inet_conn.icsk_inet.sk;

	if (sk->__sk_common.skc_num)
		count(COUNT_BOUND);
	else if (bpf_core_field_exists(tp->inet_conn.icsk_inet.local_port_range) &&
		 is_narrower(tp->inet_conn.icsk_inet.local_port_range, range))
		count(COUNT_OWN_RANGE);
	else if (sk->__sk_common.skc_bound_dev_if)
		count(COUNT_DEVICE);
	else if (BPF_CORE_READ_BITFIELD(sk, __sk_common.skc_reuseport))
		count(COUNT_REUSE_PORT);
	else if (BPF_CORE_READ_BITFIELD(sk, sk_kern_sock) || tp->is_mptcp)
		count(COUNT_KERNEL);
	else
		return true;
	return false;
}

/* Whether a connect takes a port of the range, whoever chooses it. The kernel's own sockets give none back
 * that we would see. */
static __always_inline bool is_ephemeral(struct tcp_sock *tp, struct range range)
{
	struct sock *sk = &tp->inet_conn.icsk_inet.sk;
	__u16 port = sk->__sk_common.skc_num;

	if (BPF_CORE_READ_BITFIELD(sk, sk_kern_sock))
		return false;
	return !port || (port >= range.low && port <= range.high);
}

#endif
