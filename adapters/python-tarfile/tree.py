"""The tree that the members of a tar make, as docs/protocol.md describes it for `tar/list`."""

import base64


class Obstacle(Exception):
    """The members make no tree."""


class Tree:
    def __init__(self):
        # By the components of the path. A directory that no member names is there and has no node.
        self.nodes = {}

    def put(self, name, node, target=b""):
        """Puts a node, which is none of a hard link; `target` is that of a symbolic link."""
        path = components(name)
        if not path:
            # Only a directory can be the root.
            if node["type"] == "dir":
                self.nodes[()] = (node, b"")
            return
        path = (*self.directory(path[:-1], True), path[-1])
        if node["type"] == "symlink":
            check_target(path, target)
        self.replace(check_length(path), node, target)

    def link(self, name, target):
        """Makes a hard link, which is what its target is."""
        path, target = components(name), components(target)
        if not path:
            return
        if not target:
            raise Obstacle("a hard link to the root")
        path = check_length((*self.directory(path[:-1], True), path[-1]))
        target = (*self.directory(target[:-1], False), target[-1])
        if target == path:
            raise Obstacle("a hard link to itself")
        found = self.nodes.get(target)
        if found is None or found[0] is None or found[0]["type"] == "dir":
            raise Obstacle("the target of a hard link is not a file before it")
        self.replace(path, *found)

    def replace(self, path, node, target):
        before = self.nodes.get(path)
        is_dir = before is not None and (before[0] is None or before[0]["type"] == "dir")
        if before is not None and not (is_dir and node["type"] == "dir"):
            self.nodes = {other: found for other, found in self.nodes.items() if other[: len(path)] != path}
        self.nodes[path] = (node, target)

    def directory(self, path, is_made):
        """The path of a directory with its symbolic links followed."""
        at, left, links = (), list(reversed(path)), 0
        while left:
            part = left.pop()
            if part == b"..":
                at = at[:-1]
                continue
            step = (*at, part)
            if step not in self.nodes:
                if not is_made or links:
                    raise Obstacle("a directory is not there")
                self.nodes[check_length(step)] = (None, b"")
            node, target = self.nodes[step]
            if node is None or node["type"] == "dir":
                at = step
            elif node["type"] == "symlink" and links < 40:
                links += 1
                at = () if target.startswith(b"/") else at
                left += [part for part in reversed(target.split(b"/")) if part not in (b"", b".")]
            else:
                raise Obstacle("an entry below what is not a directory")
        return at

    def entries(self):
        named = {b"/".join(path): node for path, (node, _) in self.nodes.items() if node is not None}
        return [{"path": base64.b64encode(path).decode(), **named[path]} for path in sorted(named)]


def components(name):
    path = []
    for part in name.split(b"/"):
        if part == b"..":
            if not path and not name.startswith(b"/"):
                raise Obstacle("a name leads out of the root")
            path = path[:-1]
        elif part not in (b"", b"."):
            path.append(part)
    return tuple(path)


def check_length(path):
    if len(path[-1]) > 255 or len(b"/".join(path)) > 4095:
        raise Obstacle("a name is too long")
    return path


def check_target(path, target):
    if not target or len(target) > 4095:
        raise Obstacle("the target of a symbolic link is empty or too long")
    depth = len(path) - 1
    for part in target.split(b"/") if not target.startswith(b"/") else []:
        depth += -1 if part == b".." else part not in (b"", b".")
        if depth < 0:
            raise Obstacle("the target of a symbolic link leads out of the root")
