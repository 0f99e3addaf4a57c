/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Whether the kernel finds a port quickly by itself: it does as long as some are free in the half of
 * the range that it looks through first.
 */
#ifndef PORTOLAN_ROOM_H
#define PORTOLAN_ROOM_H

#include "bucket.h"
#include "dial.h"
#include "siphash.h"

#define PLACES 4096
#define DIALS 16 /* that a finding is good for, in a large range */

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct secret);
} secrets SEC(".maps");

/* A number that nobody can foretell, of a destination and a turn. */
__noinline __u64 hash_of(const struct destination_key *key, __u64 turn)
{
	__u32 zero = 0;
	struct secret *secret = bpf_map_lookup_elem(&secrets, &zero);
	__u64 source;

	if (!secret || !key)
		return 0;
	source = siphash(secret, key->netns, (__u64)key->source[0] << 32 | key->source[1],
			 (__u64)key->source[2] << 32 | key->source[3]);
	return siphash(secret, (__u64)key->address[0] << 32 | key->address[1],
		       (__u64)key->address[2] << 32 | key->address[3],
		       source ^ ((__u64)key->port << 48 | (turn & ~0ull >> 16)));
}

/* What was found last, by hash of the destination and the range: 32 bits of the hash, whether there was room, when, and
 * for how many dials that is good. Two processors may both count a dial, or forget one. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, PLACES);
	__type(key, __u32);
	__type(value, __u64);
} findings SEC(".maps");

#define HASH_BITS (~0ull << 32)
#define ROOM (1ull << 31)
#define MADE (ROOM - 1 - LEFT)
#define LEFT 31ull

/* Now, as a finding has it: in about milliseconds, which come round after 19 hours. */
static __always_inline __u64 made_now(void)
{
	return bpf_ktime_get_ns() >> 15 & MADE;
}

/* Where we bound others the kernel fails without room, so that it is to be had now: a tenth of its ports, which there was
 * then, are not taken in a millisecond or two. */
static __always_inline bool is_stale(const struct dial *dial, __u64 found)
{
	return found & ROOM && (made_now() - (found & MADE) & MADE) > LEFT + 1 && has_others(&dial->key);
}

struct sample {
	struct bpf_sock_addr *ctx;
	const struct dial *dial;
	__u32 half; /* how many ports the kernel takes first */
	__u32 free;
};

/* Of an odd number of ports the kernel passes over one: the first, or the last. */
static __always_inline bool is_passed_over(struct range range, __u32 port)
{
	return !((range.high - range.low) & 1) && (port == range.low || port == range.high);
}

/* Whether the kernel would take a port of those that it takes first, by its number among them. */
static __always_inline bool would_take(struct bpf_sock_addr *ctx, const struct dial *dial, __u32 nth)
{
	__u32 port = dial->range.low + nth * 2;
	int use;

	if (port > dial->range.high || is_passed_over(dial->range, port) || is_reserved(dial->net, port))
		return false;
	use = use_of(ctx, dial, port);
	return (use == USE_NONE || use == USE_WAITING) && !is_kept(dial, port);
}

static long look(__u32 turn, struct sample *sample)
{
	if (!sample->dial)
		return 1;
	if (would_take(sample->ctx, sample->dial, bpf_get_prandom_u32() % sample->half))
		sample->free++;
	return 0;
}

/*
 * Looks at some of the ports that the kernel takes first. One that is free is room enough, but where we
 * bound others towards elsewhere: there the kernel would fail without it, and more may want it than this
 * connect. Then about a tenth must be free.
 */
static __always_inline bool is_roomy(struct bpf_sock_addr *ctx, const struct dial *dial, __u32 half)
{
	struct sample sample = { ctx, dial, half };

	bpf_loop(3, look, &sample, 0);
	if (sample.free == 3)
		return true;
	bpf_loop(5, look, &sample, 0);
	if (!sample.free || sample.free >= 3 || !has_others(&dial->key))
		return sample.free;
	bpf_loop(24, look, &sample, 0);
	return sample.free >= 4;
}

/* Whether one of many is free: a last look before a connect may fail. */
__noinline int has_any_room(struct bpf_sock_addr *ctx, const struct dial *dial)
{
	struct sample sample = { .ctx = ctx, .dial = dial };

	if (!dial)
		return true;
	sample.half = (dial->range.high - dial->range.low) / 2 + 1;
	bpf_loop(32, look, &sample, 0);
	return sample.free;
}

/* A look at port after port of those that the kernel takes first. */
struct sweep {
	struct bpf_sock_addr *ctx;
	const struct dial *dial;
	__u32 half;
	__u32 next; /* the port, by its number in the half */
	bool found;
};

static long look_on(__u32 turn, struct sweep *sweep)
{
	__u32 nth = sweep->next;

	if (!sweep->dial)
		return 1;
	sweep->next = nth + 1 < sweep->half ? nth + 1 : 0;
	sweep->found = would_take(sweep->ctx, sweep->dial, nth);
	return sweep->found;
}

/* Whether one of `looks` is free, which are all where there are no more: what samples do not find. */
__noinline int has_one(struct bpf_sock_addr *ctx, const struct dial *dial, __u32 looks)
{
	struct sweep sweep = { ctx, dial };

	if (!dial)
		return false;
	sweep.half = (dial->range.high - dial->range.low) / 2 + 1;
	sweep.next = bpf_get_prandom_u32() % sweep.half;
	bpf_loop(looks < sweep.half ? looks : sweep.half, look_on, &sweep, 0);
	return sweep.found;
}

__noinline int has_room(struct bpf_sock_addr *ctx, const struct dial *dial)
{
	__u64 *finding, found, hash;
	__u32 place, half;

	if (!dial)
		return true;
	hash = hash_of(&dial->key, (__u64)dial->range.low << 16 | dial->range.high);
	place = hash % PLACES;
	finding = bpf_map_lookup_elem(&findings, &place);
	half = (dial->range.high - dial->range.low) / 2 + 1;
	if (!finding)
		return is_roomy(ctx, dial, half);
	found = *finding;
	if ((found ^ hash) & HASH_BITS || !(found & LEFT) || is_stale(dial, found)) {
		found = half / 512 < DIALS ? half / 512 : DIALS;
		found = (hash & HASH_BITS) | made_now() | (found ?: 1);
		if (is_roomy(ctx, dial, half))
			found |= ROOM;
	}
	*finding = found - 1;
	return !!(found & ROOM);
}

#endif
