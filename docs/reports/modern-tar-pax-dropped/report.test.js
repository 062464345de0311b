// A GNU long name after a PAX header drops the records of the PAX header.
'use strict';

const assert = require('node:assert');
const test = require('node:test');

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

function entry(name, type, content) {
  return Buffer.concat([header(name, type, content.length), content, Buffer.alloc(-content.length & 511)]);
}

// A file of 512 bytes, by its PAX record, whose content is the header of another file.
function archive(...extensions) {
  return Buffer.concat([...extensions, header('short', '0', 0), header('inner', '0', 0), Buffer.alloc(1024)]);
}

const pax = entry('pax', 'x', Buffer.from('12 size=512\n'));
const longName = entry('././@LongLink', 'L', Buffer.from('long\0'));

async function names(tar, options) {
  const { unpackTar } = await import('modern-tar');
  return (await unpackTar(tar, options)).map((entry) => entry.header.name);
}

for (const strict of [false, true]) {
  test(`a PAX header alone, strict ${strict}`, async () => {
    assert.deepStrictEqual(await names(archive(pax), { strict }), ['short']);
  });
  test(`a PAX header before a GNU long name, strict ${strict}`, async () => {
    const found = await names(archive(pax, longName), { strict });
    assert.deepStrictEqual(found, ['long', 'inner'], `repaired: the entries are ${found}`);
  });
  test(`a PAX header after a GNU long name, strict ${strict}`, async () => {
    assert.deepStrictEqual(await names(archive(longName, pax), { strict }), ['long']);
  });
}
