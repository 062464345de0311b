"""For scripts/mutants-of: the places of Rust source at which a mistake can be planted, and probes that tell which are reached.

It reads tokens and braces, and knows no types: what it makes of a place need not compile. It relies on the layout of rustfmt,
which puts spaces around the operators of two operands and not around those of generics and references.
"""

import re

TOKEN = re.compile(
    r"""(?P<space>\s+|//[^\n]*)|(?P<comment>/\*)|(?P<text>b?r(?P<hashes>\#*)".*?"(?P=hashes)|[bc]?"(?:\\.|[^"\\])*"
    |b?'(?:\\(?:x[0-9a-fA-F]{2}|u\{[^}]*\}|.)|[^'\\])')|(?P<life>'\w+)|(?P<number>\d\w*(?:\.\d\w*)?)|(?P<word>\w+)
    |(?P<sign><<=|>>=|\.\.=|::|->|=>|&&|\|\||<<|>>|<=|>=|==|!=|[-+*/%&|^]=|\.\.|.)""",
    re.X | re.S,
)
SWAPS = {
    "<": ("border", "<="), "<=": ("border", "<"), ">": ("border", ">="), ">=": ("border", ">"),
    "==": ("negate", "!="), "!=": ("negate", "=="), "&&": ("logic", "||"), "||": ("logic", "&&"),
    "+": ("arithmetic", "-"), "-": ("arithmetic", "+"), "*": ("arithmetic", "/"), "/": ("arithmetic", "*"),
    "%": ("arithmetic", "*"), "+=": ("arithmetic", "-="), "-=": ("arithmetic", "+="),
    "&": ("bits", "|"), "|": ("bits", "&"), "^": ("bits", "|"), "<<": ("bits", ">>"), ">>": ("bits", "<<"),
    "&=": ("bits", "|="), "|=": ("bits", "&="), "^=": ("bits", "|="), "<<=": ("bits", ">>="), ">>=": ("bits", "<<="),
}  # fmt: skip
INTEGER = re.compile(r"(0x[0-9a-fA-F_]+?|0o[0-7_]+|0b[01_]+|[0-9][0-9_]*)((?:[iu](?:8|16|32|64|128|size))?)$")
# What begins a statement that is not dropped: without it nothing would compile, or nothing would differ.
KEPT = {"let", "use", "const", "static", "fn", "struct", "enum", "impl", "type", "return", "break", "continue", "#", "macro_rules"}
# They only tell people something, or are not in a release build.
LOGS = {"debug_assert", "debug_assert_eq", "debug_assert_ne", "vprintln", "trace", "debug", "info", "warn"}
PROBE = "chunkproof_reached"


class Token:
    def __init__(self, kind, text, start):
        self.kind, self.text, self.start, self.end = kind, text, start, start + len(text)


class Level:
    """A bracket that is open. `kind` of a brace is `block`, `match` or `other`; `region` is the probe of what is inside."""

    def __init__(self, kind, region, first):
        self.kind, self.region, self.first = kind, region, first
        self.pending = self.around = self.condition = self.arm = None
        self.is_pattern = False


def tokens(text):
    at, found = 0, []
    while at < len(text):
        match = TOKEN.match(text, at)
        if match["comment"]:
            depth, at = 1, at + 2
            while depth:
                edge = re.compile(r"/\*|\*/").search(text, at)
                depth, at = depth + (1 if edge[0] == "/*" else -1), edge.end()
            continue
        if match["space"] is None:
            kind = next(kind for kind in ["text", "life", "number", "word", "sign"] if match[kind] is not None)
            found.append(Token(kind, match[0], at))
        at = match.end()
    return found


