#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""
Who takes which patch: what lab/series/mbox.d/ and a directory of patches say, as
objects, for lab/series/mbox.d/mails and lab/series/text.
"""
import glob
import os
import re
import subprocess

HOME = os.path.join(os.path.dirname(os.path.abspath(__file__)), "mbox.d")


class Patch:
    """A patch: its file, and what mbox.d/patches says of it"""

    def __init__(self, path, number):
        self.path = path
        self.number = number            # in the order of series/
        with open(path, "rb") as mail:
            info = subprocess.run(["git", "mailinfo", "/dev/null", "/dev/null"], stdin=mail,
                                  capture_output=True, check=True).stdout.decode()
        self.title = re.search(r"^Subject: (.*)", info, re.M).group(1)
        self.author = "%s <%s>" % tuple(re.search(r"^%s: (.*)" % what, info, re.M).group(1)
                                        for what in ("Author", "Email"))
        head, _, rest = open(path, encoding="utf-8").read().partition("\n\n")
        self.message, _, self.diff = rest.partition("\n---\n")
        self.fixes = re.findall(r"^Fixes: (\w{12})", self.message, re.M)
        self.tree = None
        self.needs, self.without, self.unstable = [], "", ""
        # the first kernel where what it repairs does harm, and what it does before
        self.since = None
        # has no Fixes, and goes to stable trees for those that need it
        self.stable_for = []


def patches_of(directory):
    return [Patch(path, n) for n, path in
            enumerate(sorted(glob.glob(directory + "/[0-9][0-9][0-9][0-9]-*.patch")), 1)]


def read_fixes():
    """{commit: kernels}, a list of words as mbox.d/fixes explains them"""
    table = {}
    for line in open(os.path.join(HOME, "fixes")):
        if line[:1] in "#\n":
            continue
        commit, kernels = re.match(r"(\w{12})\t+([^\t\n]+)", line).groups()
        table[commit] = kernels.split()
    return table


def assign(patches, wrong):
    """Read mbox.d/patches into the patches; what does not fit goes to the list wrong.
    Returns {tree: its patches}, in the order of the file."""
    where = {patch.title: patch for patch in patches}
    fixes = read_fixes()
    trees, tree, patch, order = {}, None, None, []
    for line in open(os.path.join(HOME, "patches")):
        line = line.rstrip("\n")
        if not line or line.startswith("#"):
            continue
        field = re.match(r"\t(without|needs|stable|since): (.+)", line)
        if re.match(r"\[\w[\w-]*\]$", line):
            tree = line[1:-1]
            trees.setdefault(tree, [])
            patch = None
        elif not line.startswith("\t"):
            patch = where.get(line)
            if patch is None:
                wrong.append("mbox.d/patches: there is no patch '%s'" % line)
            elif patch.tree:
                wrong.append("mbox.d/patches: '%s' is there twice" % line)
            else:
                patch.tree = tree
                trees[tree].append(patch)
                order.append(patch)
        elif field is None:
            wrong.append("mbox.d/patches: what is '%s'?" % line.strip())
        elif patch is None:
            continue
        elif field[1] == "without":
            patch.without = field[2]
        elif field[1] == "stable":
            patch.unstable = re.sub(r"^no, ", "", field[2])
            if patch.unstable == field[2]:
                wrong.append("mbox.d/patches: '%s': stable is 'no, WHY'" % patch.title)
        elif field[1] == "since":
            patch.since = re.fullmatch(r"(\d+\.\d+), (.+)", field[2])
            if not patch.since:
                wrong.append("mbox.d/patches: '%s': since is 'RELEASE, WHY'" % patch.title)
        elif field[2] not in where:
            wrong.append("mbox.d/patches: '%s' needs '%s', which is no patch" % (patch.title, field[2]))
        else:
            patch.needs.append(where[field[2]])
    for patch in patches:
        if patch.tree is None:
            wrong.append("mbox.d/patches: nobody takes patch %d, '%s'" % (patch.number, patch.title))
        elif not patch.without:
            wrong.append("mbox.d/patches: what happens without '%s'?" % patch.title)
        for other in patch.needs:
            if other.number >= patch.number:
                wrong.append("mbox.d/patches: '%s' needs one that comes after it" % patch.title)
            if patch.fixes and not patch.unstable and other.unstable:
                wrong.append("mbox.d/patches: '%s' is for stable, and needs '%s', which is not" %
                             (patch.title, other.title))
        if patch.fixes and not patch.unstable:
            for other in needed(patch):
                if not other.fixes:
                    other.stable_for.append(patch)
        if patch.unstable and not patch.fixes:
            wrong.append("mbox.d/patches: '%s' has no Fixes, so it is not for stable anyhow" % patch.title)
        for commit in patch.fixes:
            if commit not in fixes:
                wrong.append("mbox.d/fixes: since when is there %s, which patch %d fixes?" %
                             (commit, patch.number))
    if order != sorted(order, key=lambda patch: patch.number):
        wrong.append("mbox.d/patches: not in the order of series/")
    return trees


def kernels_of(patch, fixes):
    """What the patch repairs is in these kernels: the release and the stable trees, as
    mbox.d/fixes has them; [] if that is not known.  Of two commits the older one counts."""
    if patch.since:
        return [patch.since[1]]
    found = [fixes[commit] for commit in patch.fixes]
    if not found or ["?"] in found:
        return []
    return min(found, key=lambda words: release(words[0]))


def release(word):
    return (0,) if word == "old" else tuple(int(n) for n in word.split("."))


def needed(patch):
    """All that the patch needs, and what these need"""
    every = set()
    for other in patch.needs:
        every |= {other} | needed(other)
    return every


def alone(patch):
    """Can it be taken without the other trees?"""
    return all(other.tree == patch.tree for other in needed(patch))
