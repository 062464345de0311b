/* The protocol of chunkproof for adapters in C; see chunkproof_adapter.h. */

#define _POSIX_C_SOURCE 200809L

#include "chunkproof_adapter.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Deepest nesting of a request. */
enum { DEPTH = 16 };

/* A JSON value. Members of objects have a key. Texts are those of the line, with their escapes replaced. */
struct chunkproof_input {
    enum { OTHER, TEXT, OBJECT, ARRAY } kind;
    char *key;
    char *text;
    size_t size;
    int is_decoded;
    struct chunkproof_input *first, *next;
};
typedef struct chunkproof_input value;

struct chunkproof_answer {
    const char *kind;
    char *content;
};

static void fail(const char *what) {
    fprintf(stderr, "chunkproof_adapter: %s\n", what);
    exit(2);
}

static void *allocate(size_t size) {
    void *memory = calloc(1, size);
    if (!memory) fail("out of memory");
    return memory;
}

/* ---- JSON ---- */

static char *skip(char *at) {
    while (*at == ' ' || *at == '\t' || *at == '\r' || *at == '\n') at++;
    return at;
}

static unsigned hex4(const char *at) {
    unsigned number = 0;
    for (int i = 0; i < 4; i++) {
        char c = at[i];
        number <<= 4;
        if (c >= '0' && c <= '9') number |= (unsigned)(c - '0');
        else if (c >= 'a' && c <= 'f') number |= (unsigned)(c - 'a' + 10);
        else if (c >= 'A' && c <= 'F') number |= (unsigned)(c - 'A' + 10);
        else fail("the request has a bad escape");
    }
    return number;
}

static char *utf8(char *to, unsigned c) {
    if (c < 0x80) *to++ = (char)c;
    else if (c < 0x800) {
        *to++ = (char)(0xc0 | c >> 6);
        *to++ = (char)(0x80 | (c & 0x3f));
    } else if (c < 0x10000) {
        *to++ = (char)(0xe0 | c >> 12);
        *to++ = (char)(0x80 | (c >> 6 & 0x3f));
        *to++ = (char)(0x80 | (c & 0x3f));
    } else {
        *to++ = (char)(0xf0 | c >> 18);
        *to++ = (char)(0x80 | (c >> 12 & 0x3f));
        *to++ = (char)(0x80 | (c >> 6 & 0x3f));
        *to++ = (char)(0x80 | (c & 0x3f));
    }
    return to;
}

/* Reads a string, whose opening quote is at `at`, in its own place. Returns what follows it. */
static char *read_string(char *at, char **text, size_t *size) {
    static const char names[] = "\"\\/bfnrt", letters[] = "\"\\/\b\f\n\r\t";
    if (*at++ != '"') fail("the request is not JSON: expected a string");
    char *to = *text = at;
    while (*at != '"') {
        if ((unsigned char)*at < 0x20) fail("the request is not JSON: a string does not end");
        if (*at != '\\') {
            *to++ = *at++;
        } else if (at[1] == 'u') {
            unsigned c = hex4(at + 2);
            at += 6;
            if (c >= 0xd800 && c < 0xdc00 && at[0] == '\\' && at[1] == 'u') {
                c = 0x10000 + ((c - 0xd800) << 10) + (hex4(at + 2) - 0xdc00);
                at += 6;
            }
            to = utf8(to, c);
        } else {
            const char *name = at[1] ? strchr(names, at[1]) : NULL;
            if (!name) fail("the request has a bad escape");
            *to++ = letters[name - names];
            at += 2;
        }
    }
    *size = (size_t)(to - *text);
    *to = '\0';
    return at + 1;
}

