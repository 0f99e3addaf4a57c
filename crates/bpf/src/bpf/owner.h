/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What is known of each socket: who opened it and what of it was told.
 *
 * The kernel can keep such things with a socket (sk_storage), and copy them for accepted ones, but
 * that costs 1.0 us a socket: two allocations, charged, linked and freed after a grace period. A table
 * of our own costs 0.05 us. What finds no place in it is kept with the socket after all.
 */
#ifndef PORTOLAN_OWNER_H
#define PORTOLAN_OWNER_H

#include "kernel.h"
#include "event.h"

enum owner_flag {
	OWNER_TOLD = 1, /* user space was told that it holds a port, and not yet that it let go */
	OWNER_REMOTE = 2, /* and to whom it is connected */
	OWNER_TAKEN = 4, /* another process than the opener uses it, and user space was told so */
	OWNER_CLOSER = 8, /* its last descriptor is gone, and `closer` says through whom */
	OWNER_ENDED = 16, /* its connection ended, or its listening */
	OWNER_USER = 32, /* a process made it, so that a release will come */
	OWNER_FOUND = 64, /* found open by the survey */
	OWNER_TOOK = 128, /* its closer is its user too, not its opener */
	OWNER_USED = 256, /* its opener uses it, or the opener of its listener */
};

/* The ends of a UDP socket as they were told last, all zero where they were not. */
struct ends {
	__u16 local_port;
	__be16 remote_port;
	__u32 unused;
	__u64 remote; /* the address, or what is made of a longer one */
};

struct owner {
	struct program_key opener; /* zero where not known */
	union {
		struct program_key closer;
		struct ends ends; /* of UDP, until it is closed */
	};
	struct program_key taker; /* the first process that used it and is not the opener */
	__u64 opened_at_ns;
	__u32 flags;
	__u8 role;
	__u8 ending;
	__be16 last_port; /* inet_sport as a connect found it, which may be of an earlier one */
};

#define SETS 16384 /* for 131,072 sockets: 9.4 MB */
#define WAYS 8

/* The sockets whose cookies end alike. The cookies fill a line of the cache, and so does each owner. */
struct set {
	__u64 cookies[WAYS];
	struct owner owners[WAYS];
};

_Static_assert(sizeof(struct ends) == sizeof(struct program_key), "one in the other's place");
_Static_assert(sizeof(struct owner) == 64, "a line of the cache");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, SETS);
	__uint(map_flags, BPF_F_MMAPABLE); /* nobody maps it, but then it starts with a line */
	__type(key, __u32);
	__type(value, struct set);
} table SEC(".maps");

/* Those that found their set full; an accepted one begins with a copy of its listener's. */
struct {
	__uint(type, BPF_MAP_TYPE_SK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC | BPF_F_CLONE);
	__type(key, int);
	__type(value, struct owner);
} spilled SEC(".maps");

__u64 spills; /* whether there ever were any */

static __always_inline struct set *set_of(__u64 cookie)
{
	__u32 index = cookie & (SETS - 1);

	return bpf_map_lookup_elem(&table, &index);
}

/* Always 0, which the verifier does not know. */
volatile __u64 unknown_zero;

/* A place of a set that has this cookie, or WAYS. Were it known which, the verifier would go through all that follows
 * once for each of them. */
static __always_inline __u64 way_of(const struct set *set, __u64 cookie)
{
	__u64 way = WAYS;

#pragma unroll
	for (__u32 i = 0; i < WAYS; i++)
		if (set->cookies[i] == cookie)
			way = i;
	return way | unknown_zero;
}

/* What is known of the socket with this cookie; NULL where it is not in the table. */
static __always_inline struct owner *find(__u64 cookie)
{
	struct set *set = set_of(cookie);
	__u64 way;

	if (!set || !cookie)
		return NULL;
	way = way_of(set, cookie);
	if (way >= WAYS)
		return NULL;
	barrier_var(way); /* checked first, then used */
	return &set->owners[way];
}

/* Takes the place of a socket that ended and has a descriptor at most: it is hardly heard of again,
 * and never if it was not accepted. The next one may have it. */
static __noinline int evict(struct set *set)
{
	if (!set)
		return 0;
	for (__u32 i = 0; i < WAYS; i++) {
		__u32 flags = set->owners[i].flags;

		if (flags & OWNER_ENDED && !(flags & OWNER_TOLD)) {
			set->cookies[i] = 0;
			return 0;
		}
	}
	return 0;
}

/* Makes place for a socket, all zero; NULL where there is none. */
static __always_inline struct owner *claim(__u64 cookie)
{
	struct set *set = set_of(cookie);
	__u64 way;

	if (!set)
		return NULL;
	way = way_of(set, 0);
	if (way >= WAYS) {
		evict(set);
		return NULL;
	}
	barrier_var(way);
	if (__sync_val_compare_and_swap(&set->cookies[way], 0, cookie))
		return NULL; /* another processor was quicker */
	__builtin_memset(&set->owners[way], 0, sizeof(set->owners[way]));
	return &set->owners[way];
}

/* Gives the place of a socket up, if it had one in the table. */
static __always_inline void forget(__u64 cookie)
{
	struct set *set = set_of(cookie);

	if (!set)
		return;
#pragma unroll
	for (__u32 i = 0; i < WAYS; i++)
		if (set->cookies[i] == cookie)
			set->cookies[i] = 0;
}

/* The same for sockets of every kind: `sk` is a context or a socket that the verifier knows. */
#define OWNER_OF(sk, cookie)                                                   \
	({                                                                     \
		struct owner *of_ = find(cookie);                              \
		if (!of_ && spills)                                            \
			of_ = bpf_sk_storage_get(&spilled, sk, 0, 0);          \
		of_;                                                           \
	})

#define MAKE_OWNER(sk, cookie)                                                 \
	({                                                                     \
		struct owner *made_ = claim(cookie);                           \
		if (!made_) {                                                  \
			spills = 1;                                            \
			made_ = bpf_sk_storage_get(&spilled, sk, 0,            \
						   BPF_SK_STORAGE_GET_F_CREATE); \
		}                                                              \
		made_;                                                         \
	})

#endif
