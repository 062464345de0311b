import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.attribute.FileTime;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/**
 * An adapter between chunkproof and Apache Commons Compress.
 *
 * <p>It lists the entries of a tar and puts the tree together, as docs/protocol.md describes it for {@code tar/list}.
 */
final class Main {
    private static final int PART = 64 << 10;

    public static void main(String[] arguments) throws Exception {
        new ChunkproofAdapter("commons-compress", arguments[0])
            .declare("lacks", Map.of("tar/list", List.of("xattrs")))
            .operation("tar/list", ChunkproofAdapter.CHUNKED, input -> Map.of("entries", list(input.bytes("tar"))))
            .run();
    }

    private static List<Map<String, Object>> list(byte[] archive) {
        var tree = new Tree();
        try (var tar = new TarArchiveInputStream(new ByteArrayInputStream(archive), "UTF-8")) {
            // The type of what is returned is a wider one before 1.25.
            for (var entry = (TarArchiveEntry) tar.getNextEntry(); entry != null; entry = (TarArchiveEntry) tar.getNextEntry()) {
                if (entry.isLink()) {
                    tree.link(entry.getName(), entry.getLinkName());
                } else if (!entry.isGlobalPaxHeader()) {
                    tree.put(entry.getName(), node(entry, tar));
                }
            }
        } catch (IOException error) {
            throw new ChunkproofAdapter.Reject(error.toString());
        }
        return tree.entries();
    }

    private static Map<String, Object> node(TarArchiveEntry entry, TarArchiveInputStream tar) throws IOException {
        var node = new LinkedHashMap<String, Object>();
        node.put("uid", entry.getLongUserId());
        node.put("gid", entry.getLongGroupId());
        node.put("mtime", seconds(entry.getLastModifiedTime()));
        if (entry.isSymbolicLink()) {
            node.put("type", "symlink");
            node.put("link", Tree.encode(entry.getLinkName()));
            return node;
        }
        node.put("mode", entry.getMode() & 07777);
        if (entry.isCharacterDevice() || entry.isBlockDevice()) {
            node.put("type", entry.isBlockDevice() ? "block" : "char");
            node.put("dev_major", entry.getDevMajor());
            node.put("dev_minor", entry.getDevMinor());
        } else if (entry.isFIFO()) {
            node.put("type", "fifo");
        } else if (entry.isDirectory()) {
            node.put("type", "dir");
        } else {
            node.put("type", "reg");
            node.putAll(content(tar));
        }
        return node;
    }

    private static Map<String, Object> content(TarArchiveInputStream tar) throws IOException {
        var content = new ChunkproofAdapter.Tar();
        var part = new byte[PART];
        for (int size = tar.read(part); size >= 0; size = tar.read(part)) {
            content.write(part, 0, size);
        }
        return content.output();
    }

    private static String seconds(FileTime time) {
        var whole = BigDecimal.valueOf(time.to(TimeUnit.SECONDS));
        var instant = time.toInstant();
        // What is outside of the years that an instant has is a whole number of seconds.
        var isExact = instant.getEpochSecond() == time.to(TimeUnit.SECONDS);
        var fraction = BigDecimal.valueOf(isExact ? instant.getNano() : 0, 9);
        var sum = whole.add(fraction).stripTrailingZeros();
        return sum.setScale(Math.max(sum.scale(), 0)).toPlainString();
    }
}
