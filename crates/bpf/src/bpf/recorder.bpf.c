// SPDX-License-Identifier: MIT OR Apache-2.0
/*
 * Tells which process opens and closes which socket, and why it closed.
 *
 * A socket's owner is noted where a process is at work (`cgroup/sock_create`, `sock_release`), and kept
 * with the socket: most changes of state happen in softirq, where `current` is whoever was interrupted.
 * A socket makes two records at most in its life, one at each end, unless it is bound first or passed
 * on. Every program lets everything pass, whatever it finds.
 */
#include "kernel.h"
#include "event.h"
#include "ring.h"
#include "owner.h"
#include "program.h"

#define IPPROTO_TCP 6
#define IPPROTO_UDP 17

#define TCP_ESTABLISHED 1
#define TCP_SYN_SENT 2
#define TCP_SYN_RECV 3
#define TCP_FIN_WAIT2 5
#define TCP_CLOSE 7
#define TCP_LAST_ACK 9
#define TCP_LISTEN 10
#define TCP_CLOSING 11

#define SOCK_BINDPORT_LOCK 8

#define EPIPE 32
#define ECONNABORTED 103
#define ECONNRESET 104
#define ETIMEDOUT 110
#define ECONNREFUSED 111

#define PASS 1

char LICENSE[] SEC("license") = "Dual MIT/GPL";

static __always_inline bool is_ours(__u32 protocol)
{
	return protocol == IPPROTO_TCP || protocol == IPPROTO_UDP;
}

/* A process makes a socket. */
SEC("cgroup/sock_create")
int made(struct bpf_sock *ctx)
{
	struct task_struct *task = current_task();
	struct owner *owner;

	if (!is_ours(ctx->protocol))
		return PASS;
	owner = bpf_sk_storage_get(&owners, ctx, 0, BPF_SK_STORAGE_GET_F_CREATE);
	if (!owner)
		return PASS;
	key_of(task, &owner->opener);
	owner->flags = OWNER_USER;
	announce(task, &owner->opener);
	return PASS;
}

/* A process bound a socket to a port, its own choice or the kernel's. */
static __always_inline int bound(struct bpf_sock *ctx)
{
	struct owner *owner = bpf_sk_storage_get(&owners, ctx, 0, 0);
	struct sock *sk = (struct sock *)ctx;

	if (!owner || !is_ours(ctx->protocol))
		return PASS;
	owner->opened_at_ns = bpf_ktime_get_boot_ns();
	tell_opened(owner, sk, bpf_get_socket_cookie(ctx), ctx->src_port, ROLE_BOUND, COPIED);
	return PASS;
}

SEC("cgroup/post_bind4")
int bound4(struct bpf_sock *ctx)
{
	return bound(ctx);
}

SEC("cgroup/post_bind6")
int bound6(struct bpf_sock *ctx)
{
	return bound(ctx);
}

/* A UDP socket's last descriptor goes. */
static __always_inline void released_udp(struct bpf_sock *ctx, struct owner *owner)
{
	struct sock *sk = (struct sock *)ctx;
	__u64 cookie = bpf_get_socket_cookie(ctx);
	__u16 port = BPF_CORE_READ(sk, __sk_common.skc_num);
	bool is_connected = BPF_CORE_READ(sk, __sk_common.skc_dport);

	if (owner->flags & OWNER_TOLD && (owner->flags & OWNER_REMOTE || !is_connected))
		return tell_closed(owner, cookie, ENDING_CLOSED);
	if (!port)
		return;
	if (!owner->opened_at_ns)
		owner->opened_at_ns = bpf_ktime_get_boot_ns();
	tell_whole(owner, sk, cookie, port, is_connected ? ROLE_OUTGOING : ROLE_BOUND,
		   ENDING_CLOSED, COPIED);
}

/* Tells that somebody else than the opener uses a socket. */
static __always_inline void tell_taken(struct owner *owner, __u64 cookie, struct program_key *by)
{
	struct deed *taken = reserve(sizeof(*taken), RECORD_TAKEN, bpf_ktime_get_boot_ns(), cookie);

	if (!taken)
		return;
	taken->by = *by;
	submit(taken);
	__sync_fetch_and_or(&owner->flags, OWNER_TAKEN);
}

/* A TCP socket's last descriptor goes. What becomes of its port is told when its state changes,
 * unless it has none left to change. */
