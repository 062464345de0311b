// An adapter between chunkproof and example.
'use strict';

const { Adapter, Reject } = require('./chunkproof_adapter.js');

// TODO: the name and the version of your implementation.
new Adapter('example', '1')
  .operation('footer/parse', ['g4', 'g5'], footer)
  // TODO: an operation for each thing that your implementation does, such as this one; `rejects` tells the errors that it reports.
  //
  // .operation('layer/decompress', CHUNKED, (input) => tar(example.decompress(input.blob)), {
  //   rejects: (error) => error instanceof example.Error,
  // })
  .run();

// TODO: call your implementation. This reads footers of 64 bytes, to show how input and output look.
function footer(input) {
  const tail = input.tail.subarray(-72);
  const begins = tail.subarray(0, 8).equals(Buffer.from('502a4d1840000000', 'hex'));
  if (tail.length < 72 || !begins || tail.toString('latin1', 64) !== 'GNUlInUx') {
    throw new Reject('no 64-byte footer at the end');
  }
  const fields = Array.from({ length: 7 }, (_, index) => tail.readBigUInt64LE(8 + 8 * index));
  const [toc, kind, tarSplit] = [fields.slice(0, 3), fields[3], fields.slice(4)];
  const hasTarSplit = tarSplit.some((number) => number !== 0n);
  const last = hasTarSplit ? tarSplit : toc;
  if (kind !== 1n || toc[0] < 8n || toc[1] === 0n || toc[2] === 0n || (last[1] === 0n && last[2] > 0n)) {
    throw new Reject('the manifest type, an offset or a length is wrong');
  }
  if (last[0] + last[1] !== input.blob_size - 72n || (hasTarSplit && tarSplit[0] !== toc[0] + toc[1] + 8n)) {
    throw new Reject('TOC, tar-split and footer are not adjacent');
  }
  return { layout: 'v64', toc: position(toc), tar_split: hasTarSplit ? position(tarSplit) : null };
}

function position([offset, length, uncompressed]) {
  return { offset, length, uncompressed };
}
