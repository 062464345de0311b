// An adapter between chunkproof and zstddec.
//
// `adapter.js WAY` speaks docs/protocol.md; the ways of reading are in README.md.
'use strict';

const path = require('node:path');
const { Worker, isMainThread, parentPort, workerData } = require('node:worker_threads');

const { Adapter, CHUNKED, Reject, tar } = require('./chunkproof_adapter.js');

// The one error that zstddec reports.
const INCOMPLETE = 'Incomplete stream, more data expected.';

// The module of each way.
const WAYS = { decode: 'zstddec', stream: 'zstddec/stream' };

if (isMainThread) {
  if (!WAYS[process.argv[2]]) {
    throw new Error(`no way of reading: ${process.argv[2]}`);
  }
  // The package does not export its package.json.
  const { version } = require(path.join(path.dirname(require.resolve('zstddec')), '..', 'package.json'));
  new Adapter('zstddec', version).operation('layer/decompress', CHUNKED, ({ blob }) => inWorker(blob)).run();
} else {
  import(WAYS[workerData.way]).then(async ({ ZSTDDecoder }) => {
    const decoder = new ZSTDDecoder();
    await decoder.init();
    try {
      parentPort.postMessage({ output: tar(decoder.decode(workerData.blob)) });
    } catch (error) {
      if (error.message !== INCOMPLETE) {
        throw error;
      }
      parentPort.postMessage({ rejection: error.message });
    }
  });
}

// zstddec has one decoder for each module, and a case can leave its memory in disorder. So each case has a module of its own.
function inWorker(blob) {
  return new Promise((resolve, reject) => {
    const worker = new Worker(__filename, { workerData: { way: process.argv[2], blob } });
    worker.on('message', ({ output, rejection }) => (rejection ? reject(new Reject(rejection)) : resolve(output)));
    worker.on('error', reject);
  });
}
