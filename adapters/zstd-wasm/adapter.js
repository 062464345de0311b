// An adapter between chunkproof and @bokuweb/zstd-wasm.
'use strict';

const path = require('node:path');

const { decompress, init } = require('@bokuweb/zstd-wasm');

const { Adapter, CHUNKED, tar } = require('./chunkproof_adapter.js');

// The package does not export its package.json.
const { version } = require(path.join(path.dirname(require.resolve('@bokuweb/zstd-wasm')), '..', '..', 'package.json'));

init().then(() =>
  new Adapter('zstd-wasm', version)
    .operation('layer/decompress', CHUNKED, ({ blob }) => tar(decompress(blob)), {
      // What libzstd reports. The text names the wrong function.
      rejects: (error) => error.message.startsWith('Failed to compress with code '),
    })
    .run(),
);