static __always_inline void released_tcp(struct bpf_sock *ctx, struct owner *owner)
{
	struct sock *sk = (struct sock *)ctx;
	__u32 before = __sync_fetch_and_or(&owner->flags, OWNER_CLOSER);

	/* The state is read after the flag is set, and a change of state reads the flag after it
	 * has said that it leaves the socket to us: one of the two tells the end. */
	if (BPF_CORE_READ(sk, __sk_common.skc_state) != TCP_CLOSE && !(owner->flags & OWNER_DEFERRED))
		return;
	if (before & OWNER_ENDED && !(before & OWNER_TAKEN) &&
	    owner->closer.tgid != owner->opener.tgid)
		tell_taken(owner, bpf_get_socket_cookie(ctx), &owner->closer);
	if (__sync_fetch_and_and(&owner->flags, ~OWNER_TOLD) & OWNER_TOLD)
		tell_closed(owner, bpf_get_socket_cookie(ctx), owner->ending);
}

/* The last descriptor of a socket goes, through the current process: its own close, or its exit. */
SEC("cgroup/sock_release")
int released(struct bpf_sock *ctx)
{
	struct owner *owner = bpf_sk_storage_get(&owners, ctx, 0, 0);
	struct task_struct *task = current_task();

	if (!owner)
		return PASS;
	key_of(task, &owner->closer);
	if (owner->closer.tgid != owner->opener.tgid || owner->closer.exec != owner->opener.exec)
		announce(task, &owner->closer);
	if (ctx->protocol == IPPROTO_UDP) {
		owner->flags |= OWNER_CLOSER;
		released_udp(ctx, owner);
	} else {
		released_tcp(ctx, owner);
	}
	return PASS;
}

static __always_inline __u8 connect_ending(int error)
{
	switch (error) {
	case ECONNREFUSED:
		return ENDING_REFUSED;
	case ETIMEDOUT:
		return ENDING_TIMED_OUT;
	default:
		return ENDING_FAILED;
	}
}

static __always_inline __u8 ending_of(int error, int old)
{
	if (old == TCP_SYN_SENT)
		return connect_ending(error);
	switch (error) {
	case 0:
		break;
	case EPIPE:
	case ECONNRESET:
		return ENDING_RESET;
	case ECONNABORTED:
		return ENDING_ABORTED;
	default:
		return ENDING_TIMED_OUT;
	}
	switch (old) {
	case TCP_FIN_WAIT2:
	case TCP_CLOSING:
		return ENDING_TIME_WAIT;
	case TCP_LAST_ACK:
	case TCP_LISTEN:
		return ENDING_CLOSED;
	default:
		return ENDING_ABORTED;
	}
}

/* A TCP socket ends. Its port is gone by now but for a copy, unless it was bound to it on purpose:
 * then it goes with the last descriptor. */
static __always_inline void ended(const struct sock *sk, int old)
{
	struct owner *owner = bpf_sk_storage_get(&owners, (void *)sk, 0, 0);
	__u64 cookie = bpf_get_socket_cookie((void *)sk);
	__u8 ending = ending_of(sk->sk_err, old);
	__u16 port = 0;

	if (!owner)
		return tell_closed(NULL, cookie, ending);
	if (old == TCP_SYN_SENT)
		port = bpf_ntohs(BPF_CORE_READ((struct inet_sock *)sk, inet_sport));
	if (sk->sk_userlocks & SOCK_BINDPORT_LOCK && owner->flags & OWNER_USER) {
		owner->ending = ending;
		if (!(__sync_fetch_and_or(&owner->flags, OWNER_DEFERRED) & OWNER_CLOSER)) {
			if (old == TCP_SYN_SENT)
				tell_opened(owner, sk, cookie, port, ROLE_OUTGOING, PLAIN);
			return;
		}
	}
	if (old == TCP_SYN_SENT && port)
		tell_whole(owner, sk, cookie, port, ROLE_OUTGOING, ending, PLAIN);
	else if (__sync_fetch_and_and(&owner->flags, ~OWNER_TOLD) & OWNER_TOLD)
		tell_closed(owner, cookie, ending);
	owner->flags = (owner->flags & ~(OWNER_TOLD | OWNER_REMOTE)) | OWNER_ENDED;
}

/* A connection is there; `old` says from which side it came. */
static __always_inline void connected(const struct sock *sk, int old)
{
	__u8 role = old == TCP_SYN_RECV ? ROLE_INCOMING : ROLE_OUTGOING;
	struct owner *owner = bpf_sk_storage_get(&owners, (void *)sk, 0, BPF_SK_STORAGE_GET_F_CREATE);

	if (!owner)
		return;
	if (role == ROLE_INCOMING) {
		owner->flags &= OWNER_USER;
		owner->opened_at_ns = bpf_ktime_get_boot_ns();
	}
	tell_opened(owner, sk, bpf_get_socket_cookie((void *)sk), sk->__sk_common.skc_num, role, PLAIN);
}

