// An adapter between chunkproof and tar, the node-tar of npm.
//
// `adapter.js WAY` speaks docs/protocol.md; the ways of unpacking are in README.md.
'use strict';

const tar = require('tar');
const { version } = require('tar/package.json');

const { Adapter, CHUNKED, Reject } = require('./chunkproof_adapter.js');
const { LACKS, unpacked, written } = require('./unpack.js');

const WAYS = { extract: {}, strict: { strict: true } };

const options = WAYS[process.argv[2]];
if (!options) {
  throw new Error(`no way of unpacking: ${process.argv[2]}`);
}

async function unpack(input, cwd, isDirectory) {
  const stream = tar.x({ ...options, cwd });
  stream.on('entry', (entry) => entry.type === 'Directory' && isDirectory(entry.path));
  const error = await written(stream, input);
  if (error) {
    throw new Reject(error.message);
  }
}

new Adapter('node-tar', version, { lacks: LACKS })
  .operation('tar/list', CHUNKED, (input) => unpacked((root, isDirectory) => unpack(input.tar, root, isDirectory)))
  .run();
