// A line feed behind the NUL that ends a name or a link target ends the process.
'use strict';

const assert = require('node:assert');
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const test = require('node:test');

// A ustar header without content.
function header(name, type = '0', link = '') {
  const block = Buffer.alloc(512);
  block.write(name, 0);
  block.write('0000644\0' + '0000000\0' + '0000000\0' + '00000000000\0' + '00000000000\0' + '        ' + type + link, 100);
  block.write('ustar\0' + '00', 257);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}

// Unpacks what is on stdin, and tells how that ended.
const CHILD = `
const { pipeline } = require('node:stream');
const unpack = require('tar').x({ cwd: process.argv[1], strict: process.argv[2] === 'true' });
pipeline(process.stdin, unpack, (error) => console.log(error ? 'error' : 'end'));
`;

function ending(strict, entry) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'report-'));
  try {
    const input = Buffer.concat([entry, Buffer.alloc(1024)]);
    const child = spawnSync(process.execPath, ['-e', CHILD, folder, strict], { input, timeout: 20_000 });
    return child.status === 0 ? child.stdout.toString().trim() : 'crash';
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

for (const strict of [false, true]) {
  test(`text behind the NUL of a name, strict ${strict}`, () => {
    assert.strictEqual(ending(strict, header('a\0text')), 'end');
  });
  for (const [what, entry] of [
    ['a name', header('a\0\ntext')],
    ['a link target', header('l', '2', 'a\0\ntext')],
  ]) {
    test(`a line feed behind the NUL of ${what}, strict ${strict}`, () => {
      const how = ending(strict, entry);
      assert.strictEqual(how, 'crash', `repaired: unpacking ends with ${how}`);
    });
  }
}