class Reader:
    """Finds the places of one file. Regions are numbered from `probe` on."""

    def __init__(self, file, text, probe):
        self.file, self.text, self.probe = file, text, probe
        self.tokens = tokens(text)
        self.places, self.probes = [], []
        self.function, self.body = None, None

    def add(self, operator, start, end, to):
        self.places.append({
            "file": self.file, "line": self.text.count("\n", 0, start) + 1, "function": self.function, "operator": operator,
            "start": start, "end": end, "to": to, "at": self.levels[-1].region,
        })  # fmt: skip

    def region(self, start, end=None):
        """A new probe behind a brace, or around an expression."""
        self.probe += 1
        if end is None:
            self.probes.append((start, f" crate::{PROBE}({self.probe});"))
        else:
            self.probes.append((start, f"{{ crate::{PROBE}({self.probe}); "))
        return self.probe

    def skip(self, at):
        """The token after the group that begins at or after one: an item of tests, or a macro."""
        depth = 0
        for i in range(at, len(self.tokens)):
            text = self.tokens[i].text
            depth += (text in "([{") - (text in ")]}")
            if depth == 0 and (text == "}" or text == ";"):
                return i + 1
        return len(self.tokens)

    def is_spaced(self, token):
        return self.text[token.start - 1].isspace() and self.text[token.end].isspace()

    def negate(self, level, end):
        """The condition of an `if`, a `while` or a guard, up to a token."""
        start, level.condition = level.condition, None
        if start is None or start == end:
            return
        inside = self.tokens[start:end]
        signs = [token.text for token in inside if token.text in SWAPS and self.is_spaced(token)]
        if any(token.text == "let" for token in inside) or signs in (["=="], ["!="]):
            return
        first, last = inside[0].start, inside[-1].end
        self.add("negate", first, last, f"!({self.text[first:last]})")

    def drop(self, level, end):
        """The statement that ends with this semicolon."""
        first = self.tokens[level.first]
        start, level.first = level.first, end + 1
        if start >= end or self.body is None or first.text in LOGS:
            return
        if first.text == "return" and self.tokens[start + 1].text == "Err":
            self.add("error", first.start, self.tokens[end].end, "")
        elif first.text not in KEPT:
            self.add("drop", first.start, self.tokens[end].end, "")

    def close_arm(self, level, end):
        if level.arm is not None:
            self.probes.append((end, " }"))
            level.region, level.arm = level.arm, None

    def read(self):
        self.levels = [Level("other", None, 0)]
        i = 0
        while i < len(self.tokens):
            i = self.step(i)
        return self

    def step(self, i):
        token, level = self.tokens[i], self.levels[-1]
        text, before = token.text, self.tokens[i - 1].text if i else ""
        after = self.tokens[i + 1].text if i + 1 < len(self.tokens) else ""
        is_code = self.body is not None
        if text == "#" and after == "[" and self.tokens[i + 2].text in ("cfg", "test") and (
            self.tokens[i + 2].text == "test" or self.tokens[i + 4].text == "test"
        ):
            return self.skip(next(j for j in range(i, len(self.tokens)) if self.tokens[j].text == "]") + 1)
        if text == "#" and after in ("[", "!"):
            depth, j = 0, i + 1
            while True:
                depth += (self.tokens[j].text == "[") - (self.tokens[j].text == "]")
                j += 1
                if depth == 0 and self.tokens[j - 1].text == "]":
                    level.first = j if level.first == i else level.first
                    return j
        if token.kind == "word" and (text == "macro_rules" or text in LOGS) and after == "!":
            return self.skip(i)
        if token.kind == "word":
            self.word(i, token, level, before, after)
        elif token.kind == "number":
            match = INTEGER.match(text)
            if is_code and match and before != ".":
                value = int(match[1].replace("_", ""), 0)
                for step in [1, -1]:
                    self.add("constant", token.start, token.end, f"{value + step}{match[2]}")
        elif text in "([{" and token.kind == "sign":
            self.open(i, token, level, before)
        elif text in ")]}" and token.kind == "sign":
            self.close(i, token, level, after)
        elif text == "=>" and level.kind == "match":
            self.negate(level, i)
            level.pending = "block" if after == "{" else None
            if is_code and after != "{":
                level.arm, start = level.region, self.tokens[i + 1].start
                level.region = self.region(start, end=True)
        elif text == "," and level.kind == "match":
            self.close_arm(level, token.start)
            level.pending = None
        elif text == ";":
            level.pending = None
            if level.kind == "block":
                self.drop(level, i)
        elif text == "=" and level.is_pattern:
            level.is_pattern, level.pending = False, "block"
        elif is_code and text in SWAPS and self.is_spaced(token):
            self.add(SWAPS[text][0], token.start, token.end, SWAPS[text][1])
        return i + 1

    def word(self, i, token, level, before, after):
        text, is_code = token.text, self.body is not None
        if text == "fn" and self.tokens[i + 1].kind == "word":
            is_const = "const" in (before, self.tokens[i - 2].text if i > 1 else "")
            level.pending, self.named = ("const fn" if is_const else "fn"), after
        elif not is_code:
            return
        elif text in ("if", "while"):
            level.pending, level.condition = "block", i + 1
        elif text == "let" and level.condition is not None:
            level.is_pattern, level.pending = True, None
        elif text == "unsafe":
            level.pending, level.around = "block", level.pending
        elif text in ("loop", "else", "in"):
            level.pending = "block"
        elif text == "match":
            level.pending = "match"
        elif text in ("true", "false"):
            self.add("truth", token.start, token.end, "false" if text == "true" else "true")

    def open(self, i, token, level, before):
        kind, region = token.text, level.region
        if kind == "{":
            pending, level.pending, level.around = level.pending, level.around, None
            kind = "other"
            if pending in ("fn", "const fn"):
                # A function within another has its name, but a probe of its own: it may be for another system.
                if self.body is None:
                    self.function, self.body = self.named, len(self.levels)
                kind, region = "block", self.region(token.end) if pending == "fn" else None
            elif pending == "match":
                kind = "match"
            elif self.body is not None and (pending == "block" or before in ("{", "}", ";", "=", "|", "||", "=>")):
                if level.condition is not None:
                    self.negate(level, i)
                kind = "block"
                region = self.region(token.end) if level.region is not None else None
        self.levels.append(Level(kind, region, i + 1))

    def close(self, i, token, level, after):
        if level.kind == "match":
            self.close_arm(level, token.start)
        self.levels.pop()
        if self.body == len(self.levels):
            self.function = self.body = None
        outer = self.levels[-1]
        if token.text == "}" and level.kind in ("block", "match"):
            if outer.kind == "match":
                outer.pending = None
            elif after not in (".", "?", "else", ";", ")", ",", "as", "{") and after not in SWAPS:
                outer.first = i + 1
                # What is inside may have returned.
                if outer.kind == "block" and outer.region is not None and after != "}":
                    outer.region = self.region(token.end)


