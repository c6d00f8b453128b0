// SPDX-License-Identifier: GPL-2.0
/*
 * Print what a perf.data file says about AUX trace, one record per line:
 *
 *	TIME aux BYTES FLAGS OFFSET
 *	TIME throttle | unthrottle | switch-out | switch-in | itrace-start
 *	0 auxtrace BYTES		(trace that perf copied to the file)
 *
 * With a second argument the trace goes to that file, each byte to where it was in the
 * AUX area, counted from the begin (for a perf.data with one AUX area).
 *
 * perf report -D shows the same, but a perf that was built without OpenCSD
 * refuses a file with CoreSight trace.  Build: cc -O2 -o auxrecords auxrecords.c
 */
#include <inttypes.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PERF_RECORD_AUXTRACE	71	/* perf's own, carries trace after it */

struct section {
	uint64_t offset, size;
};

struct file_header {
	char magic[8];
	uint64_t size, attr_size;
	struct section attrs, data, event_types;
};

static char *file;
static size_t file_size;

static void *at(uint64_t offset, uint64_t size)
{
	if (offset > file_size || size > file_size - offset) {
		fprintf(stderr, "auxrecords: the file is cut off\n");
		exit(1);
	}
	return file + offset;
}

/* The sample_type of the event that wrote a record whose last word is @id */
static uint64_t sample_type_of(const struct file_header *h, uint64_t id)
{
	uint64_t type = 0;

	for (uint64_t o = 0; o < h->attrs.size; o += h->attr_size) {
		struct perf_event_attr *attr = at(h->attrs.offset + o, h->attr_size);
		struct section *ids = at(h->attrs.offset + o + h->attr_size - sizeof(*ids), sizeof(*ids));
		uint64_t *id_of = at(ids->offset, ids->size);

		type = attr->sample_type;
		for (uint64_t i = 0; i < ids->size / 8; i++)
			if (id_of[i] == id)
				return type;
	}
	return type;
}

/* All records but samples end with pid/tid, time, id, stream, cpu, identifier */
static uint64_t time_of(const struct file_header *h, const struct perf_event_header *rec)
{
	const uint64_t *end = (const void *)((const char *)rec + rec->size);
	uint64_t type = sample_type_of(h, end[-1]);

	if (!(type & PERF_SAMPLE_TIME))
		return 0;
	end -= !!(type & PERF_SAMPLE_IDENTIFIER) + !!(type & PERF_SAMPLE_CPU) +
	       !!(type & PERF_SAMPLE_STREAM_ID) + !!(type & PERF_SAMPLE_ID);
	return end[-1];
}

int main(int argc, char **argv)
{
	struct file_header *h;
	uint64_t pos, end;
	FILE *f, *trace = NULL;

	if (argc < 2 || argc > 3 || !(f = fopen(argv[1], "rb")) ||
	    (argc == 3 && !(trace = fopen(argv[2], "wb")))) {
		fprintf(stderr, "usage: auxrecords perf.data [TRACE]\n");
		return 1;
	}
	fseek(f, 0, SEEK_END);
	file_size = ftell(f);
	rewind(f);
	file = malloc(file_size);
	if (!file || fread(file, 1, file_size, f) != file_size)
		return 1;

	h = at(0, sizeof(*h));
	if (memcmp(h->magic, "PERFILE2", 8)) {
		fprintf(stderr, "auxrecords: this is no perf.data file\n");
		return 1;
	}

	end = h->data.offset + h->data.size;
	for (pos = h->data.offset; pos < end;) {
		struct perf_event_header *rec = at(pos, sizeof(*rec));
		uint64_t *word;

		word = at(pos, rec->size);
		if (rec->size < sizeof(*rec))
			return 1;
		switch (rec->type) {
		case PERF_RECORD_AUX:
			printf("%" PRIu64 " aux %" PRIu64 " %" PRIu64 " %" PRIu64 "\n",
			       time_of(h, rec), word[2], word[3], word[1]);
			break;
		case PERF_RECORD_THROTTLE:
			printf("%" PRIu64 " throttle\n", time_of(h, rec));
			break;
		case PERF_RECORD_UNTHROTTLE:
			printf("%" PRIu64 " unthrottle\n", time_of(h, rec));
			break;
		case PERF_RECORD_SWITCH:
			printf("%" PRIu64 " switch-%s\n", time_of(h, rec),
			       rec->misc & PERF_RECORD_MISC_SWITCH_OUT ? "out" : "in");
			break;
		case PERF_RECORD_ITRACE_START:
			printf("%" PRIu64 " itrace-start\n", time_of(h, rec));
			break;
		case PERF_RECORD_AUXTRACE:
			printf("0 auxtrace %" PRIu64 "\n", word[1]);
			if (trace) {
				fseek(trace, word[2], SEEK_SET);
				fwrite(at(pos + rec->size, word[1]), 1, word[1], trace);
			}
			pos += word[1];
			break;
		}
		pos += rec->size;
	}
	return trace && fclose(trace);
}
