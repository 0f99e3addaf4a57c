/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What the pilot did, counted per processor; user space adds them up. In Rust: pilot/count.rs.
 */
#ifndef PORTOLAN_COUNT_H
#define PORTOLAN_COUNT_H

#include "../kernel.h"

enum count {
	COUNT_CONNECTS, /* TCP connects seen */
	COUNT_ROOM, /* left to the kernel: there is room where it looks first */
	COUNT_ENGAGED, /* the kernel's half was nearly full, so that we looked */
	COUNT_PILOTED, /* got a port from us */
	COUNT_PROBES, /* ports looked up */
	COUNT_TAKEN, /* of those, found in use */
	COUNT_CLAIMS, /* ports claimed */
	COUNT_CONFLICTS, /* of those, that could not be bound after all */
	COUNT_RACES, /* another processor claimed the same port first */
	COUNT_RELEASED, /* ports given back */
	COUNT_FALLBACKS, /* engaged, found nothing, left to the kernel */
	COUNT_NO_PLACE, /* too many destinations at a time, left to the kernel */
	COUNT_BOUND, /* left alone: it has a port */
	COUNT_OWN_RANGE, /* left alone: it has a range of its own */
	COUNT_DEVICE, /* left alone: it is bound to a device */
	COUNT_REUSE_PORT, /* left alone: SO_REUSEPORT */
	COUNT_KERNEL, /* left alone: the kernel's own, or MPTCP's */
	COUNT_NO_SOURCE, /* left alone: which source address it will have is not known */
	COUNT_SPREAD, /* went on from another source address */
	COUNT_QUOTA, /* refused: over the quota */
	COUNTS,
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, COUNTS);
	__type(key, __u32);
	__type(value, __u64);
} counts SEC(".maps");

static __always_inline void count_many(enum count what, __u64 many)
{
	__u32 index = what;
	__u64 *count = bpf_map_lookup_elem(&counts, &index);

	if (count)
		*count += many;
}

static __always_inline void count(enum count what)
{
	count_many(what, 1);
}

#endif
