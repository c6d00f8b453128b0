#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""
What does a kernel tree need of the series?  lab/series/faults read, for lab/source/apply-to,
lab/series/older and lab/source/backport.

fits.py tree DIRECTORY PATCH...
    a line for each patch that the tree has no need of, for each that uses a name which
    another one of them brings and the tree does not have, and for each that may be in the
    tree already:
        unneeded<TAB>N<TAB>WORDS
        stands<TAB>N<TAB>M<TAB>NAME
        perhaps<TAB>N
    N and M count from 0.

fits.py series DIRECTORY SERIES...
    which of the directories of patches is for the tree in DIRECTORY: the first one whose
    list begins with conditions, as in lab/series/faults, that hold, or else the one without.

fits.py prefixes REPOSITORY COMMIT...
    COMMITs are the base and the series on top, one by one: the fault of each patch has to be
    there up to it, and not from then on.  Prints what is not so.
"""
import os
import re
import subprocess
import sys

FAULTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "faults")


def title_of(text):
    header = re.search(r"(?m)^Subject: (.*(?:\n[ \t].*)*)", text).group(1)
    return re.sub(r"^\[[^]]*\]\s*", "", re.sub(r"\n\s*", " ", header))


def read_faults(path=FAULTS):
    """{title: [(sign, file, regex) or ("!", words)]}"""
    conditions = {}
    for paragraph in re.sub(r"(?m)^#.*\n", "", open(path).read()).strip().split("\n\n"):
        title, *lines = paragraph.strip("\n").split("\n")
        if title in conditions:
            sys.exit("lab/series/faults has this twice: " + title)
        conditions[title] = [tuple(line.split(" ", 2 if line[0] in "+-" else 1)) for line in lines]
        if "!" not in [c[0] for c in conditions[title]]:
            sys.exit("lab/series/faults does not say what it means: " + title)
    return conditions


class Tree:
    """The files of a directory; those that are not there are empty"""

    def __init__(self, directory):
        self.directory = directory

    def text(self, name):
        try:
            # a blank at the end of a line makes no other code of it
            return re.sub(r"[ \t\r]+$", "",
                          open(os.path.join(self.directory, name), errors="replace").read(), flags=re.M)
        except (FileNotFoundError, NotADirectoryError):
            return ""

    def found(self, name, regex):
        return bool(re.search(regex, self.text(name), re.S | re.M))

    def everything(self):
        return "".join(self.text(os.path.relpath(os.path.join(where, name), self.directory))
                       for where, _, names in os.walk(self.directory) if ".git" not in where.split("/")
                       for name in names)


class Commit(Tree):
    """The files of a commit; what was found in one is remembered"""
    known = {}

    def __init__(self, repository, commit, files):
        self.repository = repository
        self.blobs = dict(reversed(line.split(None, 3)[2:]) for line in self.git(
            "ls-tree", "-r", commit, "--", *files).split("\n") if line)

    def git(self, *command):
        return subprocess.run(["git", "-c", "safe.directory=*", "-C", self.repository, *command],
                              capture_output=True, check=True).stdout.decode(errors="replace")

    def text(self, name):
        return self.git("cat-file", "blob", self.blobs[name]) if name in self.blobs else ""

    def found(self, name, regex):
        key = self.blobs.get(name), regex
        if key not in self.known:
            self.known[key] = super().found(name, regex)
        return self.known[key]


def faulty(conditions, tree):
    """conditions: those of a title"""
    return all(tree.found(*c[1:]) == (c[0] == "+") for c in conditions if c[0] in "+-")


def words(conditions):
    return next(c[1] for c in conditions if c[0] == "!")


def added(text):
    return "\n".join(line[1:] for line in text.split("\n") if re.match(r"\+(?!\+\+ )", line))


DEFINES = re.compile(r"(?m)^(?:[a-z_][\w\s*]*?\b(\w+)\((?!.*;$)|#define (\w+)|\t(CPUHP_\w+),|"
                     r"\t(?:bool|int|u8|u64|struct \w+)\s+\*?(\w+)(?: : \d)?;)")


def defined(text):
    """what a patch brings that another one may use"""
    return {next(filter(None, m.groups())) for m in DEFINES.finditer(added(text))}


def used(text):
    """the names that the code which a patch adds uses; what a comment says does not count"""
    code = re.sub(r"/\*.*?\*/|^\s*/?\*.*?$", "", added(text), flags=re.S | re.M)
    return {
        name for found in re.findall(r"(?:->|\.)(\w+)|\b(\w+)(?=\()|\b([A-Z]\w*)", code)
        for name in found if name}


def perhaps_there(tree, texts):
    """the patches of which each line is in the tree, or was taken away by a later one of them"""
    have = {}
    for n in reversed(range(len(texts))):
        adds, takes = {}, {}
        for part in re.split(r"(?m)^diff --git a/\S+ b/", texts[n])[1:]:
            name, _, diff = part.partition("\n")
            have.setdefault(name, set(tree.text(name).split("\n")))
            for sign, line in re.findall(r"(?m)^([-+])(?!-- |\+\+ )(.*)$", diff):
                (adds if sign == "+" else takes).setdefault(name, set()).add(line.rstrip(" \t\r"))
        if all(lines <= have[name] for name, lines in adds.items()):
            for name, lines in takes.items():
                have[name] |= lines
            yield n


def names_in(text):
    return set(re.findall(r"\w+", text))


def of_tree(directory, patches):
    conditions, tree = read_faults(), Tree(directory)
    texts = [open(patch, errors="replace").read() for patch in patches]
    everything = names_in(tree.everything())
    uses = [used(text) for text in texts]
    for n, text in enumerate(texts):
        # patches that are not of the series: nothing is known of them
        mine = conditions.get(title_of(text))
        if mine and not faulty(mine, tree):
            print("unneeded", n, words(mine), sep="\t")
    for m, text in enumerate(texts):
        for name in sorted(defined(text) - everything):
            for n in range(m + 1, len(texts)):
                if name in uses[n]:
                    print("stands", n, m, name, sep="\t")
    for n in perhaps_there(tree, texts):
        print("perhaps", n, sep="\t")


def for_tree(directory, candidates):
    tree, default = Tree(directory), None
    for candidate in candidates:
        conditions = read_list(candidate)[0]
        if not conditions:
            default = candidate
        elif faulty(conditions, tree):
            return candidate
    return default


def read_list(series):
    """(conditions, {title: {field: words}}) of SERIES/list; nothing if there is none"""
    conditions, entries, entry = [], {}, None
    name = os.path.join(series, "list")
    for line in open(name) if os.path.exists(name) else []:
        line = line.rstrip("\n")
        field = re.match(r"\t(why|differs|says|of|left): (.+)", line)
        if not line or line.startswith(("#", "never ")):
            continue
        if line[:2] in ("+ ", "- "):
            conditions.append(tuple(line.split(" ", 2)))
        elif field and entry is not None:
            entry[field.group(1)] = field.group(2)
        elif not line.startswith("\t") and line not in entries:
            entry = entries[line] = {}
        else:
            sys.exit("%s: not understood: %s" % (name, line))
    return conditions, entries


def of_prefixes(repository, commits):
    conditions = read_faults()
    files = sorted({c[1] for mine in conditions.values() for c in mine if c[0] in "+-"})
    trees = [Commit(repository, commit, files) for commit in commits]
    titles = [trees[0].git("log", "-1", "--format=%s", commit).strip() for commit in commits[1:]]
    wrong = ["is of other patches: " + title for title in sorted(set(titles) ^ set(conditions))]
    for n, title in enumerate(titles, 1):
        for k, tree in enumerate(trees):
            if title in conditions and faulty(conditions[title], tree) != (k < n):
                wrong.append("%s what %d repairs%s: %s" % (
                    "finds" if k >= n else "does not find", n,
                    ", behind %d" % k if k else " on the base", title))
                break
    for line in wrong:
        print("lab/series/faults " + line)
    return bool(wrong)


if __name__ == "__main__":
    if sys.argv[1:] in (["-h"], ["--help"]):
        print(__doc__.strip())
    elif len(sys.argv) > 3 and sys.argv[1] == "tree":
        of_tree(sys.argv[2], sys.argv[3:])
    elif len(sys.argv) > 3 and sys.argv[1] == "series":
        print(for_tree(sys.argv[2], [name.rstrip("/") for name in sys.argv[3:]]))
    elif len(sys.argv) > 3 and sys.argv[1] == "prefixes":
        sys.exit(of_prefixes(sys.argv[2], sys.argv[3:]))
    else:
        print("lab/series/fits.py: needs tree, series or prefixes, see --help", file=sys.stderr)
        sys.exit(2)
