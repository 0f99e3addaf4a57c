/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * By what the kernel itself knows that what it learned from its routes is out of date.
 */
#ifndef PORTOLAN_GENERATION_H
#define PORTOLAN_GENERATION_H

#include "../kernel.h"

/* What changes with every route, address and rule of a network namespace. */
struct generation {
	__u32 v4;
	__u32 v6;
};

static __always_inline struct generation generation_of(struct net *net)
{
	struct generation now = {
		.v4 = BPF_CORE_READ(net, ipv4.rt_genid.counter),
		.v6 = BPF_CORE_READ(net, ipv6.fib6_sernum.counter),
	};
	return now;
}

#endif
