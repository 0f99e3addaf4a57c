// SPDX-License-Identifier: MIT OR Apache-2.0
/*
 * Who holds which sockets: a record for every descriptor of a socket that any task has, in one pass
 * and in the order of pids; and one, with no inode, for every process that has other descriptors
 * first, so that those which the kernel keeps to itself are known. src/owners/record.rs reads them.
 *
 * The kernel visits the threads of a process only where their descriptors are not those of its
 * first thread. Needs Linux 5.11 (bpf_sock_from_file).
 */
#include "kernel.h"

struct holding {
	__u64 inode;
	__u64 started_ns; /* CLOCK_BOOTTIME */
	__u32 tgid;
	__u32 fd;
	__u32 uid;
	char comm[16];
	__u32 unused;
};

_Static_assert(sizeof(struct holding) == 48, "the reader knows this size");

/* The reader's session and the process told of last. Of several readers of a pinned iterator each
 * may be told of a process twice by this, and none not at all. */
__u64 last;

SEC("iter/task_file")
int owners(struct bpf_iter__task_file *ctx)
{
	struct task_struct *task = ctx->task, *leader;
	struct file *file = ctx->file;
	struct holding holding = {};
	__u64 visit;

	if (!task || !file)
		return 0;
	visit = ctx->meta->session_id << 32 | task->tgid;
	if (bpf_sock_from_file(file))
		holding.inode = file->f_inode->i_ino;
	else if (visit == last)
		return 0;
	leader = task->group_leader;
	holding.started_ns = leader->start_boottime;
	holding.tgid = task->tgid;
	holding.fd = ctx->fd;
	holding.uid = leader->cred->euid.val;
	bpf_probe_read_kernel_str(holding.comm, sizeof(holding.comm), leader->comm);
	/* It fails when the page is full; the kernel then shows the same descriptor again. */
	if (!bpf_seq_write(ctx->meta->seq, &holding, sizeof(holding)))
		last = visit;
	return 0;
}

char LICENSE[] SEC("license") = "Dual MIT/GPL";
