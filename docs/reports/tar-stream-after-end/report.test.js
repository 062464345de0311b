// What follows the end of an archive is read as entries.
'use strict';

const assert = require('node:assert');
const test = require('node:test');

const tar = require('tar-stream');

function archive(name) {
  return new Promise((resolve, reject) => {
    const parts = [];
    const pack = tar.pack();
    pack.on('data', (part) => parts.push(part));
    pack.on('error', reject);
    pack.on('end', () => resolve(Buffer.concat(parts)));
    pack.entry({ name }, name);
    pack.finalize();
  });
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

test('one archive', async () => {
  assert.deepStrictEqual(await names(await archive('first')), ['first']);
});

test('an archive after the end of another', async () => {
  const found = await names(Buffer.concat([await archive('first'), await archive('second')]));
  assert.deepStrictEqual(found, ['first', 'second'], `repaired: the entries are ${found}`);
});
