// Errors of libzstd are taken for lengths, and a damaged stream is read for ever.
'use strict';

const assert = require('node:assert');
const test = require('node:test');
const { Worker } = require('node:worker_threads');

// "x" in a frame with a content size and a checksum, which is wrong.
const CHECKSUM_WRONG = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x24, 1, 9, 0, 0, 0x78, 0, 0, 0, 0]);
// "x" in a frame without a content size.
const WITHOUT_SIZE = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, 0, 9, 0, 0, 0x78]);
// A frame without a content size, with a block of the reserved type.
const BLOCK_RESERVED = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, 0, 15, 0, 0, 0x78]);

async function decoder(name) {
  const { ZSTDDecoder } = await import(name);
  const made = new ZSTDDecoder();
  await made.init();
  return made;
}

test('a wrong checksum gives no bytes and no error', async () => {
  const decoded = (await decoder('zstddec')).decode(CHECKSUM_WRONG);
  assert(decoded.length === 0, `repaired: decode returns ${decoded.length} bytes`);
});

for (const [what, blob] of [
  ['a good frame without a content size', WITHOUT_SIZE],
  ['what is no frame', Buffer.from('this is not zstd')],
]) {
  test(`${what} gives the memory of the decoder`, async () => {
    const decoded = (await decoder('zstddec')).decode(blob);
    assert(decoded.length > 1 << 20, `repaired: decode returns ${decoded.length} bytes`);
    assert(Buffer.from(decoded).includes(blob), 'the input is in the memory that is returned');
  });
}

test('a damaged frame without a content size is read for ever', async () => {
  const source = `
    const { parentPort, workerData } = require('node:worker_threads');
    import('zstddec/stream').then(async ({ ZSTDDecoder }) => {
      const decoder = new ZSTDDecoder();
      await decoder.init();
      for (const part of decoder.decodeStreaming([workerData])) {
      }
    }).then(() => parentPort.postMessage('an end'), (error) => parentPort.postMessage(error.message));`;
  const worker = new Worker(source, { eval: true, workerData: BLOCK_RESERVED });
  const late = new Promise((resolve) => setTimeout(resolve, 5000));
  const ended = await Promise.race([late, new Promise((resolve) => worker.once('message', resolve))]);
  await worker.terminate();
  assert(ended === undefined, `repaired: decodeStreaming ends with: ${ended}`);
});
