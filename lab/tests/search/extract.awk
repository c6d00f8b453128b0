# SPDX-License-Identifier: GPL-2.0
#
# Print whole top-level definitions of a kernel source file, in the order of
# the file, each with a #line that keeps its place:
#
#	awk -v file=NAME -v want='NAME...' -f extract.awk FILE
#
# Knows functions, structs and enums with a name, enums by one of their
# members, and macros of one line.  A name that is not found is an error.

BEGIN {
	n = split(want, names, " ")
	for (i = 1; i <= n; i++)
		wanted[names[i]] = 1
}

function emit(from, to,   i) {
	printf "#line %d \"%s\"\n", from, file
	for (i = from; i <= to; i++)
		print line[i]
	print ""
}

{ line[NR] = $0 }

END {
	for (l = 1; l <= NR; l++) {
		if (match(line[l], /^#define[ \t]+[A-Za-z_0-9]+/)) {
			split(line[l], w, /[ \t(]+/)
			if (w[2] in wanted) {
				emit(l, l)
				delete wanted[w[2]]
			}
			continue
		}

		# A definition starts in column 0 and ends with a brace there
		if (line[l] !~ /^[A-Za-z_]/)
			continue
		head = ""
		for (end = l; end <= NR; end++) {
			head = head " " line[end]
			if (line[end] ~ /[;{]/)
				break
		}
		if (head !~ /\{/ || head ~ /;.*\{/)
			continue
		for (; end <= NR && line[end] !~ /^\}/ && line[l] !~ /\}/; end++)
			;

		name = ""
		if (head ~ /^ (struct|enum) [A-Za-z_0-9]+ \{/) {
			split(head, w, " ")
			name = w[2]
		} else if (head ~ /^ enum \{/) {
			for (m = l + 1; m < end; m++)
				if (match(line[m], /^\t[A-Z_0-9a-z]+/) &&
				    substr(line[m], 2, RLENGTH - 1) in wanted)
					name = substr(line[m], 2, RLENGTH - 1)
		} else if (match(head, /[A-Za-z_0-9]+\(/)) {
			name = substr(head, RSTART, RLENGTH - 1)
		}
		if (name in wanted) {
			emit(l, end)
			delete wanted[name]
		}
		l = end
	}

	for (name in wanted) {
		printf "extract.awk: %s: no definition of %s\n", file, name >"/dev/stderr"
		bad = 1
	}
	exit bad
}
