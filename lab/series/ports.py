#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""
Is series/VERSION what series/VERSION/list says, next to series/7.3?

ports.py check SERIES 7.3-SERIES
    prints what is not so: a change or a changelog that is not that of the patch of the same
    title, without a reason; a reason without a difference; a patch of 7.3 that has changed
    since another one was made from it; a changelog about what that kernel does not have;
    another order, author or date.  Context and line numbers do not count.

ports.py mails SERIES 7.3-SERIES DIRECTORY
    writes mails to apply in turn: changes and changelogs of 7.3 where there is no reason for
    others, else those of SERIES.
"""
import glob
import hashlib
import os
import re
import sys

sys.dont_write_bytecode = True
import fits  # noqa: E402


class Mail:
    def __init__(self, path):
        self.path = path
        self.text = open(path, encoding="utf-8").read()
        self.head, _, rest = self.text.partition("\n\n")
        if re.match(r"---\n", rest):
            self.message, rest = "", rest[4:]
        else:
            self.message, _, rest = rest.partition("\n---\n")
        self.diff = rest[rest.index("diff --git "):]
        self.title = fits.title_of(self.text)
        self.who = re.findall(r"(?m)^(?:From|Date): .*(?:\n[ \t].*)*", self.head)
        self.change = self.changed_lines()
        self.hash = hashlib.sha1("\n".join([self.message] + self.change).encode()).hexdigest()[:12]

    def changed_lines(self):
        """what goes and what comes, file by file, without what is around it"""
        lines, name = [], ""
        for line in self.diff.split("\n"):
            if line.startswith(("--- ", "+++ ")):
                name = line
            elif line.startswith(("+", "-")):
                lines.append("%s %s" % (name[4:], line) if name[4:5] != "/" else line)
            elif line.startswith(("old mode", "new mode", "deleted file", "new file", "rename ")):
                lines.append(line)
        return lines


def mails(directory):
    return [Mail(path) for path in sorted(glob.glob(directory + "/[0-9][0-9][0-9][0-9]-*.patch"))]


def head_of(series):
    """the regex of what no changelog may speak of"""
    found = re.search(r"(?m)^never (.+)", open(series + "/list").read())
    return found and found.group(1)


def check(series, origin):
    _, entries = fits.read_list(series)
    here, there = mails(series), {mail.title: mail for mail in mails(origin)}
    never = head_of(series)
    order = [mail.title for mail in mails(origin)]
    wrong = []

    def say(title, what):
        wrong.append("%s: %s: %s" % (os.path.basename(series), title, what))

    for title in entries:
        if title not in there:
            say(title, "is in the list, and not in %s" % os.path.basename(origin))
        elif ("why" in entries[title]) == ("left" in entries[title]):
            say(title, "the list needs why, or left")
        elif "left" in entries[title] and len(entries[title]) > 1:
            say(title, "is left out, and has reasons for differences")
    if [t for t in order if t in entries] != [t for t in entries if t in order]:
        wrong.append("%s: the list is not in the order of %s" % (series, origin))
    taken = [title for title in entries if "why" in entries[title]]
    if [mail.title for mail in here] != taken:
        wrong.append("%s: the patches are not those of the list, in its order: %s" % (
            series, ", ".join(sorted(set(taken) ^ {m.title for m in here})) or "another order"))
    for mail in here:
        entry, other = entries.get(mail.title, {}), there.get(mail.title)
        if never and re.search(never, mail.message):
            say(mail.title, "speaks of '%s', which that kernel does not have" %
                re.search(never, mail.message).group())
        if not other:
            continue
        if mail.who != other.who:
            say(mail.title, "another author or date")
        for word, differ, what in (("differs", mail.change != other.change, "change"),
                                   ("says", mail.message != other.message, "changelog")):
            if differ and word not in entry:
                say(mail.title, "another %s, and the list does not say why" % what)
            if not differ and word in entry:
                say(mail.title, "the same %s, and the list says why it is another one" % what)
        ported = "differs" in entry or "says" in entry
        if ported and entry.get("of") != other.hash:
            say(mail.title, "was made from %s, and is %s now in %s: compare, then note that" % (
                entry.get("of", "what the list does not say"), other.hash, os.path.basename(origin)))
        if not ported and "of" in entry:
            say(mail.title, "needs no hash in the list")
    for line in wrong:
        print(line, file=sys.stderr)
    return bool(wrong)


def write(series, origin, directory):
    _, entries = fits.read_list(series)
    here = {mail.title: mail for mail in mails(series)}
    n = 0
    for mail in mails(origin):
        entry = entries.get(mail.title, {})
        if "why" not in entry:
            continue
        n += 1
        stored = here.get(mail.title, mail)
        message = stored.message if "says" in entry else mail.message
        # one whose context is another one there is stored, too
        for name, diff in (("", mail.diff), (".stored", stored.diff)):
            if "differs" in entry and not name:
                continue
            with open("%s/%04d%s.patch" % (directory, n, name), "w", encoding="utf-8") as file:
                file.write("%s\n\n%s\n---\n\n%s" % (mail.head, message, diff))


if __name__ == "__main__":
    if sys.argv[1:] in (["-h"], ["--help"]):
        print(__doc__.strip())
    elif len(sys.argv) == 4 and sys.argv[1] == "check":
        sys.exit(check(*sys.argv[2:]))
    elif len(sys.argv) == 5 and sys.argv[1] == "mails":
        write(*sys.argv[2:])
    else:
        print("lab/series/ports.py: needs check or mails, see --help", file=sys.stderr)
        sys.exit(2)
