// After an extension header without a body, the content of a file is read as entries.
'use strict';

const assert = require('node:assert');
const test = require('node:test');

const tar = require('tar-stream');

const BLOCK = 512;
// No multiple of a block, and more than two of them.
const SIZE = 1300;

function header(name, { type = '0', size = 0 } = {}) {
  const block = Buffer.alloc(BLOCK);
  block.write(name, 0);
  block.write('0000644\0' + '0000000\0' + '0000000\0', 100);
  block.write(`${size.toString(8).padStart(11, '0')}\0` + '00000000000\0' + '        ' + type, 124);
  block.write('ustar\0' + '00', 257);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}

function file(name, content) {
  return Buffer.concat([header(name, { size: content.length }), content, Buffer.alloc(-content.length & (BLOCK - 1))]);
}

function names(bytes) {
  return new Promise((resolve, reject) => {
    const found = [];
    const extract = tar.extract();
    extract.on('entry', (header, stream, next) => {
      found.push(header.name);
      stream.on('end', next);
      stream.resume();
    });
    extract.on('error', reject);
    extract.on('finish', () => resolve(found));
    extract.end(bytes);
  });
}

// The content of the second file. What is passed over after the first one ends after SIZE bytes of the second file, its header included.
// The hidden file has an empty extension header too, by which reading comes back to the start of a block.
function hiding(type) {
  const before = Buffer.alloc(SIZE - BLOCK);
  const back = Buffer.alloc(-SIZE & (BLOCK - 1));
  return Buffer.concat([before, header('empty', { type }), header('hidden', { size: back.length }), back, Buffer.alloc(4096)]);
}

function archive(type, extension) {
  const files = [file('a', Buffer.alloc(SIZE, 'a')), file('b', hiding(type))];
  return Buffer.concat([...extension, ...files, Buffer.alloc(2 * BLOCK)]);
}

for (const [type, what] of Object.entries({ g: 'global PAX header', x: 'PAX header', L: 'GNU long name', K: 'GNU long link name' })) {
  test(`no ${what}`, async () => {
    assert.deepStrictEqual(await names(archive(type, [])), ['a', 'b']);
  });
  test(`a ${what} without a body`, async () => {
    const found = await names(archive(type, [header('empty', { type })]));
    assert.deepStrictEqual(found, ['a', 'hidden'], `repaired: the entries are ${found}`);
  });
}
