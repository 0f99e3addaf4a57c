/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Whose turn it is: where cgroups within each other are piloted, every connect of the inner one comes to the
 * programs of each of them, from the innermost out.
 */
#ifndef PORTOLAN_TURN_H
#define PORTOLAN_TURN_H

#include "../kernel.h"

#define TURNS 64

/* How deep in the tree the cgroup lies that these programs are attached to. In Rust: pilot/mod.rs. */
const volatile __u64 level SEC(".rodata.level") = 0;

struct turn {
	__u64 cookie; /* of the socket */
	__u64 level; /* whose turn it was last */
};

/* Connects that were seen last, per processor, which they do not leave meanwhile; many, lest one that comes between
 * be in the way. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, TURNS);
	__type(key, __u32);
	__type(value, struct turn);
} turns SEC(".maps");

/* Whether a cgroup within this one has done the work of this connect. The outermost is always the last, so that the
 * next connect of the socket begins anew. */
static __always_inline bool is_done(struct bpf_sock_addr *ctx)
{
	__u64 cookie = bpf_get_socket_cookie(ctx);
	__u32 place = cookie % TURNS;
	struct turn *turn = bpf_map_lookup_elem(&turns, &place);
	bool done;

	if (!turn)
		return false;
	done = turn->cookie == cookie && turn->level > level;
	turn->cookie = cookie;
	turn->level = level;
	return done;
}

#endif
