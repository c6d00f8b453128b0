// SPDX-License-Identifier: GPL-2.0
/*
 * A program whose flow is known, and what knows it:
 *
 *	flowloop ROUNDS		run the loop
 *	flowloop check FILE	read the branches that were decoded of such a run, as
 *				perf script --itrace=b -F ip,addr,flags prints them
 *
 * In each round of the loop eight TBZ tell the low bits of a counter, which goes up by one
 * each time, and an indirect call goes to one of two leaves by the lowest bit.
 *
 * The program is linked statically, so "check" has all instructions of the run in its own
 * memory.  It follows them from branch to branch: there has to be a branch where one was
 * decoded, with that target, and none on the way to it that is always taken.  A piece is
 * what is between two gaps.  In each, the counter may not jump.  It prints
 *
 *	branches	taken branches
 *	pieces, in_loop	pieces, and those of them that have some of the loop
 *	between		pieces that have nothing of it, after one and before another that have
 *	at_branch	pieces that end at a branch, which may be a taken one more; and the
 *			last piece, of which perf prints neither the last branch nor the end
 *	rounds, back	calls in the loop, and how often it went back to its begin
 *	wrong		what cannot be; the first five are explained on standard error
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef __aarch64__
void flow_loop(unsigned long rounds, unsigned long counter);
extern const char flow_bits[], flow_call[], flow_back[], flow_even[], flow_odd[];
extern const char __executable_start[], etext[];

asm("	.text\n"
"	.balign	64\n"
"	.globl	flow_loop, flow_bits, flow_call, flow_back, flow_even, flow_odd\n"
"	.type	flow_loop, %function\n"
"flow_loop:\n"
"	mov	x9, x30\n"
"	adr	x10, flow_even\n"
"	adr	x11, flow_odd\n"
"flow_bits:\n"
"	.irp	bit, 0, 1, 2, 3, 4, 5, 6, 7\n"
"	tbz	x1, #\\bit, 1f\n"		/* taken: the bit is 0 */
"	nop\n"
"1:\n"
"	.endr\n"
"	tst	x1, #1\n"
"	csel	x12, x10, x11, eq\n"
"flow_call:\n"
"	blr	x12\n"
"	add	x1, x1, #1\n"
"	subs	x0, x0, #1\n"
"flow_back:\n"
"	b.ne	flow_bits\n"
"	ret	x9\n"
"flow_even:\n"
"	ret\n"
"flow_odd:\n"
"	nop\n"
"	ret\n"
"	.size	flow_loop, . - flow_loop\n");

#define AT(label)	((uintptr_t)(label))

enum kind { OTHER, MAYBE, ALWAYS, INDIRECT, CALL };

static int64_t field(uint32_t insn, int low, int bits)
{
	return (int64_t)((uint64_t)insn << (64 - low - bits)) >> (64 - bits);
}

static enum kind kind_of(uintptr_t pc, uintptr_t *target)
{
	uint32_t insn = *(const uint32_t *)pc;

	if ((insn & 0x7c000000) == 0x14000000) {		/* B, BL */
		*target = pc + field(insn, 0, 26) * 4;
		return ALWAYS;
	}
	if ((insn & 0x7e000000) == 0x36000000) {		/* TBZ, TBNZ */
		*target = pc + field(insn, 5, 14) * 4;
		return MAYBE;
	}
	if ((insn & 0xff000000) == 0x54000000 ||		/* B.cond */
	    (insn & 0x7e000000) == 0x34000000) {		/* CBZ, CBNZ */
		*target = pc + field(insn, 5, 19) * 4;
		return MAYBE;
	}
	if ((insn & 0xfe000000) == 0xd6000000)			/* BR, BLR, RET */
		return INDIRECT;
	if ((insn & 0xffe0001f) == 0xd4000001)			/* SVC */
		return CALL;
	return OTHER;
}

static unsigned long line, branches, pieces, at_branch, in_loop, between, rounds, back, wrong;

static void is_wrong(const char *what, uintptr_t from, uintptr_t to)
{
	if (wrong++ < 5)
		fprintf(stderr, "line %lu, %lx => %lx: %s\n", line, from, to, what);
}

/* What this piece has of the loop */
static struct {
	bool seen;			/* any of it */
	unsigned long last;		/* the last piece that had any */
	int bits;			/* of this round, the lowest first */
	int value, before;		/* -1: not known */
} loop;

