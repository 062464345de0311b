import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** An adapter between chunkproof and example. */
public final class Main {
    public static void main(String[] arguments) throws Exception {
        // TODO: the name and the version of your implementation.
        new ChunkproofAdapter("example", "1")
            .operation("footer/parse", List.of("g4", "g5"), Main::footer)
            // TODO: an operation for each thing that your implementation does. The comment in ChunkproofAdapter.java has another one.
            .run();
    }

    // TODO: call your implementation. This reads footers of 64 bytes, to show how input and output look.
    private static Object footer(ChunkproofAdapter.Input input) {
        byte[] tail = input.bytes("tail");
        var last72 = ByteBuffer.wrap(tail, Math.max(0, tail.length - 72), Math.min(72, tail.length)).order(ByteOrder.LITTLE_ENDIAN);
        if (tail.length < 72 || last72.getLong() != 0x40184d2a50L || !new String(tail, tail.length - 8, 8).equals("GNUlInUx")) {
            throw new ChunkproofAdapter.Reject("no 64-byte footer at the end");
        }
        var fields = new BigInteger[7];
        for (int i = 0; i < 7; i++) {
            fields[i] = new BigInteger(Long.toUnsignedString(last72.getLong()));
        }
        var toc = Arrays.asList(fields).subList(0, 3);
        var tarSplit = Arrays.asList(fields).subList(4, 7);
        boolean hasTarSplit = tarSplit.stream().anyMatch(number -> number.signum() != 0);
        var last = hasTarSplit ? tarSplit : toc;
        boolean isEmpty = last.get(1).signum() == 0 && last.get(2).signum() > 0;
        if (!fields[3].equals(BigInteger.ONE) || toc.get(0).compareTo(BigInteger.valueOf(8)) < 0 || toc.contains(BigInteger.ZERO) || isEmpty) {
            throw new ChunkproofAdapter.Reject("the manifest type, an offset or a length is wrong");
        }
        var eight = BigInteger.valueOf(8);
        boolean isAdjacent = !hasTarSplit || tarSplit.get(0).equals(end(toc).add(eight));
        if (!end(last).equals(input.blobSize().subtract(BigInteger.valueOf(72))) || !isAdjacent) {
            throw new ChunkproofAdapter.Reject("TOC, tar-split and footer are not adjacent");
        }
        var output = new LinkedHashMap<String, Object>();
        output.put("layout", "v64");
        output.put("toc", position(toc));
        output.put("tar_split", hasTarSplit ? position(tarSplit) : null);
        return output;
    }

    private static BigInteger end(List<BigInteger> span) {
        return span.get(0).add(span.get(1));
    }

    private static Map<String, Object> position(List<BigInteger> span) {
        return Map.of("offset", span.get(0), "length", span.get(1), "uncompressed", span.get(2));
    }
}
