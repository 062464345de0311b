#include "chunkproof_adapter.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void decompress(const chunkproof_input *input, chunkproof_answer *answer) {
    chunkproof_bytes blob = chunkproof_field(input, "blob");
    chunkproof_tar tar;
    puts("junk");
    chunkproof_tar_begin(&tar);
    for (size_t at = 0; at < blob.size; at += 10) chunkproof_tar_write(blob.data + at, blob.size - at < 10 ? blob.size - at : 10, &tar);
    chunkproof_accept_tar(answer, &tar);
}

static void footer(const chunkproof_input *input, chunkproof_answer *answer) {
    chunkproof_bytes tail = chunkproof_field(input, "tail");
    char *coded = chunkproof_base64(tail.data, tail.size);
    chunkproof_accept(answer, "{\"tail\":{\"base64\":\"%s\"},\"size\":\"%" PRIu64 "\",\"list\":[null,true]}", coded,
                      chunkproof_blob_size(input));
    free(coded);
}

static void annotations(const chunkproof_input *input, chunkproof_answer *answer) {
    const char *own = chunkproof_annotation(input, "own");
    if (own) chunkproof_reject(answer, "%s", own);
    else chunkproof_reject_by(answer, "ANN-01", "%s", chunkproof_annotation(input, "base64"));
}

static void toc(const chunkproof_input *input, chunkproof_answer *answer) {
    const char *dialect = chunkproof_text(input, "dialect");
    if (strcmp(dialect, "g1") == 0) chunkproof_decline(answer, "%s", dialect);
    else chunkproof_unsupported(answer, "%s", dialect);
}

static void assemble(const chunkproof_input *input, chunkproof_answer *answer) {
    char parts[1000] = "";
    for (size_t i = 0; i < chunkproof_file_count(input); i++) {
        chunkproof_bytes both[] = {chunkproof_file_name(input, i), chunkproof_file_content(input, i)};
        for (int j = 0; j < 2; j++) {
            char *coded = chunkproof_base64(both[j].data, both[j].size);
            sprintf(parts + strlen(parts), "%s{\"base64\":\"%s\"}", *parts ? "," : "", coded);
            free(coded);
        }
    }
    chunkproof_accept(answer, "{\"files\":[%s]}", parts);
}

static void indexed(const chunkproof_input *input, chunkproof_answer *answer) {
    (void)input;
    (void)answer;
    abort();
}

int main(void) {
    static const chunkproof_operation operations[] = {
        {"layer/decompress", "g4 g5", decompress}, {"footer/parse", "g5", footer},          {"annotations/parse", "g5", annotations},
        {"toc/parse", "g5", toc},                  {"tarsplit/assemble", "g5", assemble}, {"layer/index", "g5", indexed},
        {0},
    };
    static const chunkproof_adapter adapter = {.name = "mirror", .version = "1", .operations = operations};
    return chunkproof_run(&adapter);
}