static char *read_value(char *at, value *into, int depth) {
    at = skip(at);
    if (depth > DEPTH) fail("the request is nested too deeply");
    if (*at == '"') {
        into->kind = TEXT;
        return read_string(at, &into->text, &into->size);
    }
    if (*at == '{' || *at == '[') {
        char end = *at == '{' ? '}' : ']';
        into->kind = *at == '{' ? OBJECT : ARRAY;
        value **last = &into->first;
        at = skip(at + 1);
        while (*at != end) {
            value *member = *last = allocate(sizeof *member);
            last = &member->next;
            if (end == '}') {
                size_t size;
                at = skip(read_string(at, &member->key, &size));
                if (*at++ != ':') fail("the request is not JSON: expected a colon");
            }
            at = skip(read_value(at, member, depth + 1));
            if (*at == ',') at = skip(at + 1);
            else if (*at != end) fail("the request is not JSON: expected a comma");
        }
        return at + 1;
    }
    /* A number, true, false or null. */
    into->text = at;
    while (*at && !strchr(",]} \t\r\n", *at)) at++;
    into->size = (size_t)(at - into->text);
    if (!into->size) fail("the request is not JSON: expected a value");
    return at;
}

static void release(value *first) {
    while (first) {
        value *next = first->next;
        release(first->first);
        free(first);
        first = next;
    }
}

static value *member(const value *of, const char *key) {
    for (value *at = of ? of->first : NULL; at; at = at->next)
        if (at->key && strcmp(at->key, key) == 0) return at;
    return NULL;
}

static const char *text(const value *of) { return of && of->kind == TEXT ? of->text : NULL; }

/* ---- base64 ---- */

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* Bytes of an object with the key `base64`, decoded in their own place. */
static chunkproof_bytes bytes(const value *of) {
    value *coded = member(of, "base64");
    if (!text(coded)) fail("expected bytes");
    unsigned char *data = (unsigned char *)coded->text;
    if (!coded->is_decoded) {
        uint32_t bits = 0;
        size_t size = 0;
        int count = 0;
        for (const char *at = coded->text; *at && *at != '='; at++) {
            const char *digit = strchr(digits, *at);
            if (!digit) fail("the request has bad base64");
            bits = bits << 6 | (uint32_t)(digit - digits);
            if (++count % 4 != 1) data[size++] = (unsigned char)(bits >> (4 - count % 4) * 2 % 8);
        }
        coded->size = size;
        coded->is_decoded = 1;
    }
    chunkproof_bytes found = {data, coded->size};
    return found;
}

char *chunkproof_base64(const void *data, size_t size) {
    const unsigned char *from = data;
    char *coded = allocate((size + 2) / 3 * 4 + 1), *to = coded;
    for (size_t at = 0; at < size; at += 3) {
        size_t left = size - at;
        uint32_t bits = (uint32_t)from[at] << 16 | (left > 1 ? (uint32_t)from[at + 1] << 8 : 0) | (left > 2 ? from[at + 2] : 0u);
        *to++ = digits[bits >> 18];
        *to++ = digits[bits >> 12 & 63];
        *to++ = left > 1 ? digits[bits >> 6 & 63] : '=';
        *to++ = left > 2 ? digits[bits & 63] : '=';
    }
    return coded;
}

/* ---- inputs ---- */

chunkproof_bytes chunkproof_field(const chunkproof_input *input, const char *field) { return bytes(member(input, field)); }

const char *chunkproof_text(const chunkproof_input *input, const char *field) { return text(member(input, field)); }

uint64_t chunkproof_blob_size(const chunkproof_input *input) {
    const char *size = chunkproof_text(input, "blob_size");
    if (!size) fail("the input has no blob_size");
    return strtoull(size, NULL, 10);
}

const char *chunkproof_annotation(const chunkproof_input *input, const char *key) {
    return text(member(member(input, "annotations"), key));
}

static const value *file(const chunkproof_input *input, size_t index) {
    const value *files = member(input, "files"), *at = files ? files->first : NULL;
    while (at && index--) at = at->next;
    return at;
}

size_t chunkproof_file_count(const chunkproof_input *input) {
    size_t count = 0;
    for (const value *at = file(input, 0); at; at = at->next) count++;
    return count;
}

chunkproof_bytes chunkproof_file_name(const chunkproof_input *input, size_t index) {
    return bytes(member(file(input, index), "name"));
}

chunkproof_bytes chunkproof_file_content(const chunkproof_input *input, size_t index) {
    return bytes(member(file(input, index), "content"));
}

/* ---- answers ---- */

static char *formatted(const char *format, va_list arguments) {
    va_list again;
    va_copy(again, arguments);
    int size = vsnprintf(NULL, 0, format, arguments);
    if (size < 0) fail("a message cannot be formatted");
    char *made = allocate((size_t)size + 1);
    vsnprintf(made, (size_t)size + 1, format, again);
    va_end(again);
    return made;
}

