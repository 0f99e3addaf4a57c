/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What is known of the ports from one source address to one destination, of the parity that the kernel
 * takes last. It is a belief: a port is looked up before it is used, for others take ports without
 * telling. Only what is `ours` is certain, and claimed by that.
 */
#ifndef PORTOLAN_DESTINATION_H
#define PORTOLAN_DESTINATION_H

#include "../kernel.h"
#include "count.h"

#define WORDS 512 /* of 64 ports each: every port of one parity */
#define QUARANTINE 256 /* the ports that were freed last are left alone, as long as others are free */
#define DESTINATIONS 4096 /* at most; 8.7 KB each. In Rust: pilot/destination.rs */
#define SECOND_NS 1000000000ull
#define IDLE_NS (60 * SECOND_NS)
#define LINGER_NS (180 * SECOND_NS) /* TIME-WAIT's minute, and what may come before */

/* IPv4 addresses are mapped ones here, as ::ffff:192.0.2.1. */
struct destination_key {
	__u64 netns; /* its cookie */
	__u32 source[4];
	__u32 address[4];
	__u16 port; /* host order */
	__u8 parity; /* of the ports in `destination` */
	__u8 unused[5];
};

/* Bit i of word w is for port (64 * w + i) * 2 + parity. */
struct destination {
	__u64 taken[WORDS]; /* claimed by us, resting, or found in use when last looked at */
	__u64 ours[WORDS]; /* of those: claimed by a socket that is not closed */
	__u16 freed[QUARANTINE]; /* a ring of resting ports: [head, tail) */
	__u64 head;
	__u64 tail;
	__u64 dials; /* a counter for the hash */
	__u64 swept; /* where the next sweep goes on, by word */
	__u64 used_at_ns;
	__u64 piloted;
	__u64 held; /* sockets that have a port of ours */
	__u64 fallbacks;
};

/* All of them from the start: a connect may not wait for memory, and so large a piece is often not to be had then. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, DESTINATIONS);
	__type(key, struct destination_key);
	__type(value, struct destination);
} destinations SEC(".maps");

/* Too large for a stack: what a destination begins as. Never written. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct destination);
} blank SEC(".maps");

static long forget_idle(void *map, const struct destination_key *key,
			struct destination *destination, __u64 *now)
{
	if (!destination->held && *now - destination->used_at_ns > IDLE_NS)
		bpf_map_delete_elem(map, key);
	return 0;
}

/* The state of a destination, made if need be; NULL where there are too many. */
static __always_inline struct destination *destination_of(const struct destination_key *key)
{
	struct destination *found = bpf_map_lookup_elem(&destinations, key), *empty;
	__u64 now = bpf_ktime_get_ns();
	__u32 zero = 0;

	if (!found) {
		empty = bpf_map_lookup_elem(&blank, &zero);
		if (!empty)
			return NULL;
		if (bpf_map_update_elem(&destinations, key, empty, BPF_NOEXIST) == -E2BIG) {
			bpf_for_each_map_elem(&destinations, forget_idle, &now, 0);
			bpf_map_update_elem(&destinations, key, empty, BPF_NOEXIST);
		}
		found = bpf_map_lookup_elem(&destinations, key);
	}
	if (found)
		found->used_at_ns = now;
	return found;
}

static __always_inline __u64 bit_of(__u16 port)
{
	return 1ull << (port >> 1 & 63);
}

static __always_inline __u32 word_of(__u16 port)
{
	return port >> 7 & (WORDS - 1);
}

/* Which socket, by its cookie, has a claim on what. A connect that was refused leaves no trace of the
 * destination in the socket, which keeps the port. */
struct claim {
	struct destination_key key;
	__u16 port;
	__u16 unused[3];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 1 << 20);
	__type(key, __u64);
	__type(value, struct claim);
} claims SEC(".maps");

/* The ports of ours in a network namespace, by parity. */
struct ours {
	__u64 held[2]; /* how many sockets have one */
	__u64 given_back_ns[2]; /* when one was given back last; 0: never */
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 16384); /* user space forgets those that are gone */
	__type(key, __u64); /* netns cookie */
	__type(value, struct ours);
} ours_in SEC(".maps");

