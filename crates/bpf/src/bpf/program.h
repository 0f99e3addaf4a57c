/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Who does things: the current process, told of once, before the first record that names it.
 * For process context only.
 */
#ifndef PORTOLAN_PROGRAM_H
#define PORTOLAN_PROGRAM_H

#include "kernel.h"
#include "event.h"
#include "owner.h"
#include "ring.h"

#define PF_KTHREAD 0x00200000
#define PATH_DEPTH_MAX 24

/* What a process may change without another program: a server's child takes a user's identity, a
 * worker its own name. */
struct guise {
	__u64 comm[2];
	__u32 euid;
	__u32 is_gone; /* it exited, and may be heard of once more */
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 16384); /* a process that is pushed out is told of again, that is all */
	__type(key, struct program_key);
	__type(value, struct guise); /* as it was told of */
} told SEC(".maps");

struct told_last {
	struct program_key key;
	struct guise guise;
};

/* Whom each processor told of or found told last: finding it in `told` costs ten times as much. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct told_last);
} told_last SEC(".maps");

static __always_inline void key_of(struct task_struct *task, struct program_key *key)
{
	key->tgid = BPF_CORE_READ(task, tgid);
	key->exec = BPF_CORE_READ(task, self_exec_id);
	key->start_ns = BPF_CORE_READ(task, group_leader, start_boottime);
}

/* Where every program of ours gets the current task as one that the verifier knows, plain loads are
 * five times as fast as copies. */
static __always_inline void current_key(struct program_key *key)
{
	struct task_struct *task;

	if (!config.knows_task)
		return key_of((struct task_struct *)bpf_get_current_task(), key);
	task = bpf_get_current_task_btf();
	key->tgid = task->tgid;
	key->exec = task->self_exec_id;
	key->start_ns = task->group_leader->start_boottime;
}

/* Kernel threads work for others. */
static __always_inline bool is_kernel_thread(void)
{
	if (!config.knows_task)
		return BPF_CORE_READ((struct task_struct *)bpf_get_current_task(), flags) & PF_KTHREAD;
	return bpf_get_current_task_btf()->flags & PF_KTHREAD;
}

static __always_inline void guise_of(struct task_struct *task, struct guise *guise)
{
	BPF_CORE_READ_INTO(&guise->comm, task, group_leader, comm);
	guise->euid = BPF_CORE_READ(task, cred, euid.val);
	guise->is_gone = 0;
}

static __always_inline void current_guise(struct guise *guise)
{
	struct task_struct *task, *leader;

	if (!config.knows_task)
		return guise_of((struct task_struct *)bpf_get_current_task(), guise);
	task = bpf_get_current_task_btf();
	leader = task->group_leader;
	guise->comm[0] = *(__u64 *)&leader->comm[0];
	guise->comm[1] = *(__u64 *)&leader->comm[8];
	guise->euid = task->cred->euid.val;
	guise->is_gone = 0;
}

static __always_inline struct mount *mount_of(struct vfsmount *mnt)
{
	return (void *)mnt - bpf_core_field_offset(struct mount, mnt);
}

/* The names on the way from `file` up to the root of its mounts. Their length is kept in the record alone, of which
 * the verifier remembers nothing: it would follow every length that there may be. */
static __noinline int copy_path(struct program *program, struct file *file)
{
	struct dentry *dentry, *parent;
	struct vfsmount *mnt;
	__u32 len;
	long copied;

	dentry = BPF_CORE_READ(file, f_path.dentry);
	mnt = BPF_CORE_READ(file, f_path.mnt);
	for (int depth = 0; depth < PATH_DEPTH_MAX; depth++) {
		if (dentry == BPF_CORE_READ(mnt, mnt_root)) {
			struct mount *mount = mount_of(mnt), *above = BPF_CORE_READ(mount, mnt_parent);

			if (above == mount)
				break;
			dentry = BPF_CORE_READ(mount, mnt_mountpoint);
			mnt = (void *)above + bpf_core_field_offset(struct mount, mnt);
			continue;
		}
		parent = BPF_CORE_READ(dentry, d_parent);
		len = *(volatile __u16 *)&program->path_len;
		if (parent == dentry || len >= PATH_MAX_COPIED)
			break;
		copied = bpf_probe_read_kernel_str(&program->path[len], NAME_MAX_COPIED,
						   BPF_CORE_READ(dentry, d_name.name));
		if (copied <= 0)
			break;
		program->path_len = len + copied;
		dentry = parent;
	}
	return 0;
}

/* Tells of the current program, whose key this is; returns whether it could. A global function: it is verified once,
 * and not again for every way that leads to it. */
int tell_program(struct program_key *key, __u8 flags)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();
	struct program *program = reserve(sizeof(*program), RECORD_PROGRAM, bpf_ktime_get_boot_ns(),
					  bpf_get_current_cgroup_id());
	struct guise guise = {};
	struct mm_struct *mm;
	__u64 start, len;

	if (!program)
		return 0;
	if (!key) {
		bpf_ringbuf_discard(program, BPF_RB_NO_WAKEUP);
		return 0;
	}
	program->key = *key;
	key_of(BPF_CORE_READ(task, group_leader, real_parent), &program->parent);
	guise_of(task, &guise);
	program->uid = guise.euid;
	__builtin_memcpy(program->comm, guise.comm, sizeof(program->comm));
	BPF_CORE_READ_STR_INTO(&program->parent_comm, task, group_leader, real_parent, group_leader,
			       comm);
	program->cmdline_len = 0;
	program->path_len = 0;
	mm = BPF_CORE_READ(task, mm);
	if (mm) {
		start = BPF_CORE_READ(mm, arg_start);
		len = BPF_CORE_READ(mm, arg_end) - start;
		if (len > CMDLINE_MAX) {
			len = CMDLINE_MAX;
			flags |= FLAG_CUT;
		}
		if (!bpf_probe_read_user(program->cmdline, len, (void *)start))
			program->cmdline_len = len;
		copy_path(program, BPF_CORE_READ(mm, exe_file));
	}
	program->head.flags = flags;
	submit(program);
	ring_alarm();
	bpf_map_update_elem(&told, key, &guise, BPF_ANY);
	return 1;
}

static __always_inline bool is_same(const struct program_key *a, const struct program_key *b)
{
	return a->tgid == b->tgid && a->exec == b->exec && a->start_ns == b->start_ns;
}

static __always_inline bool is_alike(const struct guise *a, const struct guise *b)
{
	return a->comm[0] == b->comm[0] && a->comm[1] == b->comm[1] && a->euid == b->euid;
}

/* Tells of the current program, whose key this is, unless that was done and is still so. */
static __always_inline void announce(struct program_key *key)
{
	__u32 zero = 0;
	struct told_last *last = bpf_map_lookup_elem(&told_last, &zero);
	struct guise guise, *as_told;

	if (!last)
		return;
	current_guise(&guise);
	if (is_same(&last->key, key) && is_alike(&last->guise, &guise))
		return;
	as_told = bpf_map_lookup_elem(&told, key);
	if ((as_told && is_alike(as_told, &guise)) || tell_program(key, 0)) {
		last->key = *key;
		last->guise = guise;
	}
}

/* The kernel makes the subflows of an MPTCP socket: the opener of one that listens is who asks for that. */
static __noinline int opens_by_proxy(struct owner *owner)
{
	struct program_key key = {};

	if (!owner || is_kernel_thread())
		return 0;
	current_key(&key);
	announce(&key);
	owner->opener = key;
	return 0;
}

#endif
