/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The records that the recorder writes into its ring buffer, and the survey into its iterator.
 * Decoded by offsets in ../recorder/record.rs. Host byte order but for addresses.
 */
#ifndef PORTOLAN_EVENT_H
#define PORTOLAN_EVENT_H

#include <linux/types.h>

enum record_kind {
	RECORD_OPENED = 1,
	RECORD_CLOSED,
	RECORD_WHOLE, /* opened and closed: what ended before it was told of */
	RECORD_TAKEN,
	RECORD_PROGRAM,
	RECORD_CHILD,
	RECORD_EXITED,
	RECORD_NO_PORT, /* an `opened` of a connect that found no port: its local port is 0 */
	RECORD_AWAITED, /* a socket that is given its port next, where no hook sees it */
};

/* The numbers of sockets::Role. */
enum role {
	ROLE_BOUND = 0,
	ROLE_LISTENING,
	ROLE_OUTGOING,
	ROLE_INCOMING,
};

/* The numbers of sockets::Ending. */
enum ending {
	ENDING_CLOSED = 0,
	ENDING_TIME_WAIT,
	ENDING_ABORTED,
	ENDING_RESET,
	ENDING_REFUSED,
	ENDING_TIMED_OUT,
	ENDING_FAILED,
	ENDING_FIN_WAIT = 8,
	ENDING_FIN_WAIT_BRIEFLY,
};

enum record_flag {
	/* closed: its closer is its user too, who is not its opener, and not told of yet */
	FLAG_TAKEN = 1,
	/* opened: found open, not seen opening */
	FLAG_FOUND = 2,
	/* program: `at_ns` is its execve(2), not just some later moment */
	FLAG_EXECUTED = 4,
	/* program: it has more arguments than are here */
	FLAG_CUT = 8,
	/* closed: `by` did not close it but used it, and is not told of yet */
	FLAG_TAKER = 16,
	/* closed: it was accepted by nobody yet, or by somebody who has not used it yet */
	FLAG_UNUSED = 32,
};

/* A process between two execve(2); all zero where none is known. */
struct program_key {
	__u32 tgid;
	__u32 exec;
	__u64 start_ns;
};

struct record {
	__u8 kind;
	__u8 flags;
	__u8 ending;
	__u8 unused[5];
	__u64 at_ns; /* CLOCK_BOOTTIME */
	__u64 cookie; /* of the socket; of a program, its cgroup */
};

/* closed, taken, exited: who did. */
struct deed {
	struct record head;
	struct program_key by;
};

struct opened {
	struct record head;
	struct program_key opener;
	__u32 netns;
	__u32 uid;
	__u16 local_port;
	__u16 remote_port;
	__u8 family;
	__u8 protocol;
	__u8 role;
	__u8 v6only;
	__be32 local[4]; /* the first for IPv4 */
	__be32 remote[4];
};

struct whole {
	struct opened opened; /* its head has the flags and the ending */
	__u64 closed_at_ns;
	struct program_key closer;
};

struct awaited {
	struct record head;
	__u64 socket; /* where it lies, for user space to ask by */
};

struct child {
	struct record head;
	struct program_key key;
	struct program_key parent;
};

/* Longer arguments and paths are cut. Two pages of arguments would be rare, and the ring is small. */
#define CMDLINE_MAX 512
#define PATH_MAX_COPIED 256
#define NAME_MAX_COPIED 128

struct program {
	struct record head;
	struct program_key key;
	struct program_key parent;
	__u32 uid;
	__u16 cmdline_len;
	__u16 path_len;
	char comm[16];
	char parent_comm[16];
	__u8 cmdline[CMDLINE_MAX];
	/* The names on the way from the executable up to the root, each ended by NUL. */
	__u8 path[PATH_MAX_COPIED + NAME_MAX_COPIED];
};

_Static_assert(sizeof(struct record) == 24, "decoded by offsets");
_Static_assert(sizeof(struct deed) == 40, "decoded by offsets");
_Static_assert(sizeof(struct opened) == 88, "decoded by offsets");
_Static_assert(sizeof(struct whole) == 112, "decoded by offsets");
_Static_assert(sizeof(struct awaited) == 32, "decoded by offsets");
_Static_assert(sizeof(struct child) == 56, "decoded by offsets");
_Static_assert(sizeof(struct program) == 992, "decoded by offsets");

#endif
