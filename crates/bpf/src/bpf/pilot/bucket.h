/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Which ports the kernel passes over when it chooses one, whatever the destination: those that a bind or a listen made
 * or joined, as long as any socket has them, in TIME-WAIT too.
 */
#ifndef PORTOLAN_BUCKET_H
#define PORTOLAN_BUCKET_H

#include "dial.h"

#define CHAIN 32 /* the table has a place for each port: more than a few namespaces in one are rare */

/* Where the bucket of a port hangs. */
static __always_inline struct hlist_node *chain_of(struct net *net, __u16 port)
{
	struct inet_hashinfo *all = BPF_CORE_READ(net, ipv4.tcp_death_row.hashinfo);
	__u32 place = (port + BPF_CORE_READ(net, hash_mix)) & (BPF_CORE_READ(all, bhash_size) - 1);
	void *chains = BPF_CORE_READ(all, bhash);

	return BPF_CORE_READ((struct inet_bind_hashbucket *)(chains + place * bpf_core_type_size(struct inet_bind_hashbucket)),
			     chain.first);
}

/* Whether the kernel passes over a port. It may have changed since, as anything may. */
__noinline int is_kept(const struct dial *dial, __u32 port)
{
	struct inet_bind_bucket *bucket;
	struct hlist_node *node;
	struct net *net;

	if (!dial)
		return true;
	net = dial->net;
	node = chain_of(net, port);
	for (__u32 i = 0; i < CHAIN && node; i++) {
		bucket = (void *)node - bpf_core_field_offset(struct inet_bind_bucket, node);
		if (BPF_CORE_READ(bucket, port) == port && BPF_CORE_READ(bucket, ib_net.net) == net &&
		    !BPF_CORE_READ(bucket, l3mdev))
			return BPF_CORE_READ(bucket, fastreuse) >= 0 || BPF_CORE_READ(bucket, fastreuseport) >= 0;
		node = BPF_CORE_READ(node, next);
	}
	return false;
}

#endif
