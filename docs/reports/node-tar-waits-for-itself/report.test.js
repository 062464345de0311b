// An entry whose link target is above or below its own path makes the stream that unpacks it wait for ever.
'use strict';

const assert = require('node:assert');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const test = require('node:test');

const tar = require('tar');

const SECONDS = 5;

// A header, and the block of its content if it has any.
function entry(type, name, link = '', content = '') {
  const block = Buffer.alloc(512);
  const size = content.length.toString(8).padStart(11, '0');
  block.write(name, 0);
  block.write(`0000644\0${'0000000\0'.repeat(2)}${size}\0${'0'.repeat(11)}\0${' '.repeat(8)}${type}${link}`, 100);
  block.write('ustar\0' + '00', 257);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return Buffer.concat([block, Buffer.from(content && content.padEnd(512, '\0'))]);
}

// How unpacking ends: with an error, without one, or not at all.
async function ending(...entries) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'report-'));
  const stream = tar.x({ cwd: folder });
  try {
    return await new Promise((resolve) => {
      const timer = setTimeout(() => resolve('waits'), SECONDS * 1000);
      const done = (how) => () => {
        clearTimeout(timer);
        resolve(how);
      };
      stream.on('error', done('error'));
      stream.on('close', done('end'));
      stream.end(Buffer.concat([...entries, Buffer.alloc(1024)]));
    });
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

test('a symbolic link to another name', async () => {
  assert.strictEqual(await ending(entry('2', 'a', 'b/c')), 'end');
});

for (const [what, entries] of [
  ['a symbolic link to a name below it', [entry('2', 'a', 'a/b')]],
  ['a symbolic link to a name above it', [entry('2', 'a/b', 'a')]],
  ['a hard link to a name below it', [entry('1', 'a', 'a/b')]],
  ['a file with a long link target below it', [entry('K', 'link', '', 'a/b\0'), entry('0', 'a')]],
]) {
  test(what, async () => {
    const how = await ending(...entries);
    assert.strictEqual(how, 'waits', `repaired: unpacking ends with ${how}`);
  });
}
