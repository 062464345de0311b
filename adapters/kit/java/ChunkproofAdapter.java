import java.io.ByteArrayOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The protocol of chunkproof for adapters in Java, in one file without dependencies.
 *
 * <pre>{@code
 * new ChunkproofAdapter("example", "1.2.3")
 *     .operation("layer/decompress", ChunkproofAdapter.CHUNKED, input -> {
 *         var tar = new ChunkproofAdapter.Tar();
 *         try {
 *             Example.decompress(input.bytes("blob"), tar);
 *         } catch (ExampleException error) {
 *             throw new ChunkproofAdapter.Reject(error.getMessage());
 *         }
 *         return tar.output();
 *     })
 *     .run();
 * }</pre>
 *
 * An operation returns its output: maps, lists, strings, {@code byte[]} and integers, which are written as the protocol writes them,
 * and null. To reject it throws {@link Reject}; to decline it throws {@link Decline}, and {@link Unsupported} where the implementation
 * cannot do this. Every other exception ends the process: a crash is a crash, and never a rejection. What is printed goes to stderr,
 * since stdout has nothing but answers.
 *
 * <p>docs/protocol.md describes operations, inputs and outputs. Java 11 or later.
 */
public final class ChunkproofAdapter {
    /** The version of the protocol. */
    public static final int PROTOCOL = 0;

    /** The dialects of zstd:chunked. A program that decompresses zstd reads all of them. */
    public static final List<String> CHUNKED = List.of("g1", "g2", "g3", "g4", "g5");

    /** The input is refused. */
    public static final class Reject extends RuntimeException {
        private final String rule;

        /** With a message for people. */
        public Reject(String message) {
            this(message, null);
        }

        /** With a message for people, and the id of the rule that is broken. */
        public Reject(String message, String rule) {
            super(message);
            this.rule = rule;
        }
    }

    /** The implementation would download the layer in full. */
    public static final class Decline extends RuntimeException {
        /** With a message for people. */
        public Decline(String message) {
            super(message);
        }
    }

    /** The implementation cannot do this, although it declares the operation. */
    public static final class Unsupported extends RuntimeException {
        /** With a message for people. */
        public Unsupported(String message) {
            super(message);
        }
    }

    /** Answers a case with its output. */
    public interface Operation {
        /** Answers a case with its output. */
        Object answer(Input input) throws Exception;
    }

    /** The input of a case. */
    public static final class Input {
        private final Map<?, ?> fields;

        private Input(Map<?, ?> fields) {
            this.fields = fields;
        }

        /** A field of bytes. */
        public byte[] bytes(String field) {
            return decode(fields.get(field));
        }

        /** A field of text, or null. */
        public String text(String field) {
            return (String) fields.get(field);
        }

        /** The size of the blob of which there is the end; as unsigned, it may be above the largest {@code long}. */
        public BigInteger blobSize() {
            return new BigInteger(text("blob_size"));
        }

        /** The annotations. */
        public Map<String, String> annotations() {
            var found = new LinkedHashMap<String, String>();
            ((Map<?, ?>) fields.get("annotations")).forEach((key, value) -> found.put((String) key, (String) value));
            return found;
        }

        /** The files for {@code tarsplit/assemble}: each a name and a content. */
        public List<byte[][]> files() {
            var found = new ArrayList<byte[][]>();
            for (Object file : (List<?>) fields.get("files")) {
                found.add(new byte[][] {decode(((Map<?, ?>) file).get("name")), decode(((Map<?, ?>) file).get("content"))});
            }
            return found;
        }

        private static byte[] decode(Object value) {
            return Base64.getDecoder().decode((String) ((Map<?, ?>) value).get("base64"));
        }
    }

    /** What is asked of a tar that nobody keeps: write it here. */
    public static final class Tar extends OutputStream {
        private final MessageDigest sha256;
        private long size;

