// SPDX-License-Identifier: GPL-2.0
/*
 * A plugin for QEMU's TCG that counts what a guest executes between two marks of
 * module/bench.c: all instructions, atomic read-modify-writes and indirect calls.
 * It knows nothing of clocks, so it checks those who do.
 *
 *	-plugin plugin.so,out=FILE
 *
 * FILE has two lines for each run of a step, what it runs first to get going and
 * what it measures. In them, for each interval in turn, there is
 * "instructions/atomics/indirect*how-many-in-a-row".
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "qemu-plugin.h"

EXPORT int qemu_plugin_version = API;

enum { MARK_BEGIN = 1, MARK_END, MARK_ROW, MARKS = 3, ATOMIC = 4, INDIRECT = 8 };

/* ===== What an instruction is ===== */

/* Prefixes, then the opcode; what the kernel uses, not all that there is */
static unsigned int classify_x86(const uint8_t *p, size_t n)
{
	static const uint8_t nop[] = { 0x0f, 0x1f, 0x80 }, mark[] = { 0x00, 0x9c, 0xbe };
	int lock = 0, cmpxchg, xchg;

	if (n == 7 && !memcmp(p, nop, 3) && !memcmp(p + 4, mark, 3))
		return p[3] & MARKS;

	for (; n > 1 && strchr("\xf0\xf2\xf3\x2e\x36\x3e\x26\x64\x65\x66\x67", *p) && *p; p++, n--)
		lock |= *p == 0xf0;
	if (n > 1 && (*p & 0xf0) == 0x40) {	/* REX */
		p++;
		n--;
	}
	if (n < 2)
		return 0;
	if (p[0] == 0xff && ((p[1] >> 3 & 7) == 2 || (p[1] >> 3 & 7) == 4))
		return INDIRECT;
	if (lock)
		return ATOMIC;
	/* xchg with memory locks without a prefix; cmpxchg and xadd have none on UP */
	xchg = (p[0] == 0x86 || p[0] == 0x87) && p[1] >> 6 != 3;
	cmpxchg = n > 2 && p[0] == 0x0f && p[1] && strchr("\xb0\xb1\xc0\xc1\xc7", p[1]);
	return xchg || cmpxchg ? ATOMIC : 0;
}

/* A load-exclusive and its store-exclusive are one operation: the store counts. */
static unsigned int classify_arm64(const uint8_t *p, size_t n)
{
	uint32_t insn;

	if (n != 4)
		return 0;
	memcpy(&insn, p, 4);
	if ((insn & ~(MARKS << 5)) == (0xd2800000 | 0xbe90 << 5 | 31))
		return insn >> 5 & MARKS;
	if ((insn & 0xfffffc1f) == 0xd63f0000 || (insn & 0xfffffc1f) == 0xd61f0000)
		return INDIRECT;				/* blr, br */
	if ((insn & 0x3fc00000) == 0x08000000)
		return ATOMIC;					/* stxr and its kin */
	if ((insn & 0x3fa07c00) == 0x08a07c00 ||		/* cas */
	    (insn & 0x3b200c00) == 0x38200000)			/* ldadd, swp and their kin */
		return ATOMIC;
	return 0;
}

static unsigned int (*classify)(const uint8_t *p, size_t n);

/* ===== Counting ===== */

struct counts {
	uint64_t insns, atomics, indirect;
};

static FILE *out;
static struct counts now, last;
static unsigned long repeated;

static void flush(void)
{
	if (repeated)
		fprintf(out, " %lu/%lu/%lu*%lu", last.insns, last.atomics, last.indirect, repeated);
	repeated = 0;
}

static void executed(unsigned int vcpu, void *userdata)
{
	unsigned int class = (uintptr_t)userdata;

	(void)vcpu;
	now.insns++;
	now.atomics += !!(class & ATOMIC);
	now.indirect += !!(class & INDIRECT);

	switch (class & MARKS) {
	case MARK_BEGIN:
		memset(&now, 0, sizeof(now));
		break;
	case MARK_END:
		if (!repeated || memcmp(&now, &last, sizeof(now)))
			flush();
		last = now;
		repeated++;
		break;
	case MARK_ROW:
		flush();
		putc('\n', out);
		break;
	}
}

static void translated(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
	size_t n = qemu_plugin_tb_n_insns(tb);

	(void)id;
	for (size_t i = 0; i < n; i++) {
		struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
		size_t size = qemu_plugin_insn_size(insn);
		uint8_t data[16] = { 0 };

		if (size > sizeof(data))
			size = sizeof(data);
#if API < 3
		memcpy(data, qemu_plugin_insn_data(insn), size);
#else
		size = qemu_plugin_insn_data(insn, data, size);
#endif
		qemu_plugin_register_vcpu_insn_exec_cb(insn, executed, QEMU_PLUGIN_CB_NO_REGS,
						       (void *)(uintptr_t)classify(data, size));
	}
}

static void ended(qemu_plugin_id_t id, void *userdata)
{
	(void)id;
	(void)userdata;
	flush();
	putc('\n', out);
	fclose(out);
}

EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc, char **argv)
{
	const char *target = *(const char *const *)info;	/* its first member */

	classify = strcmp(target, "aarch64") ? classify_x86 : classify_arm64;
	for (int i = 0; i < argc; i++) {
		if (!strncmp(argv[i], "out=", 4))
			out = fopen(argv[i] + 4, "w");
	}
	if (!out) {
		fprintf(stderr, "bench plugin: cannot write out=FILE\n");
		return 1;
	}
	qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
	qemu_plugin_register_atexit_cb(id, ended, NULL);
	return 0;
}
