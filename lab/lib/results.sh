# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154
#
# Results: one line each, pass, fail or skip, a tab, the name.

# report pass|fail|skip NAME: one line of results, to the file RESULTS if the
# caller named one
report() {
	echo "  $1: $2"
	[ -z "${RESULTS:-}" ] || printf '%s\t%s\n' "$1" "$2" >>"$RESULTS"
}

items=

# item NAME COMMAND...: pass or fail, and what the command said last if it failed; counts
# in "failures", keeps what is said in the directory "tmp", and puts "items" before the name
item() {
	local name=${items:+$items.}$1
	shift
	if "$@" >"$tmp/log" 2>&1; then
		report pass "$name"
	else
		report fail "$name"
		tail -n 20 "$tmp/log" | sed 's/^/    | /'
		failures=$((failures + 1))
	fi
}

# conclude FILE LOG: say what failed, what the KTAP in LOG says before it, and the
# totals; hand on to RESULTS
conclude() {
	[ -z "${RESULTS:-}" ] || cat "$1" >>"$RESULTS"
	echo "${1#"$TOP"/}"
	sed -n 's/^fail\t/failed: /p' "$1"
	# KUnit's KTAP has the kernel's time stamps
	sed 's/\r$//; s/^\[ *[0-9.]*\] //' "$2" | awk '/^ *ok / { n = 0; next }
		/^ *not ok / { for (i = n > 6 ? n - 6 : 0; i < n; i++) print "    | " line[i]
			       print "    | " $0; n = 0; next }
		{ line[n++] = $0 }'
	totals "$1"
}

# complete LOG: without the lines that printk broke off to begin them anew
complete() {
	awk '/^\*\* replaying previous printk message \*\*/ { n = 0; next }
		n { print line }
		{ line = $0; n = 1 }
		END { if (n) print line }' "$1"
}

# results LOG FILE: let the kernel's own parser read the KTAP in LOG; FILE gets
# a line per case: pass, fail or skip, a tab, suite.case
results() {
	PYTHONDONTWRITEBYTECODE=1 python3 "$LINUX/tools/testing/kunit/kunit.py" \
		parse --json="$2.json" <(complete "$1") >"$2.txt" </dev/null || :
	[ -s "$2.json" ] || { tail -n 3 "$2.txt" >&2; return 1; }
	python3 - "$2.json" >"$2" <<-'END'
	import json, sys
	def walk(group, path):
	    for case in group["test_cases"]:
	        status = {"PASS": "pass", "SKIP": "skip"}.get(case["status"], "fail")
	        print(status, ".".join(path + [case["name"] or "planned, and never ran"]), sep="\t")
	    for sub in group["sub_groups"]:
	        walk(sub, path + [sub["name"]])
	walk(json.load(open(sys.argv[1])), [])
	END
	rm "$2.json"
}

# totals FILE...: "N passed, N failed, N skipped"; fails unless some passed and
# none failed
totals() {
	cat "$@" | awk '{ n[$1]++ }
		END { printf "%d passed, %d failed, %d skipped\n", n["pass"], n["fail"], n["skip"]
		      exit !(n["pass"] && !n["fail"]) }'
}
