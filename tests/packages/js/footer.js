// Reads 64-byte footers.

export class Refused extends Error {}

export function parse({ tail: given, blob_size }) {
  const tail = Buffer.from(given.subarray(-72));
  if (tail.length < 72 || tail.toString('hex', 0, 8) !== '502a4d1840000000' || tail.toString('latin1', 64) !== 'GNUlInUx') {
    throw new Refused('no footer of 64 bytes');
  }
  const [offset, length, uncompressed, kind, ...tarSplit] = [8, 16, 24, 32, 40, 48, 56].map((at) => tail.readBigUInt64LE(at));
  const named = ([offset, length, uncompressed]) => ({ offset, length, uncompressed });
  const hasTarSplit = tarSplit.some((number) => number !== 0n);
  const isCut = tarSplit[1] === 0n && tarSplit[2] !== 0n;
  if (kind !== 1n || offset < 8n || length === 0n || uncompressed === 0n || isCut) {
    throw new Refused('the type, an offset or a length is wrong');
  }
  const end = hasTarSplit ? tarSplit[0] + tarSplit[1] : offset + length;
  if (end !== blob_size - 72n || (hasTarSplit && tarSplit[0] !== offset + length + 8n)) {
    throw new Refused('TOC, tar-split and footer are not adjacent');
  }
  return { layout: 'v64', toc: named([offset, length, uncompressed]), tar_split: hasTarSplit ? named(tarSplit) : null };
}
