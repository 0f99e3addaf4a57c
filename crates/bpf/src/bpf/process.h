/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Processes that were told of are followed: what a child or a new program inherits it may close when
 * it exits, and then its memory, with its arguments, is gone already.
 */
#ifndef PORTOLAN_PROCESS_H
#define PORTOLAN_PROCESS_H

#include "kernel.h"
#include "program.h"
#include "ring.h"

SEC("tp_btf/sched_process_fork")
int BPF_PROG(forks, struct task_struct *parent, struct task_struct *child)
{
	struct program_key key;
	struct child *record;
	struct guise *as_told, guise;

	if (child->pid != child->tgid)
		return 0;
	key_of(parent, &key);
	as_told = bpf_map_lookup_elem(&told, &key);
	if (!as_told)
		return 0;
	guise = *as_told;
	record = reserve(sizeof(*record), RECORD_CHILD, bpf_ktime_get_boot_ns(), 0);
	if (!record)
		return 0;
	record->parent = key;
	key_of(child, &key);
	record->key = key;
	submit(record);
	bpf_map_update_elem(&told, &key, &guise, BPF_ANY);
	return 0;
}

/* Runs when all of the new program is in place. */
SEC("tp_btf/sched_process_exec")
int BPF_PROG(executes, struct task_struct *task)
{
	struct program_key key;

	key_of(task, &key);
	key.exec--;
	if (!bpf_map_lookup_elem(&told, &key))
		return 0;
	key.exec++;
	tell_program(&key, FLAG_EXECUTED);
	return 0;
}

/* Runs for every thread, before the process' descriptors are closed: it stays known for that. */
SEC("tp_btf/sched_process_exit")
int BPF_PROG(exits, struct task_struct *task)
{
	struct program_key key;
	struct deed *exited;
	struct guise *as_told;

	if (BPF_CORE_READ(task, signal, live.counter))
		return 0;
	key_of(task, &key);
	as_told = bpf_map_lookup_elem(&told, &key);
	if (!as_told || as_told->is_gone)
		return 0;
	as_told->is_gone = 1;
	exited = reserve(sizeof(*exited), RECORD_EXITED, bpf_ktime_get_boot_ns(), 0);
	if (!exited)
		return 0;
	exited->by = key;
	submit(exited);
	return 0;
}

#endif
