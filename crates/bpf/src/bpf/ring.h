/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The ring buffer of the recorder: records go in without waking anybody, and losses are counted. */
#ifndef PORTOLAN_RING_H
#define PORTOLAN_RING_H

#include "kernel.h"
#include "event.h"

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 8 << 20); /* bytes: 30,000 connections; changed by Options::ring */
} ring SEC(".maps");

/* What is read in its stead by whoever waits: one record when the ring is a quarter full. The ring
 * itself would wake for every record that is there, not only for those that ask for it. */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096); /* bytes, the least there is */
} bell SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1); /* records that found the ring full */
	__type(key, __u32);
	__type(value, __u64);
} lost SEC(".maps");

/* Set before loading; alone in its section. */
const volatile struct {
	__u64 alarm_bytes; /* how full the ring is when the bell rings */
	__u64 knows_task; /* see current_key() */
	__u64 minute; /* in jiffies */
} config SEC(".rodata.config") = { 2 << 20, 1, 60 * 250 };

static __always_inline void count_lost(void)
{
	__u32 zero = 0;
	__u64 *count = bpf_map_lookup_elem(&lost, &zero);

	if (count)
		*count += 1;
}

/* Room for a record with its head filled, or NULL. */
static __always_inline void *reserve(__u32 size, __u8 kind, __u64 at_ns, __u64 cookie)
{
	struct record *head = bpf_ringbuf_reserve(&ring, size, 0);

	if (!head) {
		count_lost();
		return NULL;
	}
	head->kind = kind;
	head->flags = 0;
	head->ending = 0;
	__builtin_memset(head->unused, 0, sizeof(head->unused));
	head->at_ns = at_ns;
	head->cookie = cookie;
	return head;
}

static __always_inline void submit(void *record)
{
	bpf_ringbuf_submit(record, BPF_RB_NO_WAKEUP);
}

/* Called with one record in some dozens: asking each time would cost more than it is worth. */
static __always_inline void ring_alarm(void)
{
	__u64 *rung;

	if (bpf_ringbuf_query(&ring, BPF_RB_AVAIL_DATA) < config.alarm_bytes)
		return;
	rung = bpf_ringbuf_reserve(&bell, sizeof(*rung), 0);
	if (!rung)
		return;
	*rung = 0;
	bpf_ringbuf_submit(rung, BPF_RB_FORCE_WAKEUP);
}

#endif