        /** An empty tar. */
        public Tar() {
            try {
                sha256 = MessageDigest.getInstance("SHA-256");
            } catch (NoSuchAlgorithmException impossible) {
                throw new AssertionError(impossible);
            }
        }

        @Override
        public void write(int part) {
            sha256.update((byte) part);
            size++;
        }

        @Override
        public void write(byte[] part, int start, int length) {
            sha256.update(part, start, length);
            size += length;
        }

        /** Digest and size of what was written. */
        public Map<String, Object> output() {
            return Map.of("sha256", String.format("%064x", new BigInteger(1, sha256.digest())), "size", size);
        }
    }

    private final Map<String, Object> hello = new LinkedHashMap<>();
    private final Map<String, Object> dialects = new LinkedHashMap<>();
    private final Map<String, Operation> operations = new LinkedHashMap<>();

    /** An adapter without operations. */
    public ChunkproofAdapter(String name, String version) {
        hello.put("name", name);
        hello.put("version", version);
        hello.put("language", "java");
        hello.put("ops", dialects);
    }

    /** Sets another field of the handshake: {@code choices}, {@code rules}, {@code lacks} or {@code language}. */
    public ChunkproofAdapter declare(String field, Object value) {
        hello.put(field, value);
        return this;
    }

    /** Declares an operation in these dialects. */
    public ChunkproofAdapter operation(String op, List<String> dialects, Operation operation) {
        this.dialects.put(op, dialects);
        operations.put(op, operation);
        return this;
    }

    /** Answers requests until the end of the input. */
    public void run() throws Exception {
        var answers = new FileOutputStream(FileDescriptor.out);
        System.setOut(System.err);
        for (String line = readLine(System.in); line != null; line = readLine(System.in)) {
            var request = (Map<?, ?>) new Reader(line).document();
            var answer = new StringBuilder("{\"seq\":").append(request.get("seq")).append(',');
            answer(request, answer);
            answers.write(answer.append("}\n").toString().getBytes(StandardCharsets.UTF_8));
            answers.flush();
        }
    }

    private void answer(Map<?, ?> request, StringBuilder to) throws Exception {
        var op = (String) request.get("op");
        var operation = operations.get(op);
        if (op.equals("hello")) {
            // The version is a number in JSON, which those of outputs are not.
            to.append("\"hello\":{\"chunkproof\":").append(PROTOCOL).append(',');
            var rest = new StringBuilder();
            write(hello, rest);
            to.append(rest, 1, rest.length());
        } else if (operation == null) {
            refuse("unsupported", op, null, to);
        } else {
            try {
                var output = new StringBuilder();
                write(operation.answer(new Input((Map<?, ?>) request.get("input"))), output);
                to.append("\"accept\":").append(output);
            } catch (Reject error) {
                refuse("reject", error.getMessage(), error.rule, to);
            } catch (Decline error) {
                refuse("decline", error.getMessage(), null, to);
            } catch (Unsupported error) {
                refuse("unsupported", error.getMessage(), null, to);
            }
        }
    }

    private static void refuse(String kind, String message, String rule, StringBuilder to) {
        var why = new LinkedHashMap<String, Object>();
        why.put("message", String.valueOf(message));
        if (rule != null) {
            why.put("rule", rule);
        }
        to.append('"').append(kind).append("\":");
        write(why, to);
    }

    /** A line without its line feed, or null at the end. */
    private static String readLine(InputStream from) throws IOException {
        var line = new ByteArrayOutputStream();
        for (int next = from.read(); next >= 0; next = from.read()) {
            if (next == '\n') {
                return line.toString(StandardCharsets.UTF_8);
            }
            line.write(next);
        }
        return null;
    }

