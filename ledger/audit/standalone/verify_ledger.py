# ruff: noqa: B905, BLE001, C901, D102, D204, E401, E501, E701, E731, I001, PLW2901, PYI024 - short, to be read whole
# fmt: off
"""Checks an audit bundle of a casualty ledger, and trusts nobody, least of all its maker.

It needs Python 3.8 or later and nothing else, and shares no code with the program that made the bundle. Take this
file, the log's key and your checkpoints from elsewhere: what lies in the bundle, its maker may have changed together.
Checked are events (canonical JSON in a tree of RFC 6962), all files' SHA-256, tiles, totals (counted anew), checkpoints
and proofs (C2SP tlog-checkpoint, tlog-cosignature, tlog-proof, tlog-witness; RFC 9162). What was FOUND to be wrong and
what stays OPEN is said one a line. Exit code: 0 fine, 3 findings, 2 called in a wrong way.
"""
import argparse, base64, calendar, functools, io, itertools, json, pathlib, re, subprocess, sys, tempfile, zipfile
from collections import Counter, defaultdict, namedtuple
from hashlib import sha256

try:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
except ImportError: Ed25519PublicKey = None  # then the command openssl is asked

class Bundle:
    """The members of a bundle: a zip or a folder."""
    def __init__(self, path, brought):
        self.path, self.zip = path, None if path.is_dir() else zipfile.ZipFile(path)
        files = (at.relative_to(path).as_posix() for at in path.rglob("*") if not (at.is_dir() or at.resolve() in brought))
        self.names = [one.filename for one in self.zip.infolist() if not one.is_dir()] if self.zip else [*files]
    def lines(self, name):
        """The lines of a member as far as it can be read: its SHA-256 tells if that is all."""
        try:
            with self.zip.open(name) if self.zip else (self.path / name).open("rb") as stream:
                yield from io.BufferedReader(stream, 1 << 20)
        except Exception: return  # a damaged zip makes the library raise nearly anything
    def read(self, name): return b"".join(self.lines(name))

# 1. Events and their tree
KEY, TIME = map(re.compile, (r"[a-z0-9][a-z0-9._-]*", r"\d{4}(-\d\d){2}T\d\d(:\d\d){2}\.\d{6}Z"))
FIELDS = ["id", "stream", "type", "recorded_at", "recorded_by", "position", "version", "schema", "data"]
KINDS = dict(zip(FIELDS, [str] * 5 + [int] * 3 + [dict]))

