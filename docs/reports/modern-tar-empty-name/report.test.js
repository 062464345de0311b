// A file without a name makes the stream that unpacks it wait for ever.
'use strict';

const assert = require('node:assert');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const test = require('node:test');

const SECONDS = 5;

// A ustar header of a file of 8 bytes, and the content.
function archive(name) {
  const block = Buffer.alloc(512);
  block.write(name, 0);
  block.write('0000644\0' + '0000000\0' + '0000000\0' + '00000000010\0' + '00000000000\0' + '        ' + '0', 100);
  block.write('ustar\0' + '00', 257);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return Buffer.concat([block, Buffer.from('content\n'.padEnd(512, '\0')), Buffer.alloc(1024)]);
}

// How unpacking ends: with an error, without one, or not at all.
async function ending(tar, options) {
  const { unpackTar } = await import('modern-tar/fs');
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'report-'));
  const stream = unpackTar(path.join(folder, 'in'), options);
  try {
    return await new Promise((resolve) => {
      const timer = setTimeout(() => resolve('waits'), SECONDS * 1000);
      const done = (how) => () => {
        clearTimeout(timer);
        resolve(how);
      };
      stream.on('error', done('error'));
      stream.on('finish', done('end'));
      stream.end(tar);
    });
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

test('a file with a name', async () => {
  assert.strictEqual(await ending(archive('a'), {}), 'end');
});

for (const strict of [false, true]) {
  test(`a file without a name, strict ${strict}`, async () => {
    const how = await ending(archive(''), { strict });
    assert.strictEqual(how, 'waits', `repaired: unpacking ends with ${how}`);
  });
}
