/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Which source address a connect will have. A socket that is bound to one has it; for the others
 * user space keeps a map of what the kernel's routes say, good as long as the routes' generation is the
 * one that it was read at. What is not known is left to the kernel.
 */
#ifndef PORTOLAN_SOURCE_H
#define PORTOLAN_SOURCE_H

#include "../kernel.h"
#include "generation.h"

#include <bpf/bpf_endian.h>

struct route_key {
	__u32 prefix_length; /* of what follows, in bits */
	__u32 netns[2]; /* the cookie */
	__u32 address[4]; /* IPv4: mapped */
};

struct source {
	__u32 address[4]; /* zero where it cannot be known */
};

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 65536);
	__type(key, struct route_key);
	__type(value, struct source);
} routes SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, __u64); /* netns cookie */
	__type(value, struct generation);
} generations SEC(".maps");

static __always_inline bool is_mapped(const __u32 address[4])
{
	return !address[0] && !address[1] && address[2] == bpf_htonl(0xffff);
}

static __always_inline bool is_loopback(const __u32 address[4])
{
	bool v4 = is_mapped(address) && (address[3] & bpf_htonl(0xff000000)) == bpf_htonl(0x7f000000);
	bool v6 = !address[0] && !address[1] && !address[2] && address[3] == bpf_htonl(1);

	return v4 || v6;
}

/* Whether an address is reached from itself in every namespace. */
static __always_inline bool is_own_source(const __u32 address[4])
{
	return is_loopback(address) && (!is_mapped(address) || address[3] == bpf_htonl(0x7f000001));
}

/* What reaches loopback addresses where no route says another. */
static __always_inline bool loopback_source(const __u32 address[4], __u32 source[4])
{
	if (!is_loopback(address))
		return false;
	__builtin_memcpy(source, address, 4 * sizeof(*source));
	if (is_mapped(address))
		source[3] = bpf_htonl(0x7f000001);
	return true;
}

static __always_inline bool routed_source(struct net *net, __u64 netns, const __u32 address[4],
					  __u32 source[4])
{
	struct route_key key = { .prefix_length = 192, .netns = { netns, netns >> 32 } };
	struct generation *read = bpf_map_lookup_elem(&generations, &netns);
	struct generation now = generation_of(net);
	struct source *found;

	if (!read || (is_mapped(address) ? read->v4 != now.v4 : read->v6 != now.v6))
		return false;
	__builtin_memcpy(key.address, address, sizeof(key.address));
	found = bpf_map_lookup_elem(&routes, &key);
	if (!found || !(found->address[0] | found->address[2] | found->address[3]))
		return false;
	__builtin_memcpy(source, found->address, sizeof(found->address));
	return true;
}

#endif