static __always_inline void count_held(__u64 netns, __u16 port)
{
	struct ours *ours = bpf_map_lookup_elem(&ours_in, &netns), none = {};

	if (!ours) {
		bpf_map_update_elem(&ours_in, &netns, &none, BPF_NOEXIST);
		ours = bpf_map_lookup_elem(&ours_in, &netns);
	}
	if (ours)
		__sync_fetch_and_add(&ours->held[port & 1], 1);
}

static __always_inline void count_given_back(__u64 netns, __u16 port)
{
	struct ours *ours = bpf_map_lookup_elem(&ours_in, &netns);

	if (!ours)
		return;
	__sync_fetch_and_add(&ours->held[port & 1], -1);
	ours->given_back_ns[port & 1] = bpf_ktime_get_ns();
}

/* Whether ports of ours are closed, but bound still: as long as they are in TIME-WAIT. */
static __always_inline bool may_linger(const struct ours *ours, __u32 parity)
{
	__u64 given_back = ours->given_back_ns[parity & 1];

	return given_back && bpf_ktime_get_ns() - given_back < LINGER_NS;
}

/* Whether ports are bound that the kernel could give to this connect if they were not: those towards elsewhere,
 * and those in TIME-WAIT, towards wherever. */
static __always_inline bool has_others(const struct destination_key *key)
{
	const struct destination *d = bpf_map_lookup_elem(&destinations, key);
	const struct ours *ours = bpf_map_lookup_elem(&ours_in, &key->netns);

	if (!ours)
		return false;
	return ours->held[0] + ours->held[1] != (d ? d->held : 0) || may_linger(ours, 0) || may_linger(ours, 1);
}

/* Whether we bound ports of a parity. */
static __always_inline bool has_bound(__u64 netns, __u32 parity)
{
	const struct ours *ours = bpf_map_lookup_elem(&ours_in, &netns);

	return ours && (ours->held[parity & 1] || may_linger(ours, parity));
}

/* Takes a port for a socket; false where another processor has it. */
static __always_inline bool take(struct destination *d, __u16 port)
{
	__u32 word = word_of(port);

	if (__sync_fetch_and_or(&d->ours[word], bit_of(port)) & bit_of(port))
		return false;
	__sync_fetch_and_or(&d->taken[word], bit_of(port));
	__sync_fetch_and_add(&d->held, 1);
	return true;
}

static __always_inline bool is_ours(struct destination *d, __u16 port)
{
	return d->ours[word_of(port)] & bit_of(port);
}

/* Believes that others have a port. */
static __always_inline void mark_taken(struct destination *d, __u16 port)
{
	__sync_fetch_and_or(&d->taken[word_of(port)], bit_of(port));
}

/* Believes that a port can be had. */
static __always_inline void mark_free(struct destination *d, __u16 port)
{
	__sync_fetch_and_and(&d->taken[word_of(port)], ~bit_of(port));
}

/* Gives a port back that was taken. */
static __always_inline void give(struct destination *d, __u16 port)
{
	__sync_fetch_and_and(&d->ours[word_of(port)], ~bit_of(port));
	__sync_fetch_and_add(&d->held, -1);
}

/* The port that has rested longest, which then does no more; 0 where none rests, or another processor
 * was quicker. */
static __always_inline __u16 wake(struct destination *d)
{
	__u64 head = *(volatile __u64 *)&d->head;
	__u16 port;

	if (head == *(volatile __u64 *)&d->tail)
		return 0;
	port = d->freed[head % QUARANTINE];
	if (__sync_val_compare_and_swap(&d->head, head, head + 1) != head)
		return 0;
	mark_free(d, port);
	return port;
}

/* Lets a port rest that was in use. */
static __always_inline void rest(struct destination *d, __u16 port)
{
	__u64 tail;

	mark_taken(d, port);
	if (d->tail - d->head >= QUARANTINE)
		wake(d);
	tail = __sync_fetch_and_add(&d->tail, 1);
	d->freed[tail % QUARANTINE] = port;
}

#endif
