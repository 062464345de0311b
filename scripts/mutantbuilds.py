"""For scripts/mutants-of: adapters as copies that can be changed, in Go and Rust."""

import json
import os
import re
import shlex
import shutil
import subprocess
import tomllib
from pathlib import Path

import rustplaces

ROOT = Path(__file__).resolve().parent.parent
BUILD_SECONDS = 600


def command(*words, folder=None, env=None, seconds=None):
    """A command that has to succeed: what it prints."""
    words = [str(word) for word in words]
    done = subprocess.run(
        words, cwd=folder, env={**os.environ, **(env or {})}, capture_output=True, text=True, timeout=seconds
    )
    if done.returncode != 0:
        raise ChildProcessError(f"{shlex.join(words)} failed:\n{done.stderr[-4000:]}")
    return done.stdout


class Build:
    """The adapter and the implementation as copies that can be changed, in `source/adapter` and `source/library` of a folder."""

    def __init__(self, name, described, folder):
        self.name, self.folder = name, folder
        self.home = ROOT / "adapters" / name
        self.code, self.module = described["code"], described["module"]
        adapter = tomllib.loads((self.home / "adapter.toml").read_text())
        newest = adapter["versions"][0]
        self.version = newest["version"]
        self.words = {"version": self.version, "folder": str(self.home), "out": str(folder / "plain"), **newest.get("with", {})}
        self.env = adapter.get("env", {})
        self.arguments = [self.fill(word) for word in adapter["run"][1:]]
        self.program = self.fill(adapter["run"][0])
        shutil.rmtree(folder, ignore_errors=True)
        (folder / "plain").mkdir(parents=True)
        for step in adapter["build"] if self.is_built_first else []:
            command(*map(self.fill, step), folder=self.home, env=self.env)
        self.source = folder / "plain/source"
        if not self.source.is_dir():
            self.source = folder / "source"
            # Where its manifest looks for the kit, beside the adapter.
            shutil.copytree(self.home, self.source / "adapter", ignore=shutil.ignore_patterns("results"))
            for path in adapter.get("sources", []):
                place = self.source / "adapter" / path
                place.parent.mkdir(parents=True, exist_ok=True)
                if (self.home / path).is_dir():
                    shutil.copytree(self.home / path, place)
                else:
                    # The manifest of a package may link to files beside it.
                    shutil.copytree((self.home / path).parent, place.parent, dirs_exist_ok=True)
            self.replace()
        self.library = self.source / "library"

    def fill(self, word):
        return re.sub(r"\{(\w+)\}", lambda match: self.words[match[1]], word)

    def copy(self, library):
        # With new times: cargo would keep the last build, which may be that of a mutant, as newer than the files of the release.
        shutil.copytree(library, self.source / "library", copy_function=shutil.copy)
        command("chmod", "-R", "u+w", self.source / "library")

    def files(self):
        """The files that are changed, as paths in the library."""
        found = []
        for path in self.code:
            place = self.library / path
            files = [place] if place.is_file() else place.rglob("*" + self.suffix)
            found += [str(file.relative_to(self.library)) for file in files if self.is_code(file)]
        return sorted(set(found))

    def reached(self, places, run):
        """Which places a run of the probed build reaches, by their numbers."""
        record = self.folder / "reached"
        record.unlink(missing_ok=True)
        run({"CHUNKPROOF_REACHED": str(record.absolute())})
        probes = set(map(int, record.read_text().split())) if record.exists() else set()
        # A function that the compiler may run has no probe.
        return {number for number, place in enumerate(places) if place["at"] is None or place["at"] in probes}


