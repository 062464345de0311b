// A line feed in the value of a PAX record begins another record.
'use strict';

const assert = require('node:assert');
const test = require('node:test');

const tar = require('tar');

// A ustar header.
function header(name, type, size) {
  const block = Buffer.alloc(512);
  block.write(name, 0);
  block.write('0000644\0' + '0000000\0' + '0000000\0', 100);
  block.write(`${size.toString(8).padStart(11, '0')}\0` + '00000000000\0' + '        ' + type, 124);
  block.write('ustar\0' + '00', 257);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}

// A record: its length counts every byte of it.
function record(key, value) {
  const rest = ` ${key}=${value}\n`;
  let length = rest.length;
  while (`${length}${rest}`.length !== length) {
    length = `${length}${rest}`.length;
  }
  return `${length}${rest}`;
}

// An empty file after a PAX header with this record.
function archive(pax, ...rest) {
  const body = Buffer.alloc(512);
  body.write(pax);
  return Buffer.concat([header('pax', 'x', pax.length), body, header('name', '0', 0), ...rest, Buffer.alloc(1024)]);
}

function names(bytes) {
  return new Promise((resolve, reject) => {
    const found = [];
    const list = tar.t({ strict: true, onReadEntry: (entry) => found.push(entry.path) });
    list.on('error', reject);
    list.on('end', () => resolve(found));
    list.end(bytes);
  });
}

test('a comment', async () => {
  assert.deepStrictEqual(await names(archive(record('comment', 'one line'))), ['name']);
});

test('a comment with a line that looks like a path', async () => {
  const found = await names(archive(record('comment', `a\n${record('path', 'other')}b`)));
  assert.deepStrictEqual(found, ['other'], `repaired: the entries are ${found}`);
});

test('a comment with a line that looks like a size', async () => {
  const hidden = header('hidden', '0', 0);
  const found = await names(archive(record('comment', `a\n${record('size', '512')}b`), hidden));
  assert.deepStrictEqual(found, ['name'], `repaired: the entries are ${found}`);
});
