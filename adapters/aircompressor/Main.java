import io.airlift.compress.MalformedInputException;
import io.airlift.compress.zstd.ZstdInputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Properties;

/** An adapter between chunkproof and the zstd of aircompressor. It speaks docs/protocol.md. */
public final class Main {
    public static void main(String[] arguments) throws Exception {
        new ChunkproofAdapter("aircompressor", version())
            .operation("layer/decompress", ChunkproofAdapter.CHUNKED, input -> {
                var tar = new ChunkproofAdapter.Tar();
                try (var stream = new ZstdInputStream(new ByteArrayInputStream(input.bytes("blob")))) {
                    stream.transferTo(tar);
                } catch (MalformedInputException | IOException error) {
                    throw new ChunkproofAdapter.Reject(error.getMessage());
                }
                return tar.output();
            })
            .run();
    }

    /** What is on the class path, so what is under test. */
    private static String version() throws IOException {
        var properties = new Properties();
        try (var file = ZstdInputStream.class.getResourceAsStream("/META-INF/maven/io.airlift/aircompressor/pom.properties")) {
            properties.load(file);
        }
        return properties.getProperty("version");
    }
}