static void loop_begins(void)
{
	loop.seen = false;
	loop.bits = -1;
	loop.value = -1;
	loop.before = -1;
}

/* The instruction at @pc was executed, and a branch there was @taken to @to. */
static void loop_goes_on(uintptr_t pc, bool taken, uintptr_t to)
{
	if (pc == AT(flow_bits)) {
		loop.bits = 0;
		loop.value = 0;
		if (!loop.seen && in_loop++)
			between += pieces - loop.last - 1;
		loop.seen = true;
		loop.last = pieces;
	}
	if (pc >= AT(flow_bits) && pc < AT(flow_bits) + 64 && loop.bits >= 0 &&
	    !((pc - AT(flow_bits)) % 8)) {
		if ((pc - AT(flow_bits)) / 8 != loop.bits)
			is_wrong("a bit is missing", pc, to);
		loop.value |= !taken << loop.bits++;
	}
	if (pc == AT(flow_call) && loop.bits >= 0) {
		rounds++;
		if (loop.bits != 8)
			is_wrong("not all bits", pc, to);
		if (to && to != (loop.value & 1 ? AT(flow_odd) : AT(flow_even)))
			is_wrong("the call goes to the other leaf", pc, to);
		if (loop.before >= 0 && loop.value != ((loop.before + 1) & 255))
			is_wrong("the counter jumps", pc, to);
		loop.before = loop.value;
		loop.bits = -1;
	}
	back += pc == AT(flow_back) && taken;
}

static bool known(uintptr_t pc)
{
	return pc >= AT(__executable_start) && pc < AT(etext) && !(pc % 4);
}

static int check(FILE *f)
{
	uintptr_t at = 0, from, to, target;
	char text[256], *arrow, *word;

	while (fgets(text, sizeof(text), f)) {
		line++;
		arrow = strstr(text, "=>");
		if (!arrow) {
			is_wrong("no branch", 0, 0);
			continue;
		}
		to = strtoul(arrow + 2, NULL, 16);
		for (word = arrow; word > text && word[-1] == ' '; word--)
			;
		while (word > text && word[-1] != ' ')
			word--;
		from = strtoul(word, NULL, 16);

		if (!from) {
			if (at)
				is_wrong("begins without an end", from, to);
			pieces++;
			at = to;
			loop_begins();
			continue;
		}
		if (!at) {
			is_wrong("goes on without a beginning", from, to);
			at = from;
			loop_begins();
		}
		if (!known(at) || !known(from) || from < at || from - at > 65536) {
			is_wrong("not on the way", at, from);
			at = to;
			loop_begins();
			continue;
		}
		for (; at < from; at += 4) {
			if (kind_of(at, &target) >= ALWAYS)
				is_wrong("goes past a branch", at, from);
			loop_goes_on(at, false, 0);
		}
		if (!to) {
			/* What ends it is an exception after the instruction, or by it */
			loop_goes_on(from, false, 0);
			at_branch += kind_of(from, &target) != OTHER;
			at = 0;
			continue;
		}
		branches++;
		switch (kind_of(from, &target)) {
		case MAYBE:
		case ALWAYS:
			if (to != target)
				is_wrong("the branch goes elsewhere", from, to);
			break;
		case INDIRECT:
			break;
		default:
			is_wrong("this is no branch", from, to);
		}
		loop_goes_on(from, true, to);
		at = to;
	}
	at_branch += at != 0;
	printf("branches %lu\npieces %lu\nat_branch %lu\nin_loop %lu\nbetween %lu\nrounds %lu\n"
	       "back %lu\nwrong %lu\n",
	       branches, pieces, at_branch, in_loop, between, rounds, back, wrong);
	return wrong != 0;
}

int main(int argc, char **argv)
{
	FILE *f;

	if (argc == 3 && !strcmp(argv[1], "check")) {
		f = fopen(argv[2], "r");
		if (f)
			return check(f);
		perror(argv[2]);
		return 2;
	}
	if (argc != 2)
		return 2;
	flow_loop(strtoul(argv[1], NULL, 0), 0);
	return 0;
}
#else
int main(void)
{
	fprintf(stderr, "flowloop: for arm64 only\n");
	return 2;
}
#endif
