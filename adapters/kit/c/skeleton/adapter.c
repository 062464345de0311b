/* An adapter between chunkproof and example. */

#include "chunkproof_adapter.h"

#include <inttypes.h>
#include <string.h>

static uint64_t field(const unsigned char *tail, int index) {
    uint64_t number = 0;
    for (int i = 7; i >= 0; i--) number = number << 8 | tail[8 + 8 * index + i];
    return number;
}

/* Whether a span ends there. The sum of two numbers of a footer need not fit 64 bits. */
static int ends(const uint64_t span[3], uint64_t end) { return span[0] <= end && end - span[0] == span[1]; }

#define POSITION "{\"offset\":\"%" PRIu64 "\",\"length\":\"%" PRIu64 "\",\"uncompressed\":\"%" PRIu64 "\"}"

/* TODO: call your implementation. This reads footers of 64 bytes, to show how input and output look. */
static void footer(const chunkproof_input *input, chunkproof_answer *answer) {
    chunkproof_bytes bytes = chunkproof_field(input, "tail");
    if (bytes.size < 72) {
        chunkproof_reject(answer, "no 64-byte footer at the end");
        return;
    }
    const unsigned char *tail = bytes.data + bytes.size - 72;
    if (memcmp(tail, "\x50\x2a\x4d\x18\x40\0\0\0", 8) != 0 || memcmp(tail + 64, "GNUlInUx", 8) != 0) {
        chunkproof_reject(answer, "no 64-byte footer at the end");
        return;
    }
    uint64_t toc[3], tar_split[3];
    for (int i = 0; i < 3; i++) toc[i] = field(tail, i), tar_split[i] = field(tail, 4 + i);
    int has_tar_split = (tar_split[0] | tar_split[1] | tar_split[2]) != 0;
    const uint64_t *last = has_tar_split ? tar_split : toc;
    if (field(tail, 3) != 1 || toc[0] < 8 || !toc[1] || !toc[2] || (!last[1] && last[2])) {
        chunkproof_reject(answer, "the manifest type, an offset or a length is wrong");
    } else if (!ends(last, chunkproof_blob_size(input) - 72) || (has_tar_split && !ends(toc, tar_split[0] - 8))) {
        chunkproof_reject(answer, "TOC, tar-split and footer are not adjacent");
    } else if (has_tar_split) {
        chunkproof_accept(answer, "{\"layout\":\"v64\",\"toc\":" POSITION ",\"tar_split\":" POSITION "}", toc[0], toc[1], toc[2],
                          tar_split[0], tar_split[1], tar_split[2]);
    } else {
        chunkproof_accept(answer, "{\"layout\":\"v64\",\"toc\":" POSITION ",\"tar_split\":null}", toc[0], toc[1], toc[2]);
    }
}

int main(void) {
    static const chunkproof_operation operations[] = {
        {"footer/parse", "g4 g5", footer},
        /* TODO: an operation for each thing that your implementation does, such as {"layer/decompress", "g1 g2 g3 g4 g5", decompress};
         * the comment in chunkproof_adapter.h has its function. */
        {0},
    };
    /* TODO: the name and the version of your implementation. */
    static const chunkproof_adapter adapter = {.name = "example", .version = "1", .operations = operations};
    return chunkproof_run(&adapter);
}