    private static void write(Object value, StringBuilder to) {
        if (value == null || value instanceof Boolean) {
            to.append(value);
        } else if (value instanceof byte[]) {
            to.append("{\"base64\":\"").append(Base64.getEncoder().encodeToString((byte[]) value)).append("\"}");
        } else if (value instanceof Map) {
            var comma = '{';
            for (Map.Entry<?, ?> member : ((Map<?, ?>) value).entrySet()) {
                to.append(comma);
                writeString((String) member.getKey(), to);
                to.append(':');
                write(member.getValue(), to);
                comma = ',';
            }
            to.append(comma == '{' ? "{}" : "}");
        } else if (value instanceof List) {
            var comma = '[';
            for (Object item : (List<?>) value) {
                to.append(comma);
                write(item, to);
                comma = ',';
            }
            to.append(comma == '[' ? "[]" : "]");
        } else {
            // Numbers are strings of decimal digits.
            writeString(value.toString(), to);
        }
    }

    private static void writeString(String text, StringBuilder to) {
        to.append('"');
        for (char c : text.toCharArray()) {
            if (c == '"' || c == '\\') {
                to.append('\\').append(c);
            } else if (c < 0x20 || c >= 0xd800 && c < 0xe000) {
                to.append(String.format("\\u%04x", (int) c));
            } else {
                to.append(c);
            }
        }
        to.append('"');
    }

    /** A strict reader of JSON. Numbers stay as they are written. */
    private static final class Reader {
        private static final int DEPTH = 16;

        private final String text;
        private int at;

        Reader(String text) {
            this.text = text;
        }

        Object document() {
            var value = value(0);
            skip();
            if (at != text.length()) {
                throw wrong();
            }
            return value;
        }

        private Object value(int depth) {
            if (depth > DEPTH) {
                throw wrong();
            }
            skip();
            switch (peek()) {
                case '"':
                    return string();
                case '{':
                    var members = new LinkedHashMap<String, Object>();
                    at++;
                    for (skip(); peek() != '}'; next('}')) {
                        var key = string();
                        skip();
                        expect(':');
                        if (members.containsKey(key)) {
                            throw wrong();
                        }
                        members.put(key, value(depth + 1));
                    }
                    at++;
                    return members;
                case '[':
                    var items = new ArrayList<Object>();
                    at++;
                    for (skip(); peek() != ']'; next(']')) {
                        items.add(value(depth + 1));
                    }
                    at++;
                    return items;
                default:
                    int start = at;
                    while (at < text.length() && ",]} \t\r\n".indexOf(text.charAt(at)) < 0) {
                        at++;
                    }
                    var word = text.substring(start, at);
                    switch (word) {
                        case "null":
                            return null;
                        case "true":
                        case "false":
                            return Boolean.valueOf(word);
                        default:
                            return new java.math.BigDecimal(word);
                    }
            }
        }

        /** What follows a member: a comma, or the end. */
        private void next(char end) {
            skip();
            if (peek() != end) {
                expect(',');
                skip();
            }
        }

        private String string() {
            expect('"');
            int end = at;
            while (end < text.length() && text.charAt(end) != '"' && text.charAt(end) != '\\') {
                end++;
            }
            // Most strings, and all that are long, have no escapes.
            var found = new StringBuilder().append(text, at, end);
            at = end;
            while (peek() != '"') {
                char c = text.charAt(at++);
                if (c < 0x20) {
                    throw wrong();
                }
                found.append(c == '\\' ? escape() : c);
            }
            at++;
            return found.toString();
        }

        private char escape() {
            char name = peek();
            at++;
            int known = "\"\\/bfnrt".indexOf(name);
            if (known >= 0) {
                return "\"\\/\b\f\n\r\t".charAt(known);
            }
            if (name != 'u' || at + 4 > text.length()) {
                throw wrong();
            }
            at += 4;
            return (char) Integer.parseInt(text.substring(at - 4, at), 16);
        }

        private void skip() {
            while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
                at++;
            }
        }

        private char peek() {
            if (at >= text.length()) {
                throw wrong();
            }
            return text.charAt(at);
        }

        private void expect(char c) {
            if (peek() != c) {
                throw wrong();
            }
            at++;
        }

        private IllegalStateException wrong() {
            return new IllegalStateException("the request is not JSON at character " + at);
        }
    }
}
