'use strict';

const { Adapter, Decline, Reject, Unsupported, tar } = require('./chunkproof_adapter.js');

class Own extends Error {}

new Adapter('mirror', '1')
  .operation('layer/decompress', ['g4', 'g5'], async ({ blob }) => {
    console.log('junk');
    return tar(blob.subarray(0, 10), [blob.subarray(10)]);
  })
  .operation('footer/parse', ['g5'], (input) => ({ tail: input.tail, size: input.blob_size, list: [null, true] }))
  .operation(
    'annotations/parse',
    ['g5'],
    ({ annotations }) => {
      throw 'own' in annotations ? new Own(annotations.own) : new Reject(annotations.base64, 'ANN-01');
    },
    { rejects: (error) => error instanceof Own },
  )
  .operation('toc/parse', ['g5'], ({ dialect }) => {
    throw dialect === 'g1' ? new Decline(dialect) : new Unsupported(dialect);
  })
  .operation('tarsplit/assemble', ['g5'], ({ files }) => ({ files: files.flatMap(({ name, content }) => [name, content]) }))
  .operation('layer/index', ['g5'], () => {
    throw new TypeError('no rejection');
  })
  .run();
