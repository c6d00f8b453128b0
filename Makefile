# SPDX-License-Identifier: GPL-2.0
#
# The front door.  Each target is a script in lab/, which tells more.

BUILD ?= build
export BUILD

help:
	@echo 'See the bug, see it gone:'
	@echo '  make demo            the first threads'"'"' commands on the unpatched kernel and on the series'
	@echo '  make demo WITH=FILE  the same with another patch as third column'
	@echo '  make timeline        a picture of the bug: two commands on both kernels, what happened when'
	@echo '  make bench           instructions counted, before and after, a table and a plot; WITH=FILE, ALONE=N, ARCH='
	@echo '  make check           KUnit, scenarios, search, proofs, hygiene of the series'
	@echo '  make check PARTS="series search"   some of it, by the names that it prints'
	@echo '  make check-all       and what takes hours: torture, sanitizers, mutants, vpa-dtl, TIME=300 seconds of each torture'
	@echo '  make search          every interleaving of the state machine; OPS=6 for longer sequences'
	@echo '  make mutants         change the series in every small way: do the tests notice?'
	@echo '  make torture         all CPUs, seeded: SEED=1 TIME=60 (seconds) ARCH=x86_64|arm64'
	@echo '  make fuzz            system calls on groups with AUX area events, likewise'
	@echo '  make board HOST=user@board   the scenarios on a board, by ssh; SCENARIOS="a b" YES=1 KEEP_GOING=1'
	@echo
	@echo 'Ship it:'
	@echo '  make apply KERNEL_SRC=DIR            put the series on your own tree, all of it or nothing'
	@echo '  make apply KERNEL_SRC=DIR TAKE=least the two patches without which it warns; or core|spe|coresight|powerpc'
	@echo '  make quilt DEST=DIR  the same as quilt patches for a Debian source package, into DIR/debian/patches'
	@echo
	@echo 'Work on the series:'
	@echo '  make tree            build/tree: a git work tree, one commit per patch of series/'
	@echo '  make export          write its commits back to series/'
	@echo '  make mbox SIGNOFF="Name <mail>"   the series for each maintainer'"'"'s tree, as it would be sent'
	@echo '  make range-diff      what became of each patch since the last tag; AGAINST=TAG (or any commit)'
	@echo '  make figures         what check, search, demo and bench have printed, to results.txt'
	@echo '  make tag NAME=TAG    name a state that passed make check-all, by results.txt'
	@echo '  make shell           a guest with perf and the emulated trace hardware (REF=series|base|...)'
	@echo
	@echo '  make clean           remove what was built, keep downloads and build/tree'
	@echo '  make distclean       remove build/ altogether'
	@echo
	@echo 'Variables:'
	@echo '  KERNEL_SRC=DIR       your own Linux tree instead of Debian'"'"'s linux-source'
	@echo '  BASE=7.2             another kernel of Debian'"'"'s to stand on, with the same patches'
	@echo '  SERIES=DIR           another directory of patches instead of series/'
	@echo '  NMI=1                pseudo-NMI in the guest (demo, shell)'
	@echo '  JOBS=N               parallel jobs of the compiler (as many as there are CPUs)'
	@echo '  BUILD=DIR            where all state is (build)'
	@echo '  DEBIAN_MIRROR=URL    a mirror other than the one apt uses'

demo check shell clean distclean:
	@lab/$@

timeline:
	@lab/tests/timeline/run

bench:
	@lab/cost/bench

check-all:
	@ALL=1 lab/check

search:
	@lab/tests/search/run check

mutants:
	@lab/tests/search/run mutants
	@lab/doubt/mutants

apply:
	@lab/source/apply-to "$(KERNEL_SRC)" $(TAKE)

quilt:
	@lab/source/quilt "$(DEST)" $(TAKE)

figures:
	@lab/series/figures

mbox: source
	@lab/series/mbox

range-diff: source
	@lab/series/range-diff $(AGAINST)

tag: source
	@lab/series/tag "$(NAME)"

torture fuzz:
	@lab/tests/torture/run $(or $(ARCH),x86_64) series $@ --seed $(or $(SEED),1) --seconds $(or $(TIME),60)

board:
	@lab/tests/board/run "$$HOST" $$SCENARIOS

tree export: source
	@lab/source/$@

source:
	@lab/source/install
	@lab/source/fetch

.PHONY: help apply mbox range-diff quilt figures tag demo timeline bench check check-all search mutants torture fuzz board tree export shell clean distclean source