static __always_inline void listens(const struct sock *sk)
{
	struct owner *owner = bpf_sk_storage_get(&owners, (void *)sk, 0, BPF_SK_STORAGE_GET_F_CREATE);

	if (!owner)
		return;
	if (!(owner->flags & OWNER_TOLD))
		owner->opened_at_ns = bpf_ktime_get_boot_ns();
	tell_opened(owner, sk, bpf_get_socket_cookie((void *)sk), sk->__sk_common.skc_num,
		    ROLE_LISTENING, PLAIN);
}

/* A connect begins; its port is chosen next, and told of when it comes to something. */
static __always_inline void connects(const struct sock *sk)
{
	struct owner *owner = bpf_sk_storage_get(&owners, (void *)sk, 0, BPF_SK_STORAGE_GET_F_CREATE);

	if (owner && !(owner->flags & OWNER_TOLD))
		owner->opened_at_ns = bpf_ktime_get_boot_ns();
}

/* Runs before the state is set. */
SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(state_changes, const struct sock *sk, int old, int new)
{
	if (sk->sk_protocol != IPPROTO_TCP)
		return 0;
	switch (new) {
	case TCP_ESTABLISHED:
		connected(sk, old);
		break;
	case TCP_SYN_SENT:
		connects(sk);
		break;
	case TCP_LISTEN:
		listens(sk);
		break;
	case TCP_CLOSE:
		ended(sk, old);
		break;
	}
	return 0;
}

/* A connect gets no answer and tries again, after a second: from then on it shows. */
SEC("tp_btf/tcp_retransmit_skb")
int retries(__u64 *ctx)
{
	const struct sock *sk = (const struct sock *)ctx[0];
	struct owner *owner;

	if (sk->__sk_common.skc_state != TCP_SYN_SENT)
		return 0;
	owner = bpf_sk_storage_get(&owners, (void *)sk, 0, 0);
	if (owner && !(owner->flags & OWNER_REMOTE))
		tell_opened(owner, sk, bpf_get_socket_cookie((void *)sk), sk->__sk_common.skc_num,
			    ROLE_OUTGOING, PLAIN);
	return 0;
}

/* The current process uses a socket that another opened: it accepted it, or got it passed. Only that
 * tells, for no hook that is cheap for all sees accept(2). Kernel threads work for others. */
static __noinline int taken(struct owner *owner, __u64 cookie)
{
	struct task_struct *task = current_task();
	struct program_key key;

	if (!owner || BPF_CORE_READ(task, flags) & PF_KTHREAD)
		return 0;
	key_of(task, &key);
	announce(task, &key);
	tell_taken(owner, cookie, &key);
	return 0;
}

static __always_inline bool is_taken(const struct owner *owner)
{
	return !(owner->flags & OWNER_TAKEN) && owner->opener.tgid != bpf_get_current_pid_tgid() >> 32;
}

/* A UDP socket got its port from the kernel, or a remote end, without a hook for either. */
static __noinline int found_out(struct owner *owner, struct sock *sk, __u64 cookie)
{
	__u16 port = sk->__sk_common.skc_num;

	if (!owner || !port)
		return 0;
	if (!owner->opened_at_ns)
		owner->opened_at_ns = bpf_ktime_get_boot_ns();
	tell_opened(owner, sk, cookie, port, sk->__sk_common.skc_dport ? ROLE_OUTGOING : ROLE_BOUND,
		    COPIED);
	return 0;
}

static __always_inline int used(struct sock *sk)
{
	__u16 family = sk->__sk_common.skc_family;
	struct owner *owner;

	if (family != AF_INET && family != AF_INET6)
		return 0;
	owner = bpf_sk_storage_get(&owners, sk, 0, 0);
	if (!owner)
		return 0;
	if (sk->sk_protocol == IPPROTO_UDP &&
	    (!(owner->flags & OWNER_TOLD) ||
	     (!(owner->flags & OWNER_REMOTE) && sk->__sk_common.skc_dport)))
		found_out(owner, sk, bpf_get_socket_cookie(sk));
	if (is_taken(owner))
		taken(owner, bpf_get_socket_cookie(sk));
	return 0;
}

/* Linux 6.3 */
SEC("tp_btf/sock_recv_length")
int receives(__u64 *ctx)
{
	return used((struct sock *)ctx[0]);
}

SEC("tp_btf/sock_send_length")
int sends(__u64 *ctx)
{
	return used((struct sock *)ctx[0]);
}

