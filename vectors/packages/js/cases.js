// The cases and the lists beside them.

import { readFileSync } from 'node:fs';

import { DATA, bytes } from './notation.js';

/** The version of the shape of the files that this package reads. */
export const SCHEMA = 1;

const optional = (value) => value ?? null;
const file = ({ name, content }) => ({ name: bytes(name), content: bytes(content) });
const tail = (input) => ({ tail: bytes(input.tail), blob_size: BigInt(input.blob_size) });
const json = (input) => ({ json: bytes(input.json) });
const tar = (input) => ({ tar: bytes(input.tar) });
const layer = ({ blob, annotations, media_type }) => ({
  blob: bytes(blob),
  annotations,
  media_type: optional(media_type),
});

// How inputs are decoded, in the order of the set, in which choices are decided.
const INPUTS = {
  'footer/parse': tail,
  'annotations/parse': ({ annotations }) => ({ annotations }),
  'toc/parse': (input) => ({ ...json(input), dialect: input.dialect }),
  'tarsplit/parse': json,
  'tarsplit/assemble': ({ tar_split, files }) => ({ tar_split: bytes(tar_split), files: files.map(file) }),
  'tarsplit/disassemble': tar,
  'layer/decompress': ({ blob }) => ({ blob: bytes(blob) }),
  'layer/index': layer,
  'layer/reconstruct': (input) => ({ ...layer(input), diff_id: optional(input.diff_id) }),
  'layer/write': tar,
  'estargz/footer': tail,
  'estargz/toc': json,
  'tar/list': tar,
};

/** The operations in the order of the set. */
export const OPS = Object.freeze(Object.keys(INPUTS));

class Case {
  constructor(op, { id, title, why, rules, dialects, tags = [], twin, change = '', input, limits, expect, provenance }) {
    Object.assign(this, { id, op, title, why, rules, dialects, tags, change, expect, provenance });
    this.twinId = optional(twin);
    this.severity = index().get(id)?.severity;
    this.rawInput = input;
    this.limits = limits ? { seconds: limits.seconds, memory: BigInt(limits.memory) } : null;
  }

  get input() {
    return INPUTS[this.op](this.rawInput);
  }

  get twin() {
    return this.twinId === null ? null : find(this.twinId);
  }
}

const read = (stem) => JSON.parse(readFileSync(new URL(`${stem}.json`, DATA), 'utf8'));

const loaded = new Map();

/** The cases of an operation in the order of their ids. */
export function cases(op) {
  if (!OPS.includes(op)) throw new TypeError(`no operation is called ${op}`);
  if (!loaded.has(op)) {
    const { schema, cases } = read(op.replace('/', '-'));
    if (schema !== SCHEMA) throw new Error(`${op}: schema ${schema}, expected ${SCHEMA}`);
    loaded.set(op, cases.map((fields) => new Case(op, fields)));
  }
  return loaded.get(op);
}

let lines;

/** The lines of index.json by their ids. */
export function index() {
  lines ??= new Map(read('index').map((line) => [line.id, line]));
  return lines;
}

/** How many cases an operation has, without reading them. */
export const count = (op) => [...index().values()].filter((line) => line.op === op).length;

/** The case with this id. */
export function find(id) {
  const line = index().get(id);
  if (line === undefined) throw new TypeError(`no case is called ${id}`);
  return cases(line.op).find((one) => one.id === id);
}

export const rules = () => read('rules');
export const choices = () => read('choices');
export const tags = () => read('tags');
export const bugs = () => read('bugs');
export const tombstones = () => read('tombstones');
