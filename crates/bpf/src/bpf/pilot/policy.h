/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What an administrator asks for beyond speed, off by default: how many ports a cgroup may hold towards
 * one destination, and source addresses to go on with where one is full.
 */
#ifndef PORTOLAN_POLICY_H
#define PORTOLAN_POLICY_H

#include "../kernel.h"
#include "count.h"
#include "source.h"

#define SOURCES 16

/* In Rust: pilot/policy.rs. */
struct policy {
	__u32 quota; /* 0: none */
	__u32 sources; /* how many of the following */
	struct source source[SOURCES];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct policy);
} policies SEC(".maps");

struct holding {
	__u64 cgroup;
	__u64 netns;
	__u32 address[4];
	__u16 port;
	__u16 unused[3];
};

/* How many sockets each cgroup holds towards each destination, while there is a quota. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 65536);
	__type(key, struct holding);
	__type(value, __u64);
} holdings SEC(".maps");

/* What a socket counts for. */
struct {
	__uint(type, BPF_MAP_TYPE_SK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct holding);
} counted SEC(".maps");

static long forget_none(void *map, const struct holding *key, __u64 *held, void *unused)
{
	if (!*held)
		bpf_map_delete_elem(map, key);
	return 0;
}

static __always_inline __u64 *held_by(const struct holding *holding)
{
	__u64 *held = bpf_map_lookup_elem(&holdings, holding), none = 0;

	if (held)
		return held;
	if (bpf_map_update_elem(&holdings, holding, &none, BPF_NOEXIST) == -E2BIG) {
		bpf_for_each_map_elem(&holdings, forget_none, NULL, 0);
		bpf_map_update_elem(&holdings, holding, &none, BPF_NOEXIST);
	}
	return bpf_map_lookup_elem(&holdings, holding);
}

/* Counts a socket that is about to get a port; false where the cgroup has its share already. A socket
 * that connects again counts once. What cannot be counted may pass. */
static __always_inline bool within_quota(struct bpf_sock_addr *ctx, __u64 netns,
					 const __u32 address[4], __u32 quota)
{
	struct holding holding = {
		.cgroup = bpf_get_current_cgroup_id(),
		.netns = netns,
		.port = bpf_ntohs(ctx->user_port),
	};
	struct holding *counts_for;
	__u64 *held;

	__builtin_memcpy(holding.address, address, sizeof(holding.address));
	counts_for = bpf_sk_storage_get(&counted, ctx->sk, 0, BPF_SK_STORAGE_GET_F_CREATE);
	if (!counts_for)
		return true;
	if (counts_for->cgroup) {
		held = bpf_map_lookup_elem(&holdings, counts_for);
		if (held)
			__sync_fetch_and_add(held, -1);
		counts_for->cgroup = 0;
	}
	held = held_by(&holding);
	if (!held)
		return true;
	if (__sync_fetch_and_add(held, 1) >= quota) {
		__sync_fetch_and_add(held, -1);
		return false;
	}
	*counts_for = holding;
	return true;
}

/* A socket is closed. Where cgroups within each other are piloted, this is called for each of them. */
static __always_inline void give_back(struct bpf_sock *ctx)
{
	struct holding *counts_for = bpf_sk_storage_get(&counted, ctx, 0, 0);
	__u64 *held;

	if (!counts_for || !counts_for->cgroup)
		return;
	held = bpf_map_lookup_elem(&holdings, counts_for);
	if (held)
		__sync_fetch_and_add(held, -1);
	counts_for->cgroup = 0;
}

#endif