/* A text as a JSON string. Bytes that are not ASCII are replaced, since a message need not be UTF-8. */
static char *quoted(const char *from) {
    char *made = allocate(strlen(from) * 6 + 3), *to = made;
    *to++ = '"';
    for (; *from; from++) {
        unsigned char c = (unsigned char)*from;
        if (c == '"' || c == '\\') *to++ = '\\', *to++ = (char)c;
        else if (c < 0x20) to += sprintf(to, "\\u%04x", c);
        else *to++ = c < 0x7f ? (char)c : '?';
    }
    *to++ = '"';
    return made;
}

static void set(chunkproof_answer *answer, const char *kind, char *content) {
    if (answer->kind) fail("a case was answered twice");
    answer->kind = kind;
    answer->content = content;
}

void chunkproof_accept(chunkproof_answer *answer, const char *json, ...) {
    va_list arguments;
    va_start(arguments, json);
    set(answer, "accept", formatted(json, arguments));
    va_end(arguments);
}

static void set_message(chunkproof_answer *answer, const char *kind, const char *rule, const char *format, va_list arguments) {
    char *message = formatted(format, arguments), *string = quoted(message), *id = quoted(rule ? rule : "");
    char *content = allocate(strlen(string) + strlen(id) + 32);
    if (rule) sprintf(content, "{\"message\":%s,\"rule\":%s}", string, id);
    else sprintf(content, "{\"message\":%s}", string);
    free(id);
    free(string);
    free(message);
    set(answer, kind, content);
}

#define MESSAGE(name, kind)                                          \
    void name(chunkproof_answer *answer, const char *message, ...) { \
        va_list arguments;                                           \
        va_start(arguments, message);                                \
        set_message(answer, kind, NULL, message, arguments);         \
        va_end(arguments);                                           \
    }

MESSAGE(chunkproof_reject, "reject")
MESSAGE(chunkproof_decline, "decline")
MESSAGE(chunkproof_unsupported, "unsupported")

void chunkproof_reject_by(chunkproof_answer *answer, const char *rule, const char *message, ...) {
    va_list arguments;
    va_start(arguments, message);
    set_message(answer, "reject", rule, message, arguments);
    va_end(arguments);
}

/* ---- SHA-256 ---- */

static uint32_t rotate(uint32_t word, int by) { return word >> by | word << (32 - by); }

static void sha256_block(uint32_t state[8], const unsigned char *block) {
    static const uint32_t k[64] = {
        0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01,
        0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc,
        0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147,
        0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
        0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08,
        0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208,
        0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
    };
    uint32_t w[64], s[8];
    for (int i = 0; i < 16; i++)
        w[i] = (uint32_t)block[4 * i] << 24 | (uint32_t)block[4 * i + 1] << 16 | (uint32_t)block[4 * i + 2] << 8 | block[4 * i + 3];
    for (int i = 16; i < 64; i++) {
        uint32_t a = rotate(w[i - 15], 7) ^ rotate(w[i - 15], 18) ^ w[i - 15] >> 3;
        uint32_t b = rotate(w[i - 2], 17) ^ rotate(w[i - 2], 19) ^ w[i - 2] >> 10;
        w[i] = w[i - 16] + a + w[i - 7] + b;
    }
    memcpy(s, state, sizeof s);
    for (int i = 0; i < 64; i++) {
        uint32_t one = s[7] + (rotate(s[4], 6) ^ rotate(s[4], 11) ^ rotate(s[4], 25)) + ((s[4] & s[5]) ^ (~s[4] & s[6])) + k[i] + w[i];
        uint32_t two = (rotate(s[0], 2) ^ rotate(s[0], 13) ^ rotate(s[0], 22)) + ((s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2]));
        memmove(s + 1, s, 7 * sizeof *s);
        s[4] += one;
        s[0] = one + two;
    }
    for (int i = 0; i < 8; i++) state[i] += s[i];
}

void chunkproof_tar_begin(chunkproof_tar *tar) {
    static const uint32_t start[8] = {
        0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
    };
    memcpy(tar->state, start, sizeof start);
    tar->size = 0;
}

