/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The ports that the kernel hands out in a network namespace, read as it reads them: live.
 */
#ifndef PORTOLAN_RANGE_H
#define PORTOLAN_RANGE_H

#include "../kernel.h"

/* ip_local_port_range; `low`'s parity is what the kernel looks through first. */
struct range {
	__u32 low;
	__u32 high;
};

static __always_inline struct range range_of(struct net *net)
{
	struct range range = {};

	if (bpf_core_field_size(net->ipv4.ip_local_ports.range) == sizeof(__u32)) {
		__u32 both = BPF_CORE_READ(net, ipv4.ip_local_ports.range);

		range.low = both & 0xffff;
		range.high = both >> 16;
	} else { /* before Linux 6.8 */
		__u32 two[2] = {};

		bpf_core_read(&two, sizeof(two), &net->ipv4.ip_local_ports.range);
		range.low = two[0];
		range.high = two[1];
	}
	return range;
}

/* Whether ip_local_reserved_ports keeps a port from being handed out. */
static __always_inline bool is_reserved(struct net *net, __u16 port)
{
	unsigned long *reserved = BPF_CORE_READ(net, ipv4.sysctl_local_reserved_ports);
	unsigned long word = 0;

	if (reserved)
		bpf_probe_read_kernel(&word, sizeof(word), reserved + port / 64);
	return word >> port % 64 & 1;
}

#endif
