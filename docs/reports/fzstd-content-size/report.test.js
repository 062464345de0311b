// A content size of 2^31 or more is computed in 32 bits, with a sign.
'use strict';

const assert = require('node:assert');
const test = require('node:test');

const fzstd = require('fzstd');

// A frame with these bytes that declares another content size.
function frame(size, content) {
  const head = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0xe0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
  head.writeBigUInt64LE(size, 5);
  head.writeUIntLE((content.length << 3) | 1, 13, 3);
  return Buffer.concat([head, content]);
}

for (const [power, message] of [
  [31n, /^Invalid typed array length: -/],
  [40n, /^offset is out of bounds/],
  [63n, /^Invalid typed array length: -/],
]) {
  test(`a content size of 2^${power}`, () => {
    let thrown;
    try {
      fzstd.decompress(frame(2n ** power, Buffer.alloc(300, 'x')));
    } catch (error) {
      thrown = error;
    }
    const shown = thrown instanceof RangeError && message.test(thrown.message) && thrown.code === undefined;
    assert(shown, `repaired: decompress throws ${thrown}, with the code ${thrown?.code}`);
  });
}
