// SPDX-License-Identifier: MIT OR Apache-2.0
/*
 * Tells who calls which network namespace it is in, and how old its routes are.
 */
#include "kernel.h"
#include "pilot/generation.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

/* In Rust: pilot/routes.rs. */
struct moment {
	__u64 netns; /* its cookie */
	struct generation generation;
};

SEC("syscall")
int moment(struct moment *ctx)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();
	struct net *net = BPF_CORE_READ(task, nsproxy, net_ns);

	ctx->netns = BPF_CORE_READ(net, net_cookie);
	ctx->generation = generation_of(net);
	return 0;
}
