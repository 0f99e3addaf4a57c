/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Which port: one of those that the kernel would come to last. Those it takes first stay its own, for
 * a port that was bound is lost to its choice, to every destination, as long as a socket has it.
 */
#ifndef PORTOLAN_CHOOSE_H
#define PORTOLAN_CHOOSE_H

#include "dial.h"
#include "room.h"

#define TRIES 65536 /* more than there are */
#define FUTILE_LOOKS 64
#define BINDS 8 /* that fail, where the kernel finds by itself what we do not */
#define ALL_BINDS 256 /* and where it does not */

/* The number of the lowest bit that is set; one is. */
static __always_inline __u32 lowest(__u64 bits)
{
	__u32 number = 0;

#pragma unroll
	for (__u32 half = 32; half; half /= 2) {
		if (bits & ((1ull << half) - 1))
			continue;
		bits >>= half;
		number += half;
	}
	return number;
}

/* The ports of the parity that we may use, by their bits. */
struct bits {
	__u32 low;
	__u32 high;
};

static __always_inline struct bits bits_of(const struct dial *dial)
{
	__u32 parity = dial->key.parity & 1;
	struct bits bits = {
		.low = (dial->range.low + 1 - parity) / 2,
		.high = (dial->range.high - parity) / 2,
	};

	return bits;
}

enum { NEXT, DONE }; /* as bpf_loop() wants them */

struct scan {
	struct destination *destination;
	struct bits bits;
	__u32 from; /* where it begins, by bit */
	__u32 word;
	__s32 found; /* by bit; negative: nothing yet */
};

static long scan_word(__u32 turn, struct scan *scan)
{
	__u32 low = scan->bits.low, high = scan->bits.high, word = scan->word;
	__u64 free;

	if (!scan->destination)
		return DONE;
	free = ~scan->destination->taken[word & (WORDS - 1)];
	if (!turn)
		free &= ~0ull << scan->from % 64;
	if (word == low / 64)
		free &= ~0ull << low % 64;
	if (word == high / 64)
		free &= ~0ull >> (63 - high % 64);
	if (free) {
		scan->found = word * 64 + lowest(free);
		return DONE;
	}
	scan->word = word == high / 64 ? low / 64 : word + 1;
	return NEXT;
}

/* The first port from `from` on, by bit and round the range, that is believed free; negative where none
 * is. */
__noinline __s32 next_free(struct destination *d, __u32 low, __u32 high, __u32 from)
{
	struct scan scan = { d, { low, high }, from, from / 64, -1 };

	if (d)
		bpf_loop(high / 64 - low / 64 + 2, scan_word, &scan, 0);
	return scan.found;
}

/* How far a search has come. It goes on where a port was found that could not be bound. */
struct progress {
	__u64 others; /* ports of a word that others have, as far as is believed, and that are still to be looked at */
	__u32 looks;
	__u32 enough; /* looks; 0: not known yet */
	__u16 word; /* which word that is */
	__u16 words; /* that were begun */
	__u16 from; /* where to look on for one that is believed free, by bit */
};

/* A search for a port. */
struct search {
	struct bpf_sock_addr *ctx;
	const struct dial *dial;
	struct destination *destination;
	struct bits bits;
	struct progress at;
	__u32 found; /* a port that is taken for us now; 0: none */
};

/* Whether a connect from a port would not fail, as of now, if the port can be bound. */
static __always_inline bool can_be_had(struct bpf_sock_addr *ctx, const struct dial *dial, __u32 port)
{
	int use = use_of(ctx, dial, port);

	return use == USE_NONE || use == USE_SHARED;
}

/* Whether a port is one of those that the kernel takes first, and would take. */
static __always_inline bool is_the_kernels(const struct dial *dial, __u32 port)
{
	return !((port ^ dial->range.low) & 1) && !is_kept(dial, port);
}

/* Looks at one port, and takes it for us where it is free. */
static __always_inline long try_port(struct search *search, __u32 port)
{
	struct destination *d = search->destination;
	const struct dial *dial = search->dial;

	if (port < dial->range.low || port > dial->range.high)
		return NEXT;
	/* Given back, found and taken again by another processor before it was laid to rest: it woke as free. */
	if (is_ours(d, port)) {
		mark_taken(d, port);
		return NEXT;
	}
	if (is_reserved(dial->net, port) || is_the_kernels(dial, port) || !can_be_had(search->ctx, dial, port)) {
		mark_taken(d, port);
		return NEXT;
	}
	if (!take(d, port)) {
		count(COUNT_RACES);
		return NEXT;
	}
	search->found = port;
	return DONE;
}

/* One of those that are believed free; then one of those that rest, the oldest first. */
static long try_free(__u32 turn, struct search *search)
{
	__s32 bit;

	if (!search->destination || !search->dial)
		return DONE;
	bit = next_free(search->destination, search->bits.low, search->bits.high, search->at.from);
	if (bit < 0 && !wake(search->destination))
		return DONE;
	if (bit < 0) /* now there is one */
		return NEXT;
	search->at.from = bit;
	return try_port(search, bit * 2 + (search->dial->key.parity & 1));
}

/* One that others are believed to have, for theirs come free untold. Word by word, from where the last
 * sweep ended. */
