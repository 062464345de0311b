// An adapter between chunkproof and tar-stream, which tar-fs unpacks with.
'use strict';

const path = require('node:path');

const tarFs = require('tar-fs');

const { Adapter, CHUNKED, Reject } = require('./chunkproof_adapter.js');
const { LACKS, unpacked, written } = require('./unpack.js');

// The package does not export its package.json.
const { version } = require(path.join(path.dirname(require.resolve('tar-stream')), 'package.json'));

async function unpack(input, root, isDirectory) {
  const map = (header) => {
    if (header.type === 'directory') {
      isDirectory(header.name);
    }
    return header;
  };
  const error = await written(tarFs.extract(root, { map }), input);
  if (error) {
    throw new Reject(error.message);
  }
}

new Adapter('tar-stream', version, { lacks: LACKS })
  .operation('tar/list', CHUNKED, (input) => unpacked((root, isDirectory) => unpack(input.tar, root, isDirectory)))
  .run();