/* getpeername(2), and accept(2) that wants to know who called. */
static __always_inline int asks_for_peer(struct bpf_sock_addr *ctx)
{
	struct owner *owner;

	if (!ctx->sk)
		return PASS;
	owner = bpf_sk_storage_get(&owners, ctx->sk, 0, 0);
	if (owner && is_taken(owner))
		taken(owner, bpf_get_socket_cookie(ctx));
	return PASS;
}

SEC("cgroup/getpeername4")
int asks_for_peer4(struct bpf_sock_addr *ctx)
{
	return asks_for_peer(ctx);
}

SEC("cgroup/getpeername6")
int asks_for_peer6(struct bpf_sock_addr *ctx)
{
	return asks_for_peer(ctx);
}

/*
 * Processes that were told of are followed: what a child or a new program inherits it may close when
 * it exits, and then its memory, with its arguments, is gone already.
 */
SEC("tp_btf/sched_process_fork")
int BPF_PROG(forks, struct task_struct *parent, struct task_struct *child)
{
	struct program_key key;
	struct child *record;
	__u32 yes = 1;

	if (child->pid != child->tgid)
		return 0;
	key_of(parent, &key);
	if (!bpf_map_lookup_elem(&told, &key))
		return 0;
	record = reserve(sizeof(*record), RECORD_CHILD, bpf_ktime_get_boot_ns(), 0);
	if (!record)
		return 0;
	record->parent = key;
	key_of(child, &key);
	record->key = key;
	submit(record);
	bpf_map_update_elem(&told, &key, &yes, BPF_ANY);
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
	tell_program(task, &key, FLAG_EXECUTED);
	return 0;
}

/* Runs for every thread, before the process' descriptors are closed: it stays known for that. */
SEC("tp_btf/sched_process_exit")
int BPF_PROG(exits, struct task_struct *task)
{
	struct program_key key;
	struct deed *exited;
	__u32 *alive;

	if (BPF_CORE_READ(task, signal, live.counter))
		return 0;
	key_of(task, &key);
	alive = bpf_map_lookup_elem(&told, &key);
	if (!alive || !*alive)
		return 0;
	*alive = 0;
	exited = reserve(sizeof(*exited), RECORD_EXITED, bpf_ktime_get_boot_ns(), 0);
	if (!exited)
		return 0;
	exited->by = key;
	submit(exited);
	return 0;
}

#define ROLE_UNKNOWN 255

/* Tells of every socket that a process holds now and that has a port: for each of its descriptors. */
SEC("iter/task_file")
int survey(struct bpf_iter__task_file *ctx)
{
	struct task_struct *task = ctx->task;
	struct file *file = ctx->file;
	struct opened opened = {};
	struct socket *socket;
	struct owner *owner;
	struct sock *sk;
	__u32 yes = 1;
	__u8 state;

	if (!task || !file)
		return 0;
	socket = bpf_sock_from_file(file);
	if (!socket)
		return 0;
	sk = socket->sk;
	if (!sk)
		return 0;
	opened.family = sk->__sk_common.skc_family;
	if ((opened.family != AF_INET && opened.family != AF_INET6) || !is_ours(sk->sk_protocol))
		return 0;
	owner = bpf_sk_storage_get(&owners, sk, 0, BPF_SK_STORAGE_GET_F_CREATE);
	if (!owner)
		return 0;
	if (!(owner->flags & OWNER_USER)) {
		key_of(task, &owner->opener);
		__sync_fetch_and_or(&owner->flags, OWNER_USER | OWNER_FOUND);
		bpf_map_update_elem(&told, &owner->opener, &yes, BPF_NOEXIST);
	}
	state = sk->__sk_common.skc_state;
	if (!sk->__sk_common.skc_num)
		return 0;
	if (!(owner->flags & OWNER_TOLD)) {
		owner->opened_at_ns = bpf_ktime_get_boot_ns();
		owner->role = state == TCP_LISTEN		? ROLE_LISTENING :
			      state == TCP_CLOSE		? ROLE_BOUND :
			      sk->sk_protocol == IPPROTO_UDP	? ROLE_OUTGOING :
								  ROLE_UNKNOWN;
		__sync_fetch_and_or(&owner->flags, OWNER_TOLD);
	}
	opened.head.kind = RECORD_OPENED;
	opened.head.at_ns = owner->opened_at_ns;
	opened.head.cookie = bpf_get_socket_cookie(sk);
	fill_opened(&opened, owner, sk, sk->__sk_common.skc_num, owner->role, COPIED);
	bpf_seq_write(ctx->meta->seq, &opened, sizeof(opened));
	return 0;
}
