/* The protocol of chunkproof for adapters in C99 on POSIX systems: this header and chunkproof_adapter.c, without dependencies.
 *
 *     static void decompress(const chunkproof_input *input, chunkproof_answer *answer) {
 *         chunkproof_bytes blob = chunkproof_field(input, "blob");
 *         chunkproof_tar tar;
 *         chunkproof_tar_begin(&tar);
 *         int error = example_decompress(blob.data, blob.size, chunkproof_tar_write, &tar);
 *         if (error) chunkproof_reject(answer, "%s", example_error(error));
 *         else chunkproof_accept_tar(answer, &tar);
 *     }
 *
 *     int main(void) {
 *         static const chunkproof_operation operations[] = {{"layer/decompress", "g1 g2 g3 g4 g5", decompress}, {0}};
 *         static const chunkproof_adapter adapter = {.name = "example", .version = "1.2.3", .operations = operations};
 *         return chunkproof_run(&adapter);
 *     }
 *
 * A function answers exactly once. A signal or an exit ends the process: a crash is a crash, and never a rejection. What is printed
 * goes to stderr, since stdout has nothing but answers.
 *
 * docs/protocol.md describes operations, inputs and outputs. */

#ifndef CHUNKPROOF_ADAPTER_H
#define CHUNKPROOF_ADAPTER_H

#include <stddef.h>
#include <stdint.h>

/* The version of the protocol. */
#define CHUNKPROOF_PROTOCOL 0

typedef struct chunkproof_input chunkproof_input;
typedef struct chunkproof_answer chunkproof_answer;

typedef struct {
    const unsigned char *data;
    size_t size;
} chunkproof_bytes;

typedef struct {
    const char *op;
    /* Separated by single spaces. */
    const char *dialects;
    void (*answer)(const chunkproof_input *input, chunkproof_answer *answer);
} chunkproof_operation;

typedef struct {
    const char *name, *version;
    /* Of the implementation; "c" if it is NULL. */
    const char *language;
    /* They end with one of which `op` is NULL. */
    const chunkproof_operation *operations;
    /* Other fields of the handshake as JSON, each with a comma before it, such as ",\"rules\":true"; or NULL. */
    const char *more;
} chunkproof_adapter;

/* Answers requests until the end of the input. Returns the exit code. */
int chunkproof_run(const chunkproof_adapter *adapter);

/* A field of the input: bytes, a text or NULL, the number `blob_size`, an annotation or NULL, and the files of tarsplit/assemble.
 * They live as long as the function that answers. A field of bytes that is missing ends the process. */
chunkproof_bytes chunkproof_field(const chunkproof_input *input, const char *field);
const char *chunkproof_text(const chunkproof_input *input, const char *field);
uint64_t chunkproof_blob_size(const chunkproof_input *input);
const char *chunkproof_annotation(const chunkproof_input *input, const char *key);
size_t chunkproof_file_count(const chunkproof_input *input);
chunkproof_bytes chunkproof_file_name(const chunkproof_input *input, size_t index);
chunkproof_bytes chunkproof_file_content(const chunkproof_input *input, size_t index);

#if defined(__GNUC__)
#define CHUNKPROOF_PRINTF(format_at, arguments_at) __attribute__((format(printf, format_at, arguments_at)))
#else
#define CHUNKPROOF_PRINTF(format_at, arguments_at)
#endif

/* Accepts with an output in JSON. Numbers of outputs are strings of decimal digits. */
void chunkproof_accept(chunkproof_answer *answer, const char *json, ...) CHUNKPROOF_PRINTF(2, 3);
/* The other answers have a message for people. `rule` is the id of the rule that is broken. */
void chunkproof_reject(chunkproof_answer *answer, const char *message, ...) CHUNKPROOF_PRINTF(2, 3);
void chunkproof_reject_by(chunkproof_answer *answer, const char *rule, const char *message, ...) CHUNKPROOF_PRINTF(3, 4);
void chunkproof_decline(chunkproof_answer *answer, const char *message, ...) CHUNKPROOF_PRINTF(2, 3);
void chunkproof_unsupported(chunkproof_answer *answer, const char *message, ...) CHUNKPROOF_PRINTF(2, 3);

/* Bytes as base64, for outputs; the caller frees it. */
char *chunkproof_base64(const void *data, size_t size);

/* What is asked of a tar that nobody keeps: write it here, then accept with it. Writing returns the size. */
typedef struct {
    uint32_t state[8];
    uint64_t size;
    unsigned char block[64];
} chunkproof_tar;

void chunkproof_tar_begin(chunkproof_tar *tar);
size_t chunkproof_tar_write(const void *data, size_t size, void *tar);
void chunkproof_accept_tar(chunkproof_answer *answer, const chunkproof_tar *tar);

#endif
