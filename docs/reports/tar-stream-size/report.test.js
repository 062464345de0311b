// A size in base 256 whose first byte is neither 0x80 nor 0xff makes the stream wait for ever.
'use strict';

const assert = require('node:assert');
const test = require('node:test');

const tar = require('tar-stream');

const SECONDS = 5;

// A file of 8 bytes, with its size in base 256 after this first byte.
function archive(first) {
  const block = Buffer.alloc(512);
  block.write('a', 0);
  block.write('0000644\0' + '0000000\0' + '0000000\0', 100);
  block[124] = first;
  block[135] = 8;
  block.write('00000000000\0' + '        ' + '0', 136);
  block.write('ustar\0' + '00', 257);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return Buffer.concat([block, Buffer.from('content\n'.padEnd(512, '\0')), Buffer.alloc(1024)]);
}

// How reading ends: with an error, without one, or not at all.
function ending(bytes) {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve('waits'), SECONDS * 1000);
    const done = (how) => () => {
      clearTimeout(timer);
      resolve(how);
    };
    const extract = tar.extract();
    extract.on('entry', (header, stream, next) => {
      stream.on('end', next);
      stream.resume();
    });
    extract.on('error', done('error'));
    extract.on('finish', done('end'));
    extract.end(bytes);
  });
}

test('a size of 8', async () => {
  assert.strictEqual(await ending(archive(0x80)), 'end');
});

for (const first of [0x81, 0xfe]) {
  test(`a size that begins with 0x${first.toString(16)}`, async () => {
    const how = await ending(archive(first));
    assert.strictEqual(how, 'waits', `repaired: reading ends with ${how}`);
  });
}
