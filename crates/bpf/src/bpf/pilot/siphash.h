/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * SipHash-1-3 (Aumasson and Bernstein, 2012) of three words, under a secret of this boot's: where to
 * look for a port must not be foretold (RFC 6056), and the kernel's own bpf_get_prandom_u32() can be.
 */
#ifndef PORTOLAN_SIPHASH_H
#define PORTOLAN_SIPHASH_H

#include "../kernel.h"

struct secret {
	__u64 key[2];
};

#define ROTATE(x, by) (((x) << (by)) | ((x) >> (64 - (by))))

static __always_inline void sip_round(__u64 v[4])
{
	v[0] += v[1];
	v[1] = ROTATE(v[1], 13) ^ v[0];
	v[0] = ROTATE(v[0], 32);
	v[2] += v[3];
	v[3] = ROTATE(v[3], 16) ^ v[2];
	v[0] += v[3];
	v[3] = ROTATE(v[3], 21) ^ v[0];
	v[2] += v[1];
	v[1] = ROTATE(v[1], 17) ^ v[2];
	v[2] = ROTATE(v[2], 32);
}

static __always_inline void sip_word(__u64 v[4], __u64 word)
{
	v[3] ^= word;
	sip_round(v);
	v[0] ^= word;
}

static __always_inline __u64 siphash(const struct secret *secret, __u64 a, __u64 b, __u64 c)
{
	__u64 v[4] = {
		secret->key[0] ^ 0x736f6d6570736575ull,
		secret->key[1] ^ 0x646f72616e646f6dull,
		secret->key[0] ^ 0x6c7967656e657261ull,
		secret->key[1] ^ 0x7465646279746573ull,
	};

	sip_word(v, a);
	sip_word(v, b);
	sip_word(v, c);
	sip_word(v, 24ull << 56); /* the length in bytes */
	v[2] ^= 0xff;
	sip_round(v);
	sip_round(v);
	sip_round(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

#endif
