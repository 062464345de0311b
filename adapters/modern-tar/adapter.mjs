// An adapter between chunkproof and modern-tar.
//
// `adapter.mjs WAY` speaks docs/protocol.md; the ways of unpacking are in README.md.

import { createRequire } from 'node:module';

import * as web from 'modern-tar';
import { unpackTar } from 'modern-tar/fs';

const require = createRequire(import.meta.url);
const { Adapter, CHUNKED, Reject } = require('./chunkproof_adapter.js');
const { LACKS, unpacked, written } = require('./unpack.js');

const WAYS = { extract: {}, strict: { strict: true } };

const options = WAYS[process.argv[2]];
if (!options) {
  throw new Error(`no way of unpacking: ${process.argv[2]}`);
}

async function unpack(input, root, isDirectory) {
  const error = await written(unpackTar(root, options), input);
  if (error) {
    throw new Reject(error.message);
  }
  // Unpacking calls nobody unless it is told to filter or to change entries, and then leaves out entries for the root.
  const filter = ({ name, type }) => {
    if (type === 'directory') {
      isDirectory(name);
    }
    return false;
  };
  await web.unpackTar(input, { ...options, filter });
}

new Adapter('modern-tar', require('modern-tar/package.json').version, { lacks: LACKS })
  .operation('tar/list', CHUNKED, (input) => unpacked((root, isDirectory) => unpack(input.tar, root, isDirectory)))
  .run();
