// SPDX-License-Identifier: GPL-2.0
/*
 * Write a perf.data of the group {arm_spe_0//,cycles} to the standard output, with what no
 * run does on demand:
 *
 *	throttlefile task|cpu|old EDGE...
 *
 * An edge is a letter, the time in ms and, for another task than the first, /N, as in
 * "T100 U103 T104/2".
 * T and U are the THROTTLE and UNTHROTTLE record of the SPE event, t and u those of the
 * counter, O and I the task's switch out and in, X its exit, L records that its buffer
 * has lost, l those that another buffer has, N the THROTTLE record of an event that the
 * file does not know.  All tasks have inherited the events from one: their records have
 * its id, and stream_ids of their own.  "old" is a file without sample_id_all, and so
 * without trace, which perf does not read then.  Build: cc -O2 -o throttlefile throttlefile.c
 */
#include <inttypes.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SAMPLE_TYPE	(PERF_SAMPLE_TID | PERF_SAMPLE_TIME | PERF_SAMPLE_CPU | \
			 PERF_SAMPLE_IDENTIFIER)
#define SPE_TYPE	8		/* as AUXTRACE_INFO says below */
#define SPE_ID		11
#define OTHER_ID	12		/* of SPE as well, in another buffer */
#define CYCLES_ID	21
#define NO_ID		99
#define TASK		100

/* Records that perf makes */
#define ID_INDEX	69
#define AUXTRACE_INFO	70
#define TIME_CONV	79

static uint64_t data[4096], *end = data;
static int sample_id_all = 1;

static struct perf_event_header *begin(int type, int misc)
{
	struct perf_event_header *header = (void *)end++;

	header->type = type;
	header->misc = misc;
	return header;
}

static void finish(struct perf_event_header *header)
{
	header->size = (char *)end - (char *)header;
}

static uint64_t pair(uint32_t low, uint32_t high)
{
	return low | (uint64_t)high << 32;
}

static void sample_id(int n, uint64_t time, uint64_t id)
{
	if (!sample_id_all)
		return;
	*end++ = pair(TASK + n, TASK + n);
	*end++ = time;
	*end++ = 0;		/* CPU */
	*end++ = id;
}

static void edge(const char *word)
{
	uint64_t id = strchr("tu", *word) ? CYCLES_ID : *word == 'l' ? OTHER_ID :
		      *word == 'N' ? NO_ID : SPE_ID;
	struct perf_event_header *header;
	uint64_t time;
	char *rest;
	int n;

	time = strtoull(word + 1, &rest, 10) * 1000000;
	n = *rest == '/' ? atoi(rest + 1) : 0;

	switch (*word) {
	case 'T': case 't': case 'N': case 'U': case 'u':
		header = begin(strchr("TtN", *word) ? PERF_RECORD_THROTTLE :
						     PERF_RECORD_UNTHROTTLE, 0);
		*end++ = time;
		*end++ = id;
		*end++ = id + n * 100;
		break;
	case 'O': case 'I':
		header = begin(PERF_RECORD_SWITCH,
			       *word == 'O' ? PERF_RECORD_MISC_SWITCH_OUT : 0);
		break;
	case 'X':
		header = begin(PERF_RECORD_EXIT, 0);
		*end++ = pair(TASK + n, 1);
		*end++ = pair(TASK + n, 1);
		*end++ = time;
		break;
	case 'L': case 'l':
		header = begin(PERF_RECORD_LOST, 0);
		*end++ = id;
		*end++ = 1;
		break;
	default:
		fprintf(stderr, "throttlefile: what is '%s'?\n", word);
		exit(2);
	}
	sample_id(n, time, id);
	finish(header);
}

int main(int argc, char **argv)
{
	struct section {
		uint64_t offset, size;
	};
	struct {
		char magic[8];
		uint64_t size, attr_size;
		struct section attrs, data, event_types;
		uint64_t features[4];
		uint64_t ids[3];
		struct {
			struct perf_event_attr attr;
			struct section ids;
		} event[2];
	} file = { .magic = "PERFILE2", .ids = { SPE_ID, OTHER_ID, CYCLES_ID } };
	struct perf_event_header *header;

	sample_id_all = argc < 2 || strcmp(argv[1], "old");
	if (argc < 3 || (strcmp(argv[1], "task") && strcmp(argv[1], "cpu") && sample_id_all)) {
		fprintf(stderr, "throttlefile: needs task|cpu|old EDGE...\n");
		return 2;
	}

	header = begin(ID_INDEX, 0);
	*end++ = 3;
	for (int i = 0; i < 3; i++) {
		int other = file.ids[i] == OTHER_ID;

		*end++ = file.ids[i];
		*end++ = other;	/* index */
		*end++ = other;	/* CPU */
		*end++ = strcmp(argv[1], "task") ? -1 : TASK;
	}
	finish(header);
	header = begin(TIME_CONV, 0);
	*end++ = 0;		/* shift */
	*end++ = 1;		/* multiplier */
	end += 3;
	*end++ = 1;
	finish(header);
	if (sample_id_all) {
		header = begin(AUXTRACE_INFO, 0);
		*end++ = 4;		/* Arm SPE */
		*end++ = SPE_TYPE;
		*end++ = 1;
		finish(header);
	}
	for (int i = 2; i < argc; i++) {
		if (end + 16 > data + sizeof(data) / sizeof(*data)) {
			fprintf(stderr, "throttlefile: too many edges\n");
			return 2;
		}
		edge(argv[i]);
	}

	for (int i = 0; i < 2; i++) {
		file.event[i].attr.type = i ? PERF_TYPE_HARDWARE : SPE_TYPE;
		file.event[i].attr.size = sizeof(struct perf_event_attr);
		file.event[i].attr.sample_type = SAMPLE_TYPE;
		file.event[i].attr.sample_period = 1000;
		file.event[i].attr.sample_id_all = sample_id_all;
		file.event[i].ids.offset = (char *)&file.ids[2 * i] - (char *)&file;
		file.event[i].ids.size = (2 - i) * sizeof(file.ids[0]);
	}
	file.size = (char *)file.ids - (char *)&file;
	file.attr_size = sizeof(file.event[0]);
	file.attrs.offset = (char *)file.event - (char *)&file;
	file.attrs.size = sizeof(file.event);
	file.data.offset = sizeof(file);
	file.data.size = (char *)end - (char *)data;
	fwrite(&file, sizeof(file), 1, stdout);
	fwrite(data, file.data.size, 1, stdout);
	return fflush(stdout) ? 1 : 0;
}