def read(folder, files):
    """The places of these files, and the text of each with its probes."""
    places, probed, probe = [], {}, -1
    for file in files:
        text = (folder / file).read_text()
        reader = Reader(file, text, probe).read()
        probe = reader.probe
        # Places are positions in the bytes of a file.
        places += [{**place, **{key: len(text[: place[key]].encode()) for key in ("start", "end")}} for place in reader.places]
        # An arm ends before the brace that closes its match, and what is around it begins before it.
        for at, inserted in sorted(reader.probes, key=lambda probe: probe[0], reverse=True):
            text = text[:at] + inserted + text[at:]
        probed[file] = text
    return places, probed, probe + 1


def recorder(count):
    """What a crate gets for its probes: each adds its number to a file once in a process."""
    return f"""
extern crate std as chunkproof_std;
#[doc(hidden)]
#[allow(warnings)]
pub(crate) fn {PROBE}(place: usize) {{
    use chunkproof_std::io::Write;
    use chunkproof_std::sync::atomic::{{AtomicBool, Ordering}};
    static REACHED: [AtomicBool; {count}] = [const {{ AtomicBool::new(false) }}; {count}];
    if !REACHED[place].swap(true, Ordering::Relaxed) {{
        let file = chunkproof_std::env::var_os("CHUNKPROOF_REACHED").expect("CHUNKPROOF_REACHED is set");
        let mut file = chunkproof_std::fs::OpenOptions::new().append(true).create(true).open(file).expect("a file of probes");
        file.write_all(chunkproof_std::format!("{{place}}\\n").as_bytes()).expect("a probe");
    }}
}}
"""
