"""Packs the files of the set from where they are."""

from pathlib import Path

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class Hook(BuildHookInterface):
    def initialize(self, version, build_data):
        files = [path for path in Path(self.root).glob("*.json") if path.name != "package.json"]
        for path in [*files, Path(self.root, "blobs")]:
            build_data["force_include"][str(path)] = f"chunkproof_vectors/data/{path.name}"
