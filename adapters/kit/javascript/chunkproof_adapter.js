// The protocol of chunkproof for adapters in JavaScript, in one file without dependencies.
//
//   const { Adapter, CHUNKED, tar } = require('./chunkproof_adapter.js');
//
//   new Adapter('example', '1.2.3')
//     .operation('layer/decompress', CHUNKED, (input) => tar(example.decompress(input.blob)), {
//       rejects: (error) => error instanceof example.Error,
//     })
//     .run();
//
// A function gets the input of its operation, in which bytes are a `Buffer` and `blob_size` is a `bigint`. What it returns, or what
// its promise resolves to, is the output: bytes, `bigint` and integers in it are written as the protocol writes them. To reject it
// throws `Reject`, or an error for which `rejects` is true; to decline it throws `Decline`, and `Unsupported` where the implementation
// cannot do this. Every other error ends the process: a crash is a crash, and never a rejection. What is printed goes to stderr, since
// stdout has nothing but answers.
//
// docs/protocol.md describes operations, inputs and outputs. Node.js 16 or later.
'use strict';

const { createHash } = require('node:crypto');
const fs = require('node:fs');

// The version of the protocol.
const PROTOCOL = 0;

// The dialects of zstd:chunked. A program that decompresses zstd reads all of them.
const CHUNKED = ['g1', 'g2', 'g3', 'g4', 'g5'];

// The input is refused. `rule` is the id of the rule that is broken, where it is known.
class Reject extends Error {
  constructor(message, rule) {
    super(message);
    this.rule = rule;
  }
}

// The implementation would download the layer in full.
class Decline extends Error {}

// The implementation cannot do this, although it declares the operation.
class Unsupported extends Error {}

// An implementation under test: what it is, and a function for each operation. `more` are other fields of the handshake: `choices`,
// `rules` and `lacks`.
class Adapter {
  constructor(name, version, more = {}) {
    this.hello = { chunkproof: PROTOCOL, name, version, language: 'javascript', ops: {}, ...more };
    this.operations = new Map();
  }

  // Declares an operation in these dialects.
  operation(op, dialects, answer, { rejects = () => false } = {}) {
    this.hello.ops[op] = dialects;
    this.operations.set(op, { answer, rejects });
    return this;
  }

  // Answers requests until the end of the input.
  async run() {
    // Writing to the file itself leaves `process.stdout` for what others print.
    process.stdout.write = process.stderr.write.bind(process.stderr);
    for await (const line of lines(process.stdin)) {
      const request = JSON.parse(line);
      writeAll(1, `${JSON.stringify({ seq: request.seq, ...(await this.answer(request)) })}\n`);
    }
  }

  async answer({ op, input }) {
    if (op === 'hello') {
      return { hello: this.hello };
    }
    const operation = this.operations.get(op);
    if (!operation) {
      return { unsupported: { message: op } };
    }
    try {
      return { accept: toWire(await operation.answer(fromWire(input))) };
    } catch (error) {
      const message = String(error.message);
      if (error instanceof Decline) {
        return { decline: { message } };
      } else if (error instanceof Unsupported) {
        return { unsupported: { message } };
      } else if (error instanceof Reject || operation.rejects(error)) {
        return { reject: error instanceof Reject && error.rule ? { message, rule: error.rule } : { message } };
      }
      throw error;
    }
  }
}

// The output for a tar: digest and size of its parts, each bytes or an iterable of bytes.
function tar(...parts) {
  const sha256 = createHash('sha256');
  let size = 0;
  for (const part of parts) {
    for (const piece of part instanceof Uint8Array ? [part] : part) {
      sha256.update(piece);
      size += piece.length;
    }
  }
  return { sha256: sha256.digest('hex'), size };
}

// The lines of a stream, which end at line feeds alone.
async function* lines(stream) {
  let parts = [];
  for await (const chunk of stream) {
    let start = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
      parts.push(chunk.subarray(start, end));
      yield Buffer.concat(parts).toString('utf8');
      parts = [];
      start = end + 1;
    }
    parts.push(chunk.subarray(start));
  }
}

// Node makes pipes non-blocking, and one that is full says so.
function writeAll(file, text) {
  let left = Buffer.from(text);
  while (left.length > 0) {
    try {
      left = left.subarray(fs.writeSync(file, left));
    } catch (error) {
      if (error.code !== 'EAGAIN') {
        throw error;
      }
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    }
  }
}

function fromWire(value, key) {
  // Keys of annotations are names of others, and one may be `base64`.
  if (key === 'annotations' || value === null || typeof value !== 'object') {
    return key === 'blob_size' ? BigInt(value) : value;
  }
  if (Array.isArray(value)) {
    return value.map((item) => fromWire(item));
  }
  const keys = Object.keys(value);
  if (keys.length === 1 && keys[0] === 'base64') {
    return Buffer.from(value.base64, 'base64');
  }
  return Object.fromEntries(keys.map((name) => [name, fromWire(value[name], name)]));
}

function toWire(value) {
  if (value instanceof Uint8Array) {
    return { base64: Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64') };
  }
  if (typeof value === 'bigint' || Number.isSafeInteger(value)) {
    return value.toString();
  }
  if (Array.isArray(value)) {
    return value.map(toWire);
  }
  if (value !== null && typeof value === 'object') {
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, toWire(item)]));
  }
  return value;
}

module.exports = { Adapter, CHUNKED, Decline, PROTOCOL, Reject, Unsupported, tar };
