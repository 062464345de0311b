// Of two files of one name the first is unpacked.
'use strict';

const assert = require('node:assert');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { Readable } = require('node:stream');
const { pipeline } = require('node:stream/promises');
const test = require('node:test');

// What is in the file `name` after a tar of these files was unpacked.
async function content(files, name, options) {
  const { packTar, unpackTar } = await import('modern-tar/fs');
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'report-'));
  try {
    const sources = files.map(([target, text]) => ({ type: 'content', content: text, target }));
    await pipeline(Readable.from(packTar(sources)), unpackTar(folder, options));
    return fs.readFileSync(path.join(folder, name), 'utf8');
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

for (const strict of [false, true]) {
  test(`two files, strict ${strict}`, async () => {
    assert.strictEqual(await content([['a', 'first'], ['b', 'second']], 'b', { strict }), 'second');
  });
  test(`two files of one name, strict ${strict}`, async () => {
    const found = await content([['a', 'first'], ['a', 'second']], 'a', { strict });
    assert.strictEqual(found, 'first', `repaired: the content is that of the ${found} file`);
  });
}
