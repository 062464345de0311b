import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

public final class Main {
    public static void main(String[] arguments) throws Exception {
        new ChunkproofAdapter("mirror", "1")
            .operation("layer/decompress", List.of("g4", "g5"), input -> {
                System.out.println("junk");
                var tar = new ChunkproofAdapter.Tar();
                byte[] blob = input.bytes("blob");
                for (int at = 0; at < blob.length; at++) {
                    if (at % 2 == 0) {
                        tar.write(blob[at]);
                    } else {
                        tar.write(blob, at, 1);
                    }
                }
                return tar.output();
            })
            .operation("footer/parse", List.of("g5"), input ->
                Map.of("tail", input.bytes("tail"), "size", input.blobSize(), "list", Arrays.asList(null, true)))
            .operation("annotations/parse", List.of("g5"), input -> {
                var annotations = input.annotations();
                throw annotations.containsKey("own")
                    ? new ChunkproofAdapter.Reject(annotations.get("own"))
                    : new ChunkproofAdapter.Reject(annotations.get("base64"), "ANN-01");
            })
            .operation("toc/parse", List.of("g5"), input -> {
                var dialect = input.text("dialect");
                if (dialect.equals("g1")) {
                    throw new ChunkproofAdapter.Decline(dialect);
                }
                throw new ChunkproofAdapter.Unsupported(dialect);
            })
            .operation("tarsplit/assemble", List.of("g5"), input -> {
                var parts = new ArrayList<byte[]>();
                input.files().forEach(file -> parts.addAll(List.of(file)));
                return new LinkedHashMap<>(Map.of("files", parts));
            })
            .operation("layer/index", List.of("g5"), input -> {
                throw new IllegalStateException("no rejection");
            })
            .run();
    }
}