size_t chunkproof_tar_write(const void *data, size_t size, void *to) {
    chunkproof_tar *tar = to;
    const unsigned char *from = data;
    for (size_t left = size; left;) {
        size_t used = (size_t)(tar->size % 64), part = left < 64 - used ? left : 64 - used;
        memcpy(tar->block + used, from, part);
        tar->size += part;
        from += part;
        left -= part;
        if (tar->size % 64 == 0) sha256_block(tar->state, tar->block);
    }
    return size;
}

void chunkproof_accept_tar(chunkproof_answer *answer, const chunkproof_tar *tar) {
    chunkproof_tar padded = *tar;
    unsigned char padding[72] = {0x80};
    size_t zeros = (size_t)((119 - tar->size % 64) % 64 + 1);
    for (int i = 0; i < 8; i++) padding[zeros + (size_t)i] = (unsigned char)(tar->size * 8 >> (56 - 8 * i));
    chunkproof_tar_write(padding, zeros + 8, &padded);
    char digest[65];
    for (int i = 0; i < 8; i++) sprintf(digest + 8 * i, "%08" PRIx32, padded.state[i]);
    chunkproof_accept(answer, "{\"sha256\":\"%s\",\"size\":\"%" PRIu64 "\"}", digest, tar->size);
}

/* ---- the conversation ---- */

static void write_hello(FILE *to, const chunkproof_adapter *adapter) {
    const char *facts[][2] = {
        {"name", adapter->name}, {"version", adapter->version}, {"language", adapter->language ? adapter->language : "c"},
    };
    fprintf(to, "\"hello\":{\"chunkproof\":%d", CHUNKPROOF_PROTOCOL);
    for (size_t i = 0; i < sizeof facts / sizeof *facts; i++) {
        char *string = quoted(facts[i][1]);
        fprintf(to, ",\"%s\":%s", facts[i][0], string);
        free(string);
    }
    fputs(",\"ops\":{", to);
    for (const chunkproof_operation *at = adapter->operations; at->op; at++) {
        fprintf(to, "%s\"%s\":[\"", at == adapter->operations ? "" : ",", at->op);
        for (const char *c = at->dialects; *c; c++) {
            if (*c == ' ') fputs("\",\"", to);
            else putc(*c, to);
        }
        fputs("\"]", to);
    }
    fprintf(to, "}%s}", adapter->more ? adapter->more : "");
}

static chunkproof_answer answered(const chunkproof_adapter *adapter, const char *op, const value *input) {
    chunkproof_answer answer = {0};
    for (const chunkproof_operation *at = adapter->operations; at->op; at++) {
        if (strcmp(at->op, op) == 0) {
            at->answer(input, &answer);
            if (!answer.kind) fail("a case was not answered");
            return answer;
        }
    }
    chunkproof_unsupported(&answer, "%s", op);
    return answer;
}

int chunkproof_run(const chunkproof_adapter *adapter) {
    /* What else is written to stdout goes to stderr from here on. */
    int own = dup(STDOUT_FILENO);
    FILE *to = own < 0 ? NULL : fdopen(own, "w");
    if (!to || dup2(STDERR_FILENO, STDOUT_FILENO) < 0) fail("stdout cannot be used");
    /* What is printed shows also if the process ends without a regular exit. */
    setvbuf(stdout, NULL, _IONBF, 0);
    char *line = NULL;
    size_t room = 0;
    while (getline(&line, &room, stdin) > 0) {
        value request = {0};
        char *rest = skip(read_value(line, &request, 0));
        const value *seq = member(&request, "seq");
        const char *op = text(member(&request, "op"));
        if (*rest || !seq || seq->kind != OTHER || !op) fail("a request is not as the protocol says");
        /* The text of a number ends with what follows it. */
        fprintf(to, "{\"seq\":%.*s,", (int)seq->size, seq->text);
        if (strcmp(op, "hello") == 0) {
            write_hello(to, adapter);
        } else {
            chunkproof_answer answer = answered(adapter, op, member(&request, "input"));
            fprintf(to, "\"%s\":%s", answer.kind, answer.content);
            free(answer.content);
        }
        fputs("}\n", to);
        if (fflush(to)) fail("an answer cannot be written");
        release(request.first);
    }
    free(line);
    return 0;
}
