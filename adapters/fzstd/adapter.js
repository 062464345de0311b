// An adapter between chunkproof and fzstd.
//
// `adapter.js WAY` speaks docs/protocol.md; the ways of reading are in README.md.
'use strict';

const path = require('node:path');

const fzstd = require('fzstd');

const { Adapter, CHUNKED, tar } = require('./chunkproof_adapter.js');

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

new Adapter('fzstd', version)
  .operation('layer/decompress', CHUNKED, ({ blob }) => tar(decompress(blob)), {
    rejects: (error) => Object.values(fzstd.ZstdErrorCode).includes(error.code),
  })
  .run();
