import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import com.github.luben.zstd.util.ZstdVersion;
import java.io.ByteArrayInputStream;
import java.io.IOException;

/** An adapter between chunkproof and zstd-jni. It speaks docs/protocol.md. */
public final class Main {
    public static void main(String[] arguments) throws Exception {
        new ChunkproofAdapter("zstd-jni", ZstdVersion.VERSION)
            .operation("layer/decompress", ChunkproofAdapter.CHUNKED, input -> {
                var tar = new ChunkproofAdapter.Tar();
                try (var stream = new ZstdInputStreamNoFinalizer(new ByteArrayInputStream(input.bytes("blob")))) {
                    stream.transferTo(tar);
                } catch (IOException error) {
                    throw new ChunkproofAdapter.Reject(error.getMessage());
                }
                return tar.output();
            })
            .run();
    }
}
