// An adapter between chunkproof and fzstd.
//
// `adapter.js WAY` speaks docs/protocol.md; the ways of reading are in README.md.
'use strict';

const { createHash } = require('node:crypto');
const path = require('node:path');
const readline = require('node:readline');

const fzstd = require('fzstd');
// The package does not export its package.json.
const { version } = require(path.join(path.dirname(require.resolve('fzstd')), '..', 'package.json'));

// As much as Node reads from a file at once.
const PART = 64 << 10;

const WAYS = {
  decompress(blob) {
    return [fzstd.decompress(blob)];
  },
  stream(blob) {
    const parts = [];
    const stream = new fzstd.Decompress((part) => parts.push(part));
    for (let start = 0; start < blob.length; start += PART) {
      stream.push(blob.subarray(start, start + PART));
    }
    stream.push(new Uint8Array(0), true);
    return parts;
  },
};

const decompress = WAYS[process.argv[2]];
if (!decompress) {
  throw new Error(`no way of reading: ${process.argv[2]}`);
}

readline.createInterface({ input: process.stdin }).on('line', (line) => {
  const request = JSON.parse(line);
  console.log(JSON.stringify({ seq: request.seq, ...answer(request) }));
});

function answer({ op, input }) {
  switch (op) {
    case 'hello':
      return {
        hello: {
          name: 'fzstd',
          version,
          language: 'javascript',
          ops: { 'layer/decompress': ['g1', 'g2', 'g3', 'g4', 'g5'] },
        },
      };
    case 'layer/decompress': {
      const blob = Buffer.from(input.blob.base64, 'base64');
      try {
        return { accept: sum(decompress(blob)) };
      } catch (error) {
        if (!Object.values(fzstd.ZstdErrorCode).includes(error.code)) {
          throw error;
        }
        return { reject: { message: error.message } };
      }
    }
    default:
      return { unsupported: { message: op } };
  }
}

function sum(parts) {
  const sha256 = createHash('sha256');
  let size = 0;
  for (const part of parts) {
    sha256.update(part);
    size += part.length;
  }
  return { sha256: sha256.digest('hex'), size: String(size) };
}