def event_of(body):
    """The event that a line holds: canonical JSON (RFC 8785) within the ledger's profile, else ValueError."""
    event = json.loads(body.decode())
    again = json.dumps(event, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    if again.encode() != body or len(body) > 65535 or is_odd(event, 1):
        raise ValueError("it is no canonical JSON (RFC 8785) within the ledger's profile")
    wrong = [name for name in KINDS if type(event.get(name)) is not KINDS[name]]
    if wrong: raise ValueError(f"it is no event: {', '.join(wrong)} missing or of another type")
    return event

def is_odd(value, depth):
    """Whether it holds a fraction, a number beyond 2^53, NUL, an odd key, or is over 32 deep."""
    if isinstance(value, str): return "\0" in value
    if not isinstance(value, (dict, list)): return type(value) is float or abs(value or 0) >= 2**53
    keys, parts = (value, value.values()) if isinstance(value, dict) else ((), value)
    return depth > 32 or not all(map(KEY.fullmatch, keys)) or any(is_odd(one, depth + 1) for one in parts)

class Tree:
    """The Merkle tree of RFC 6962 over the events, from the hashes of its leaves."""
    def __init__(self): self.size, self.leaves = 0, bytearray()
    @functools.lru_cache(1 << 16)  # noqa: B019 - there is one tree
    def hash(self, start, stop):
        """The hash of a subtree; where it starts at 0, it is the root of the first `stop` events."""
        if stop - start < 2: return bytes(self.leaves[32 * start:32 * stop]) or sha256().digest()
        middle = start + (1 << (stop - start - 1).bit_length() - 1)
        return sha256(b"\1" + self.hash(start, middle) + self.hash(middle, stop)).digest()
    def proof(self, at, start, stop, leaf):
        """How event `at` - 1 (`leaf`), or else the first `at`, lead to the root (RFC 9162, 2.1.3.1, 2.1.4.1)."""
        if stop - start == 1 if leaf else at == stop: return [] if leaf or not start else [self.hash(start, stop)]
        middle = start + (1 << (stop - start - 1).bit_length() - 1)
        if at <= middle: return [*self.proof(at, start, middle, leaf), self.hash(middle, stop)]
        return [*self.proof(at, middle, stop, leaf), self.hash(start, middle)]
    def tiles(self):
        """The path and content of every tile: up to 256 hashes of every eighth level."""
        for level in range(8):
            full = self.size >> 8 * level
            for number in range(full + 255 >> 8):
                some = range(number << 8, min(full, number + 1 << 8))
                *high, low = re.findall("...", re.sub("^(000)+(?=...)", "", f"{number:018d}"))
                path = "".join(f"x{one}/" for one in high) + low + f".p/{len(some)}" * (len(some) < 256)
                hashes = (self.hash(at << 8 * level, at + 1 << 8 * level) for at in some)
                yield f"tile/{level}/{path}", b"".join(hashes)

# 2. Checkpoints and their signatures
LOG, WITNESS = b"\1", b"\4"  # kinds of keys: of a log, of a witness who cosigns what a log signed
NUMBER, LINES = "(0|[1-9][0-9]{0,17})\n", "((?:[^\n]+\n)*)\n"
CHECKPOINT = re.compile(f"(([^\n]+)\n{NUMBER}([^\n]+)\n(?:[^\n]+\n)*)\n((?:— [^\n]+\n)+)")
SIGNATURE = re.compile(r"— ([^\s+]+) ([A-Za-z0-9+/=]+)")
PROOF = re.compile(f"(?:c2sp.org/tlog-proof@v1\nextra (.*)\nindex |old ){NUMBER}{LINES}([^\0]*)")
Key = namedtuple("Key", "name id kind public")  # id: four bytes that its signatures carry

def unbase64(text):
    """The bytes of base64 that is written in the one right way, else ValueError."""
    data = base64.b64decode(text, validate=True)
    if base64.b64encode(data).decode() != text: raise ValueError(f"{text!r} is not in base64")
    return data

def key_of(text):
    """The key that `name+hash+base64` writes, else ValueError."""
    name, told, public = text.split("+", 2)
    key = Key(name, sha256(f"{name}\n".encode() + (data := unbase64(public))).digest()[:4], data[:1], data[1:])
    if (key.id.hex(), len(data)) == (told, 33) and key.kind in (LOG, WITNESS): return key
    raise ValueError(text)

def is_good(key, text, signature):
    """Whether a key made a signature, by `cryptography` or else by the command openssl."""
    if key.kind == WITNESS:  # its signature begins with its time
        time, signature = int.from_bytes(signature[:8], "big"), signature[8:]
        text = b"cosignature/v1\ntime %d\n" % time + text
    if Ed25519PublicKey is not None:
        try: Ed25519PublicKey.from_public_bytes(key.public).verify(signature, text)
        except InvalidSignature: return False
        return True
    files = {"k": bytes.fromhex("302a300506032b6570032100") + key.public, "t": text, "s": signature}
    command = "openssl pkeyutl -verify -rawin -pubin -keyform DER -inkey k -in t -sigfile s"
    with tempfile.TemporaryDirectory() as folder:
        for name, data in files.items(): pathlib.Path(folder, name).write_bytes(data)
        try: return subprocess.run(command.split(), cwd=folder, capture_output=True, check=False).returncode == 0
        except OSError: return False

# 3. Counts: what stands of the claims, and what it adds up to
CLOCK = re.compile("([0-9]{2}):([0-9]{2})(?::([0-9]{2}))?(?:Z|([+-])([0-9]{2}):([0-9]{2}))?")
ATTRIBUTE = re.compile(r'([a-z-]+)=("(?:[^"\\]|\\.)*"|[^],="]*)')
Figure = namedtuple("Figure", "low best high at_least")  # best, else low: then it is "at least"
Claim = namedtuple("Claim", "moment position place figure vague claimant set_aside")
NO_SOURCE = ("", 1 << 20), "F"  # its moment, before all others, and that its reliability cannot be judged

@functools.lru_cache(1 << 16)
def moment(date):
    """The last day of a date and the second of that day; a day without a time is its end."""
    day, timed, time = date.split("/")[-1].rstrip("~?").partition("T")
    if 0 < len(day) < len("2020-03-11"):
        year, month = f"{day}-12".split("-")[:2]
        day = f"{year}-{month}-{calendar.monthrange(int(year), int(month))[1]}"
    if not timed: return day, 1 << 20
    hour, minute, second, sign, *zone = CLOCK.fullmatch(time).groups("0")
    hours, minutes = (int(own) - int(sign + ahead) for own, ahead in zip((hour, minute), zone))
    return day, 3600 * hours + 60 * minutes + int(second)

def walk(claims):
    """What stands at last: each claim replaces the one before, except a vague one that the one before satisfies."""
    last, *others = sorted(claims)
    for one in others:
        best, (low, _, high, _) = last.figure.best, one.figure
        fits = best is not None and (low or 0) <= best <= (best if high is None else high)
        if not one.vague or not (fits or low is high is None): last = one
    return last

def latest(claims):
    """The figure of a line: of each claimant the claim that stands, and of these the last."""
    sound = [one for one in claims if not one.set_aside] or claims
    return walk(walk(one for one in sound if one.claimant == who) for who in {one.claimant for one in sound}).figure

def add(figures):
    """The sum of what is known; its high is unknown as soon as one high is."""
    lows, bests, highs, least = zip(*figures)
    low, best = (sum(one for one in some if one is not None) if {*some} - {None} else None for some in (lows, bests))
    return Figure(low, best, None if None in highs else sum(highs), any(least) or None in bests)

attributes = functools.lru_cache(1 << 16)(lambda line: dict(ATTRIBUTE.findall(line)))  # of killed[sex=male,role=police]

@functools.lru_cache(1 << 16)
def parents(lines):
    """The line within which each lies: the one that says most of what it says; "" if none."""
    around = lambda line: (one for one in lines if attributes(one).items() < attributes(line).items())
    return {line: min(around(line), key=lambda one: (-len(attributes(one)), one), default="") for line in sorted(lines)}

@functools.lru_cache(1 << 16)
def overlap(lines):
    """Whether two lines may count the same persons, with no line around to hold them apart."""
    for (one, around), (other, beside) in itertools.combinations(parents(lines).items(), 2):
        a, b, outer = attributes(one), attributes(other), attributes(around)
        alike = all(a[key] == b[key] for key in a.keys() & b.keys())
        if around == beside and alike and (not around or a.keys() & b.keys() - outer.keys()): return True
    return False

def counted(own, merged, lost):
    """The lines that count: of those that came by a merge, only such as do not overlap."""
    inside = frozenset(own)
    if overlap(inside): inside = inside.union(lost)  # they have no claims any more, but hold others apart
    if overlap(inside): inside, merged = frozenset(), [*own, *merged]
    for lines in (inside.union(merged), inside.union(merged, lost)):
        if not overlap(lines): return lines
    for line in merged: inside = inside if overlap(inside | {line}) else inside | {line}
    return inside

def figure_of(line, inside, own):
    """The figure of a line: its own, and never less than any family of lines inside it."""
    found, families = own.get(line, Figure(None, None, None, False)), defaultdict(list)
    for child in (child for child, parent in inside.items() if parent == line):
        for key in attributes(child).keys() - attributes(line).keys():
            families[key].append(figure_of(child, inside, own))
    for _, family in sorted(families.items()):
        low, best, high, least = add(family)
        if low is not None: found = found._replace(low=max(low, found.low or 0))
        if best is not None and (found.best is None or best > found.best): found = Figure(found.low, best, high, least)
    return found

class Totals:
    """What stands of the events: first all of them pass `note`, then all pass `take`."""
    def __init__(self):
        self.retractions, self.batches, self.taken = [], defaultdict(list), {}  # taken back, and how
        self.sources, self.incidents, self.same = {}, {}, {}
        self.claims, self.lost = defaultdict(list), defaultdict(list)  # lost: lines taken back
    def note(self, event):
        """Remember what an event takes back: a position, a (position, line), or a batch."""
        at, line = event["data"].get("position"), event["data"].get("line")
        self.batches[event.get("batch", "")].append(event["position"])
        if event["type"] == "event.retracted":
            what = self.batches[event["stream"][len("batch/"):]] if at is None else {(at, line) if line else at}
            self.retractions.append((event["position"], what, event["data"]["kind"]))
    def take(self, event):
        """Bring what stands up to date with an event."""
        kind, data, stream, here = (event[name] for name in ("type", "data", "stream", "position"))
        told = data.get({"counts.reported": "claims", "incident.recorded": "counts"}.get(kind), ())
        for place, one in enumerate(told):
            fate = self.taken.get(here) or self.taken.get((here, one["line"]))
            cited, as_of = event["citations"][one.get("citation", 0)], moment(one["as_of"]) if "as_of" in one else None
            count = (one["count"].get(name) for name in ("low", "best", "high"))
            what = fate or (*count, as_of, cited["source"], cited["claimant"], cited.get("grade", 6))
            into = self.lost if fate == "error" else self.claims
            into[stream].append((sys.intern(one["line"]), here, place, self.same.setdefault(what, what)))
        if here in self.taken: return
        if kind in ("source.registered", "source.revised"):
            new = {"published": "", "grade": "F", **data} if kind == "source.registered" else data["changes"]
            day, grade = self.sources.get(stream, NO_SOURCE)
            day = moment(new["published"]) if "published" in new else day
            self.sources[stream] = day, new.get("grade", grade)
        elif kind == "incident.recorded": self.incidents[stream] = data.get("status"), stream
        elif stream not in self.incidents: return  # of an incident that was taken back
        elif kind == "incident.merged": self.incidents[stream] = "merged", "incident/" + data["into"]
        elif kind == "incident.revised":
            (status, into), claims = self.incidents[stream], self.claims[stream]
            self.incidents[stream] = data.get("status", status), into
            moved = {one["line"]: one["to"] for one in data.get("reclassify", ())}
            claims[:] = [(moved.get(line, line), *rest) for line, *rest in claims]
    def incident(self, streams):
        """The measures of an incident (the first stream) and those merged into it, with figures of top lines."""
        found = defaultdict(lambda: (defaultdict(list), defaultdict(list), set()))
        for stream in streams:
            for line, *_ in self.lost.get(stream, ()): found[line.split("[")[0]][2].add(line)
            for line, here, place, what in self.claims.get(stream, ()):
                what = self.taken.get((here, line), what)  # or retracted by the line to which it was moved
                if what == "withdrawn": found[line.split("[")[0]][2].add(line)
                if isinstance(what, str): continue
                low, best, high, as_of, source, claimant, grade = what
                day, reliability = self.sources.get("source/" + source, NO_SOURCE)
                figure = Figure(low, low if best is None else best, high, best is None and low is not None)
                known = figure, best is None, claimant, grade in (4, 5) or reliability == "E"
                found[line.split("[")[0]][stream != streams[0]][line].append(Claim(as_of or day, here, place, *known))
        for measure, (own, merged, lost) in found.items():
            order = sorted(merged, key=lambda line, some=merged: min(one[1:3] for one in some[line]))
            inside = parents(counted([*own], order, lost))
            figures = {line: latest(own[line] + merged[line]) for line in inside if own[line] or merged[line]}
            if figures: yield measure, [figure_of(line, inside, figures) for line in inside if not inside[line]]
    def rows(self):
        """The lines of the default report of totals."""
        into = lambda one: self.incidents.get(one, (None, one))[1]
        goal = lambda one: one if into(one) == one else goal(into(one))  # where merges lead, one after another
        streams, measures = {one: [one] for one in self.incidents}, defaultdict(list)
        for one in self.incidents: streams.get(goal(one), []).extend({one} - {goal(one)})
        for one in (one for one, (status, _) in self.incidents.items() if status != "discounted" and into(one) == one):
            for measure, tops in self.incident(streams[one]): measures[measure].append(tops)
        rows = ["measure,low,best,high,incidents,lines,at_least,unknown"]
        for measure, some in sorted(measures.items()):
            tops = [one for tops in some for one in tops]
            doubts = (one.at_least for one in tops), (one.best is None for one in tops)
            row = (measure, *add(tops)[:3], len(some), len(tops), *map(sum, doubts))
            rows.append(",".join("" if one is None else str(one) for one in row))
        return rows

TRIED = ("PUAXw+hDiVqStwqnTRt+vJyYLM8uxJaMwM1V8Sr0Zgw=",  # RFC 8032, section 7.1, test 2
         "kqAJqfDUyrhyDoILX2QlQKKye1QWUD+Ps3YiI+vbadoIWsHkPhWZbkWPNhPQ8R2MOHsurrQwKu6wDSkWErsMAA==")

class Audit:
    """What is found, and how many of the first events someone else than the bundle's maker vouches for."""
    def __init__(self, bundle, keys, quorum):
        self.bundle, self.keys, self.quorum, self.tree, self.totals = bundle, keys, quorum, Tree(), Totals()
        self.found, self.vouched, self.ids, self.versions, self.last = 0, 0, set(), Counter(), ""
        self.able = is_good(Key("", b"", LOG, unbase64(TRIED[0])), b"r", unbase64(TRIED[1]))
    def finding(self, where, what, sort="FOUND"):
        """Print on one line what is wrong, with nothing in it that a terminal might obey."""
        self.found += sort == "FOUND"
        print(ascii(f"{sort} {where}: {what}")[1:-1])
    def attempt(self, where, check, *given):
        """Whether a check went through; whatever damaged data make Python raise is a finding."""
        try: return check(where, *given) or True
        except Exception as error: self.finding(where, f"cannot be read: {error!r}")
    def event(self, where, here, line):
        """Check an event and its place."""
        self.tree.leaves += sha256(b"\0" + line.rstrip(b"\n")).digest()
        self.tree.size += 1
        event = event_of(line[:-1] if line[-1:] == b"\n" else b"")
        before, self.last, stream = self.last, event["recorded_at"], event["stream"]
        self.versions[stream] += 1
        right = {"position": here, "version": self.versions[stream]}
        wrong = [f"its {name} is {event[name]}, not {right[name]}" for name in right if event[name] != right[name]]
        if not TIME.fullmatch(self.last) or self.last < before: wrong.append(f"it is of {self.last}, after {before}")
        if event["id"] in self.ids: wrong.append(f"its id {event['id']} is that of an event before it")
        if wrong: self.finding(where, "; ".join(wrong))
        if event["schema"] != 1: self.finding(where, "its schema is newer than this program", "OPEN")
        self.ids.add(event["id"])
        self.totals.note(event)
    def events(self):
        """Check all events, then find what was taken back, then bring the totals up to date with all."""
        lines, readable = lambda: enumerate(self.bundle.lines("events.jsonl")), set()
        for here, line in lines():
            if self.attempt(f"position {here}", self.event, here, line): readable.add(here)
        for position, what, kind in reversed(self.totals.retractions):  # a retraction may have been retracted
            if position not in self.totals.taken: self.totals.taken.update(dict.fromkeys(what, kind))
        for here, line in lines():
            if here in readable: self.attempt(f"position {here}", lambda _, line=line: self.totals.take(json.loads(line)))
    def contents(self, where):
        """Compare what bundle.json says of all members, head, tiles and totals with what is there."""
        told, names, tiles = json.loads(self.bundle.read(where)), self.bundle.names, dict(self.tree.tiles())
        head = {"size": self.tree.size, "root": self.tree.hash(0, self.tree.size).hex(), "recorded_at": self.last}
        for name, right in (("bundle", "casualty-ledger"), ("version", 1), ("head", head)):
            if told[name] != right: self.finding(where, f"{name} is {told[name]}, not {right}")
        for name in sorted({*names, *told["files"], *tiles} - {where}):
            right, real = told["files"].get(name), sha256()
            for line in self.bundle.lines(name): real.update(line)
            if names.count(name) != 1 or right != real.hexdigest():
                self.finding(name, f"{names.count(name)} with SHA-256 {real.hexdigest()}; {where} says {right}")
            elif name.startswith("tile/") and self.bundle.read(name) != tiles.get(name):
                self.finding(name, "is not the tile that the events give")
        asked = {report["file"]: report["asked"] for report in told["reports"]}
        for name in sorted({*asked, *(name for name in names if name.startswith("reports/"))}):
            if asked.get(name) == "totals": self.attempt(name, self.report)
            else: self.finding(name, f"asked {asked.get(name)}: only its SHA-256 was compared", "OPEN")
    def report(self, where):
        """Compare the default totals row by row with those that the events give."""
        for told, right in itertools.zip_longest(self.bundle.read(where).decode().split("\n"), [*self.totals.rows(), ""]):
            if told != right: self.finding(where, f"says {told}; the events give {right}")
    def checkpoint(self, where, text, outside):
        """Hold a checkpoint against the events and the keys; gives its size."""
        found, good, note = self.found, set(), CHECKPOINT.fullmatch(text)
        odd = re.search("[\0-\t\v-\x1f\ud800-\udfff]", text)  # control characters, and what was no UTF-8
        lines = [SIGNATURE.fullmatch(line) for line in note[5].split("\n")[:-1]] if note else [None]
        if odd or not all(lines): raise ValueError("it is not an origin, a size, a root, an empty line and signatures")
        signed, origin, size, root = note[1].encode(), note[2], int(note[3]), unbase64(note[4])
        real = self.tree.hash(0, min(size, self.tree.size))
        if size > self.tree.size: self.finding(where, f"tells of {size} events: {self.tree.size} are here")
        elif root != real: self.finding(where, f"its root of {size} events is {root.hex()}; these have {real.hex()}")
        for name, blob in ((line[1], unbase64(line[2])) for line in lines):
            for key in (key for key in self.keys if self.able and (key.name, key.id) == (name, blob[:4])):
                good.add(key)
                if not is_good(key, signed, blob[4:]): self.finding(where, f"{name} did not make its signature")
        logs = {key for key in self.keys if key.kind == LOG}
        if self.able and logs and origin not in {key.name for key in good & logs}:
            self.finding(where, f"{origin} did not sign it with a key that was given")
        cosigned = len({key.public for key in good - logs}) >= self.quorum
        if self.able and outside and not cosigned: self.finding(where, f"fewer than {self.quorum} witnesses cosigned it")
        if self.found == found and (outside or (self.quorum and cosigned)): self.vouched = max(self.vouched, size)
        return size
    def proof(self, where, text, outside):
        """Compare a proof with the one that the events give."""
        found = PROOF.fullmatch(text)
        if not found: raise ValueError("it is neither a signed checkpoint nor a proof")
        (event, at, path, note), leaf = found.groups(), found[1] is not None
        size, at = self.checkpoint(where, note, outside), int(at) + leaf
        if not 0 < at <= size <= self.tree.size: self.finding(where, "is of events that are not here")
        elif [unbase64(one) for one in path.split("\n")[:-1]] != self.tree.proof(at, 0, size, leaf):
            self.finding(where, "its hashes are not those that lead to the root")
        elif leaf and sha256(b"\0" + unbase64(event)).digest() != self.tree.hash(at - 1, at):
            self.finding(where, f"its event is not the one at position {at - 1}")

def main(arguments=None):
    """Check a bundle as the command line says; gives the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bundle", nargs="?", type=pathlib.Path, help="a zip or a folder; else what lies beside this file")
    for name, kind in (("checkpoint", pathlib.Path), ("proof", pathlib.Path), ("vkey", key_of), ("witness", key_of)):
        parser.add_argument(f"--{name}", action="append", default=[], type=kind)
    parser.add_argument("--quorum", type=int, default=0, help="how many of the witnesses must have cosigned")
    asked, beside = parser.parse_args(arguments), pathlib.Path(__file__).resolve().parent
    zips, quorum = [] if (beside / "bundle.json").exists() else [*beside.glob("*.zip")], asked.quorum
    path = asked.bundle or (zips[0] if len(zips) == 1 else beside)
    wrong = [key for key in asked.vkey if key.kind != LOG] + [key for key in asked.witness if key.kind != WITNESS]
    if wrong or not 0 <= quorum <= len({key.public for key in asked.witness}):
        parser.error("--vkey takes keys of logs, --witness of witnesses, --quorum no more than there are of these")
    brought = asked.checkpoint + asked.proof
    try: given = [(str(one), one.read_bytes(), True) for one in brought]
    except OSError as error: parser.error(str(error))
    if not path.exists(): parser.error(f"{path} is not there")
    try: audit = Audit(Bundle(path, {one.resolve() for one in brought}), {*asked.vkey, *asked.witness}, quorum)
    except Exception as error: return print(ascii(f"FOUND {path}: no zip that can be read: {error!r}")) or 3
    audit.events()
    audit.attempt("bundle.json", audit.contents)
    names = sorted(name for name in {*audit.bundle.names} if name.startswith(("checkpoints/", "proofs/")))
    for name, data, outside in [*((name, audit.bundle.read(name), False) for name in names), *given]:
        text = data.decode(errors="surrogateescape")  # what no text may hold is found by checkpoint
        audit.attempt(name, audit.checkpoint if CHECKPOINT.fullmatch(text) else audit.proof, text, outside)
    if not asked.vkey: audit.finding("signatures", "none was checked: no --vkey was given", "OPEN")
    elif not audit.able: audit.finding("signatures", "none was checked: no cryptography, no openssl that can", "OPEN")
    if audit.able and quorum and not audit.vouched: audit.finding("checkpoints", "none is cosigned by so many witnesses")
    size = audit.tree.size
    if audit.vouched < size:
        audit.finding(f"positions {audit.vouched} to {size - 1}", "newer than any checkpoint from outside", "OPEN")
    print(f"{size} events, root {audit.tree.hash(0, size).hex()}, findings: {audit.found}")
    return 3 if audit.found else 0

if __name__ == "__main__": sys.exit(main())
