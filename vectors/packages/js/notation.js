// Bytes and numbers from the JSON of case files and back.

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** The files of the set. */
export const DATA = new URL('../../', import.meta.url);

/** Something that a later version of the set has and this version of the package does not know. */
export class NotKnown extends Error {}

/** Decodes bytes in any notation of the case files, recipes of large inputs included. */
export function bytes(value) {
  if ('text' in value) return Buffer.from(value.text, 'utf8');
  if ('hex' in value) return Buffer.from(value.hex, 'hex');
  if ('base64' in value) return Buffer.from(value.base64, 'base64');
  if ('blob' in value) return readFileSync(new URL(`blobs/${value.blob}`, DATA));
  if ('parts' in value) return Buffer.concat(value.parts.flatMap(part));
  throw new NotKnown(`notation of bytes ${Object.keys(value).join(', ')}`);
}

function part({ base64, times, number, then = '' }) {
  const piece = Buffer.from(base64, 'base64');
  const last = Buffer.from(then, 'base64');
  if (number === undefined) {
    const turn = Buffer.concat([piece, last]);
    return turn.length === 0 ? [] : [Buffer.alloc(turn.length * Number(times), turn)];
  }
  const first = BigInt(number);
  const turns = [];
  for (let turn = 0n; turn < BigInt(times); turn++) turns.push(piece, Buffer.from(String(first + turn)), last);
  return turns;
}

const OMITTED_IF_EMPTY = new Set([
  'link_name', 'user_name', 'group_name', 'modtime', 'accesstime', 'changetime', 'digest', 'crc64',
]);
// In an entry of a TOC, which has a name. A tree has both numbers of every device.
const OMITTED_IF_ZERO = new Set(['dev_major', 'dev_minor']);

/** An output as JSON, without the members that hold nothing, which may be absent. */
export function encode(value) {
  if (typeof value === 'bigint' || typeof value === 'number') return String(value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (Array.isArray(value)) return value.map(encode);
  if (value === null || typeof value !== 'object') return value;
  const members = Object.entries(value).map(([key, member]) => [key, encode(member)]);
  return Object.fromEntries(members.filter(([key, member]) => !holdsNothing(key, member, 'name' in value)));
}

function holdsNothing(key, member, isNamed) {
  if (member === null || member === undefined) return true;
  if (typeof member === 'object') return Object.keys(member).length === 0;
  return (OMITTED_IF_EMPTY.has(key) && member === '') || (isNamed && OMITTED_IF_ZERO.has(key) && member === '0');
}

/** A tar as output. */
export function tarOutput(tar) {
  return { sha256: createHash('sha256').update(tar).digest('hex'), size: BigInt(tar.length) };
}
