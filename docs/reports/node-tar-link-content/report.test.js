// What follows a link whose header has a size is passed over.
'use strict';

const assert = require('node:assert');
const test = require('node:test');

const tar = require('tar');
const tarStream = require('tar-stream');

// A ustar header.
function header(name, type, size, link = '') {
  const block = Buffer.alloc(512);
  block.write(name, 0);
  block.write('0000644\0' + '0000000\0' + '0000000\0', 100);
  block.write(`${size.toString(8).padStart(11, '0')}\0` + '00000000000\0' + '        ' + type + link, 124);
  block.write('ustar\0' + '00', 257);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}

function archive(type, size) {
  return Buffer.concat([header('a', '0', 0), header('l', type, size, 'a'), header('next', '0', 0), Buffer.alloc(1024)]);
}

const READERS = {
  tar: (bytes) =>
    new Promise((resolve, reject) => {
      const found = [];
      const list = tar.t({ strict: true, onReadEntry: (entry) => found.push(entry.path) });
      list.on('error', reject);
      list.on('end', () => resolve(found));
      list.end(bytes);
    }),
  'tar-stream': (bytes) =>
    new Promise((resolve, reject) => {
      const found = [];
      const extract = tarStream.extract();
      extract.on('entry', (entry, stream, next) => {
        found.push(entry.name);
        stream.on('end', next);
        stream.resume();
      });
      extract.on('error', reject);
      extract.on('finish', () => resolve(found));
      extract.end(bytes);
    }),
};

for (const [reader, names] of Object.entries(READERS)) {
  for (const [what, type] of [
    ['hard', '1'],
    ['symbolic', '2'],
  ]) {
    test(`${reader}: a ${what} link`, async () => {
      assert.deepStrictEqual(await names(archive(type, 0)), ['a', 'l', 'next']);
    });
    test(`${reader}: a ${what} link with a size`, async () => {
      const found = await names(archive(type, 512));
      assert.deepStrictEqual(found, ['a', 'l'], `repaired: the entries are ${found}`);
    });
  }
}