static long try_taken(__u32 turn, struct search *search)
{
	struct destination *d = search->destination;
	__u32 first = search->bits.low / 64, words = search->bits.high / 64 - first + 1, word, bit;

	if (!d || !search->dial)
		return DONE;
	if (!search->at.others) {
		if (search->at.words++ == words || search->at.looks >= search->at.enough)
			return DONE;
		word = first + __sync_fetch_and_add(&d->swept, 1) % words;
		search->at.word = word;
		search->at.others = d->taken[word & (WORDS - 1)] & ~d->ours[word & (WORDS - 1)];
		return NEXT;
	}
	bit = search->at.word * 64 + lowest(search->at.others);
	search->at.others &= search->at.others - 1;
	search->at.looks++;
	return try_port(search, bit * 2 + (search->dial->key.parity & 1));
}

/*
 * How many looks are enough at ports that are believed taken. Where the kernel finds by itself what we do
 * not, a few. It does not find those that we bound towards elsewhere: then, unless it has room in its own
 * half, all of them, lest a connect fail while a port is free.
 */
static __always_inline __u32 looks_due(struct bpf_sock_addr *ctx, const struct dial *dial)
{
	return has_others(&dial->key) && !has_any_room(ctx, dial) ? TRIES : FUTILE_LOOKS;
}

/* A port that is taken for us now; 0 where there is none any more. */
__noinline int find(struct bpf_sock_addr *ctx, const struct dial *dial, struct destination *d, struct progress *progress)
{
	struct search search = { ctx, dial, d };

	if (!dial || !d || !progress)
		return 0;
	search.bits = bits_of(dial);
	search.at = *progress;
	bpf_loop(TRIES, try_free, &search, 0);
	if (!search.found) {
		search.at.enough = search.at.enough ?: looks_due(ctx, dial);
		bpf_loop(2 * TRIES, try_taken, &search, 0);
	}
	*progress = search.at;
	return search.found;
}

/*
 * Binds the socket to a port of no address, if it has none: then the kernel gives it one as ever, and another
 * where this connect fails and the program tries elsewhere. Who has the port at another address is in the way
 * of that; then to the port of the address that the kernel will choose.
 */
static __always_inline bool bind_port(struct bpf_sock_addr *ctx, const struct dial *dial, __u16 port)
{
	const __u32 any[4] = {};

	if (!dial->has_address && !bind_to(ctx, any, port))
		return true;
	return !bind_to(ctx, dial->key.source, port);
}

/* Binds the socket to a port so that others of ours can have it too, towards other destinations: with
 * SO_REUSEADDR, which must stay, for the kernel asks those that have the port when the next one comes. */
static __always_inline bool bind_shared(struct bpf_sock_addr *ctx, const struct dial *dial, __u16 port)
{
	struct tcp_sock *tp = bpf_skc_to_tcp_sock(ctx->sk);
	int off = 0, on = 1;
	bool had;

	if (!tp)
		return false;
	had = BPF_CORE_READ_BITFIELD(&tp->inet_conn.icsk_inet.sk, __sk_common.skc_reuse);
	if (!had)
		bpf_setsockopt(ctx, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind_port(ctx, dial, port))
		return true;
	if (!had)
		bpf_setsockopt(ctx, SOL_SOCKET, SO_REUSEADDR, &off, sizeof(off));
	return false;
}

/* Binds the socket to a port that was taken for it, and notes that; false where it cannot be had. */
static __noinline bool bind_taken(struct bpf_sock_addr *ctx, struct dial *dial, __u16 port)
{
	__u64 cookie = bpf_get_socket_cookie(ctx);
	struct claim claim = { .key = dial->key, .port = port };

	/* Between the look and the claim another may have had it, connected and closed. */
	if (!can_be_had(ctx, dial, port))
		return false;
	if (bpf_map_update_elem(&claims, &cookie, &claim, BPF_ANY))
		return false;
	if (bind_shared(ctx, dial, port)) {
		count_held(dial->key.netns, port);
		return true;
	}
	dial->lost_address = true;
	bpf_map_delete_elem(&claims, &cookie);
	return false;
}

/* Finds a port of the dial's parity and binds the socket to it; false where it did not. */
__noinline int choose(struct bpf_sock_addr *ctx, struct dial *dial)
{
	struct progress progress = {};
	struct destination *d;
	struct bits bits;
	__u32 port, binds;

	if (!dial)
		return false;
	d = destination_of(&dial->key);
	if (!d) {
		count(COUNT_NO_PLACE);
		return false;
	}
	bits = bits_of(dial);
	progress.from = bits.low + hash_of(&dial->key, __sync_fetch_and_add(&d->dials, 1)) % (bits.high - bits.low + 1);
	for (binds = 0; binds < ALL_BINDS; binds++) {
		if (binds == BINDS)
			progress.enough = progress.enough ?: looks_due(ctx, dial);
		if (binds >= BINDS && progress.enough != TRIES)
			break;
		port = find(ctx, dial, d, &progress);
		if (!port)
			break;
		count(COUNT_CLAIMS);
		if (bind_taken(ctx, dial, port)) {
			__sync_fetch_and_add(&d->piloted, 1);
			return true;
		}
		give(d, port);
		count(COUNT_CONFLICTS);
	}
	return false;
}

/* The same of all ports. Of those that the kernel takes first some may have been bound when the range began elsewhere:
 * to the kernel they are none, and to us they are. */
static __always_inline bool choose_any(struct bpf_sock_addr *ctx, struct dial *dial)
{
	struct destination *d;

	if (choose(ctx, dial))
		return true;
	d = bpf_map_lookup_elem(&destinations, &dial->key);
	if (!d)
		return false;
	if (has_bound(dial->key.netns, dial->key.parity ^ 1)) {
		dial->key.parity ^= 1;
		if (choose(ctx, dial))
			return true;
		dial->key.parity ^= 1;
	}
	__sync_fetch_and_add(&d->fallbacks, 1);
	return false;
}

#endif
