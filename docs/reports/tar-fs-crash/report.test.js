// A tar that is cut, has an owner outside of 32 bits, a NUL in a name or a link without a target ends the process.
'use strict';

const assert = require('node:assert');
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const test = require('node:test');

// A ustar header.
function header(name, { type = '0', size = 0, uid } = {}) {
  const block = Buffer.alloc(512);
  block.write(name, 0);
  block.write('0000644\0' + '0000000\0' + '0000000\0', 100);
  if (uid !== undefined) {
    block.writeBigUInt64BE(BigInt.asUintN(63, uid) | (1n << 63n), 108);
  }
  block.write(`${size.toString(8).padStart(11, '0')}\0` + '00000000000\0' + '        ' + type, 124);
  block.write('ustar\0' + '00', 257);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}

const END = Buffer.alloc(1024);
const CONTENT = Buffer.from('content\n'.padEnd(512, '\0'));
const PATH = '12 path=a\0b\n';
const TARS = {
  'a tar that ends in a file': [header('a', { size: 100_000 }), CONTENT],
  'a NUL in a name': [header('pax', { type: 'x', size: PATH.length }), Buffer.from(PATH.padEnd(512, '\0')), header('a'), END],
  'a symbolic link without a target': [header('l', { type: '2' }), END],
};
if (process.getuid() === 0) {
  TARS['an owner of 2^40'] = [header('a', { size: 8, uid: 1n << 40n }), CONTENT, END];
}

// Unpacks what is on stdin, and tells how that ended.
const CHILD = `
const { pipeline } = require('node:stream');
pipeline(process.stdin, require('tar-fs').extract(process.argv[1]), (error) => console.log(error ? 'error' : 'end'));
`;

function ending(...parts) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'report-'));
  try {
    const child = spawnSync(process.execPath, ['-e', CHILD, folder], { input: Buffer.concat(parts), timeout: 20_000 });
    return child.status === 0 ? child.stdout.toString().trim() : 'crash';
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

test('a good tar', () => {
  assert.strictEqual(ending(header('a', { size: 8 }), CONTENT, END), 'end');
});

for (const [what, parts] of Object.entries(TARS)) {
  test(what, () => {
    const how = ending(...parts);
    assert.strictEqual(how, 'crash', `repaired: unpacking ends with ${how}`);
  });
}