class GoBuild(Build):
    suffix = ".go"
    # Its build may write the copies, and the binary has the tags.
    is_built_first = True

    def replace(self):
        adapter = self.source / "adapter"
        for file in (adapter / "versions" / self.version).glob("go.*"):
            shutil.copy(file, adapter)
        self.copy(command("go", "list", "-m", "-f={{.Dir}}", self.module, folder=adapter).strip())
        command("go", "mod", "edit", f"-replace={self.module}=../library", folder=adapter)

    def is_code(self, file):
        # Build constraints are left to coverage: what is not built is not reached.
        return not file.name.endswith("_test.go") and not file.name.startswith("chunkproof_")

    def build(self, out, *more):
        tags = re.search(r"^\tbuild\t-tags=(.*)$", command("go", "version", "-m", self.program), re.M)
        words = ["-trimpath", "-ldflags=-s -w", f"-tags={tags[1] if tags else ''}", *more, "-o", out, "."]
        command("go", "build", *words, folder=self.source / "adapter", env=self.env, seconds=BUILD_SECONDS)
        return out

    def places(self):
        words = ["go", "run", ROOT / "scripts/mutants-of.go", self.library, self.folder / "probes", *self.files()]
        return [json.loads(line) for line in command(*words).splitlines()]

    def baseline(self):
        return self.build(self.folder / "baseline")

    def overlaid(self, files, out):
        """Builds with other files. Only packages of them are compiled again."""
        overlay = {str((self.library / file).absolute()): str(instead.absolute()) for file, instead in files.items()}
        place = (self.folder / "overlay.json").absolute()
        place.write_text(json.dumps({"Replace": overlay}))
        return self.build(out, f"-overlay={place}")

    def mutant(self, place, text):
        instead = self.folder / "mutant.go"
        instead.write_bytes(text)
        return self.overlaid({place["file"]: instead}, self.folder / "mutant")

    def probed(self):
        probes = self.folder / "probes"
        return self.overlaid({str(file.relative_to(probes)): file for file in probes.rglob("*.go")}, self.folder / "probed")


class RustBuild(Build):
    suffix = ".rs"
    is_built_first = False
    # A copy is no longer a dependency, whose lints cargo caps: one that denies warnings would hardly compile with a mistake.
    profile = {
        "CARGO_PROFILE_RELEASE_OPT_LEVEL": "1", "CARGO_PROFILE_RELEASE_INCREMENTAL": "true", "RUSTFLAGS": "--cap-lints=allow",
    }  # fmt: skip

    def manifest(self):
        return self.source / "adapter/versions" / self.version / "Cargo.toml"

    def replace(self):
        words = ["cargo", "metadata", "--format-version=1", "--manifest-path", self.manifest()]
        packages = json.loads(command(*words))["packages"]
        found = [package for package in packages if package["name"] == self.module and package["version"] == self.version]
        self.copy(Path(found[0]["manifest_path"]).parent)
        with open(self.manifest(), "a") as manifest:
            manifest.write(f'\n[patch.crates-io]\n{self.module} = {{ path = "../../../library" }}\n')

    def is_code(self, file):
        return "tests" not in file.parts and file.stem != "tests"

    def build(self, out):
        words = ["cargo", "build", "--release", "--quiet", "--manifest-path", self.manifest()]
        target = self.folder.with_name("cargo")
        command(*words, "--target-dir", target, env={**self.env, **self.profile}, seconds=BUILD_SECONDS)
        shutil.copy(target / "release" / Path(self.program).name, out)
        return out

    def places(self):
        places, self.texts, self.count = rustplaces.read(self.library, self.files())
        return places

    def baseline(self):
        return self.build(self.folder / "baseline")

    def changed(self, texts, out):
        """Builds with other texts of files, and puts them back."""
        kept = {file: (self.library / file).read_bytes() for file in texts}
        try:
            for file, text in texts.items():
                (self.library / file).write_bytes(text)
            return self.build(out)
        finally:
            for file, text in kept.items():
                (self.library / file).write_bytes(text)

    def mutant(self, place, text):
        return self.changed({place["file"]: text}, self.folder / "mutant")

    def probed(self):
        texts = {file: text.encode() for file, text in self.texts.items()}
        root = "src/lib.rs"
        text = texts.get(root, (self.library / root).read_bytes())
        texts[root] = text + rustplaces.recorder(self.count).encode()
        return self.changed(texts, self.folder / "probed")


BUILDS = {"go": GoBuild, "rust": RustBuild}
