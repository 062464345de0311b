import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The tree that the entries of a tar make, as docs/protocol.md describes it for {@code tar/list}. */
final class Tree {
    private static final int LINKS = 40;
    private static final int NAME = 255;
    private static final int PATH = 4095;

    /** By the path from the root. A directory that no entry names is there and has no fields. */
    private final Map<String, Map<String, Object>> nodes = new HashMap<>(Map.of("", Map.of()));

    /** Puts an entry that is no hard link. */
    void put(String name, Map<String, Object> node) {
        var path = components(name);
        if (path.isEmpty()) {
            if (isDirectory(node)) {
                nodes.put("", node);
            }
            return;
        }
        var at = checked(join(directory(parents(path), true), last(path)));
        if (node.get("type").equals("symlink")) {
            checkTarget(at, target(node));
        }
        replace(at, node);
    }

    /** Makes a hard link, which is what its target is. */
    void link(String name, String target) {
        var path = components(name);
        var from = components(target);
        if (path.isEmpty()) {
            return;
        }
        if (from.isEmpty()) {
            throw new ChunkproofAdapter.Reject("a hard link to the root");
        }
        var at = checked(join(directory(parents(path), true), last(path)));
        var to = join(directory(parents(from), false), last(from));
        if (to.equals(at)) {
            throw new ChunkproofAdapter.Reject("a hard link to itself");
        }
        var found = nodes.get(to);
        if (found == null || isDirectory(found)) {
            throw new ChunkproofAdapter.Reject("the target of a hard link is not a file before it");
        }
        replace(at, found);
    }

    List<Map<String, Object>> entries() {
        var named = new ArrayList<Map.Entry<String, Map<String, Object>>>();
        nodes.entrySet().stream().filter(node -> !node.getValue().isEmpty()).forEach(named::add);
        named.sort((one, other) -> Arrays.compareUnsigned(bytes(one.getKey()), bytes(other.getKey())));
        var entries = new ArrayList<Map<String, Object>>();
        for (var node : named) {
            var entry = new HashMap<>(node.getValue());
            entry.put("path", encode(node.getKey()));
            entries.add(entry);
        }
        return entries;
    }

    static String encode(String text) {
        return Base64.getEncoder().encodeToString(bytes(text));
    }

    private void replace(String path, Map<String, Object> node) {
        var before = nodes.get(path);
        if (before != null && !(isDirectory(before) && isDirectory(node))) {
            nodes.keySet().removeIf(other -> other.startsWith(path + "/"));
        }
        nodes.put(path, node);
    }

    /** The path of a directory with its symbolic links followed. */
    private String directory(List<String> path, boolean isMade) {
        var at = "";
        var links = 0;
        Deque<String> left = new ArrayDeque<>(path);
        while (!left.isEmpty()) {
            var part = left.pop();
            if (part.isEmpty() || part.equals(".")) {
                continue;
            }
            if (part.equals("..")) {
                at = at.substring(0, Math.max(at.lastIndexOf('/'), 0));
                continue;
            }
            var step = join(at, part);
            var found = nodes.get(step);
            if (found == null) {
                if (!isMade || links > 0) {
                    throw new ChunkproofAdapter.Reject("a directory is not there");
                }
                found = Map.of();
                nodes.put(checked(step), found);
            }
            if (isDirectory(found)) {
                at = step;
            } else if (found.get("type").equals("symlink") && links < LINKS) {
                links++;
                var target = target(found);
                at = target.startsWith("/") ? "" : at;
                var parts = target.split("/");
                for (int i = parts.length - 1; i >= 0; i--) {
                    left.push(parts[i]);
                }
            } else {
                throw new ChunkproofAdapter.Reject("an entry below what is not a directory");
            }
        }
        return at;
    }

    private static boolean isDirectory(Map<String, Object> node) {
        return node.isEmpty() || node.get("type").equals("dir");
    }

    private static String target(Map<String, Object> node) {
        return new String(Base64.getDecoder().decode((String) node.get("link")), StandardCharsets.UTF_8);
    }

    private static List<String> components(String name) {
        var path = new ArrayList<String>();
        for (var part : name.split("/")) {
            if (part.equals("..")) {
                if (path.isEmpty() && !name.startsWith("/")) {
                    throw new ChunkproofAdapter.Reject("a name leads out of the root");
                }
                if (!path.isEmpty()) {
                    path.remove(path.size() - 1);
                }
            } else if (!part.isEmpty() && !part.equals(".")) {
                path.add(part);
            }
        }
        return path;
    }

    private static List<String> parents(List<String> path) {
        return path.subList(0, path.size() - 1);
    }

    private static String last(List<String> path) {
        return path.get(path.size() - 1);
    }

    private static String join(String folder, String name) {
        return folder.isEmpty() ? name : folder + "/" + name;
    }

    private static String checked(String path) {
        if (bytes(path).length > PATH || bytes(path.substring(path.lastIndexOf('/') + 1)).length > NAME) {
            throw new ChunkproofAdapter.Reject("a name is too long");
        }
        return path;
    }

    private static void checkTarget(String path, String target) {
        if (target.isEmpty() || bytes(target).length > PATH) {
            throw new ChunkproofAdapter.Reject("the target of a symbolic link is empty or too long");
        }
        if (target.startsWith("/")) {
            return;
        }
        var depth = (int) path.chars().filter(c -> c == '/').count();
        for (var part : target.split("/")) {
            if (part.equals("..")) {
                depth--;
            } else if (!part.isEmpty() && !part.equals(".")) {
                depth++;
            }
            if (depth < 0) {
                throw new ChunkproofAdapter.Reject("the target of a symbolic link leads out of the root");
            }
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
