// Of the package. `chunkproof run` and the packages of other languages judge judging.json in the same way.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';

import { Decline, Judge, OPS, Rejection, bugs, cases, choices, find, rules, tags, tombstones } from './index.js';
import { index } from './cases.js';
import { compile, difference } from './judge.js';
import { NotKnown, bytes, encode } from './notation.js';

const scenarios = JSON.parse(readFileSync(new URL('../judging.json', import.meta.url), 'utf8'));

test('every case of the index is read', () => {
  const found = OPS.flatMap(cases);
  assert.deepEqual(found.map(({ id }) => id).sort(), [...index().keys()].sort());
  for (const one of found) {
    const { op, severity } = index().get(one.id);
    assert.deepEqual([one.op, one.severity], [op, severity]);
    assert.equal(one.twin !== null, one.expect.verdict === 'invalid');
    const fields = Object.keys(one.input);
    assert.deepEqual(Object.keys(one.rawInput).filter((field) => !fields.includes(field)), [], one.id);
  }
});

test('lists are read', () => {
  for (const rows of [rules(), choices(), tags(), bugs(), tombstones()]) assert.ok(rows.length > 0 && rows.every(({ id }) => id));
});

// Gives the answers of a scenario: of a valid case the default is the right output, of others a rejection.
class Scripted extends Judge {
  #answers;

  constructor({ ops, choices, answers = {} }) {
    const operations = Object.fromEntries(Object.entries(ops).map(([op, dialects]) => [op, { dialects }]));
    super({ operations, choices });
    this.#answers = answers;
  }

  async answer(_, { id, expect }) {
    const kind = this.#answers[id] ?? (expect.verdict === 'valid' ? 'accept' : 'reject');
    if (kind === 'accept-wrongly') return { kind: 'accept', output: { wrong: 'output' } };
    if (kind.startsWith('reading:')) return { kind: 'accept', output: encode(expect.readings[kind.slice('reading:'.length)]) };
    return { kind, output: encode(expect.output) };
  }
}

for (const scenario of scenarios) {
  test(scenario.name, async () => {
    const judge = new Scripted(scenario);
    const { results = {} } = scenario;
    for (const one of judge.cases) {
      const usual = one.expect.verdict === 'either' ? 'strict' : 'pass';
      const named = results[one.id] ?? results[`twin:${one.twinId}`] ?? results[`choice:${one.expect.choice}`];
      const applies = one.dialects.some((dialect) => scenario.ops[one.op].includes(dialect));
      assert.equal((await judge.judge(one)).result, applies ? (named ?? usual) : 'unsupported', one.id);
    }
  });
}

test('an exception that is no rejection is a crash', async () => {
  const judge = new Judge({
    operations: {
      'footer/parse': {
        async answer({ tail, blob_size }) {
          if (blob_size > 2n ** 40n) throw new Decline('large');
          if (tail.length < 40) throw new Rejection('short');
          throw new RangeError('a mistake');
        },
      },
    },
  });
  const { result, note } = await judge.judge(find('footer/v64'));
  assert.equal(result, 'crash');
  assert.match(note, /RangeError: a mistake/);
  assert.equal((await judge.judge(find('footer/blob-empty'))).result, 'vacuous');
});

test('bytes in every notation', () => {
  const parts = [{ base64: 'YQ==', times: '2' }, { base64: 'Yg==', times: '2', number: '9', then: 'Yw==' }];
  for (const [notation, expected] of [
    [{ text: 'a\0' }, 'a\0'],
    [{ hex: '00ff' }, '\0\xff'],
    [{ base64: 'AP8=' }, '\0\xff'],
    [{ parts }, 'aab9cb10c'],
  ]) {
    assert.equal(bytes(notation).toString('latin1'), expected);
  }
  assert.throws(() => bytes({ morse: '' }), NotKnown);
});

test('what is not known is not judged', async () => {
  const judge = new Judge({ operations: { 'footer/parse': { answer: (input) => input } } });
  const { twin, limits } = find('footer/v64');
  for (const [id, expect, input] of [
    ['a/verdict', { verdict: 'later', output: {} }, () => ({})],
    ['a/no-output', { verdict: 'either', choice: 'x' }, () => ({})],
    ['a/notation', { verdict: 'invalid' }, () => bytes({ morse: '' })],
  ]) {
    const one = { id, op: 'footer/parse', dialects: ['g9'], twin, limits, expect, get input() { return input(); } };
    assert.equal((await judge.judge(one)).result, 'not-judged', id);
  }
});

test('a declared decision is one of its choice', () => {
  const declaring = (decision) => () => new Judge({ operations: {}, choices: { 'tar-global-records': decision } });
  for (const decision of ['accept', 'reject', 'posix']) assert.doesNotThrow(declaring(decision));
  assert.throws(declaring('bits-32'), /no reading/);
});

test('patterns stop at a slash', () => {
  for (const [glob, id, matches] of [
    ['a/*', 'a/b', true],
    ['*', 'a/b', false],
    ['**', 'a/b', true],
    ['a/b', 'a/bc', false],
    ['a/b.', 'a/bc', false],
  ]) {
    assert.equal(compile(glob).test(id), matches, glob);
  }
});

test('differences are found', () => {
  const output = { layout: 'v64', tar_split: { offset: 1n, uncompressed: 3 } };
  const expected = { layout: 'v64', tar_split: { offset: '1', uncompressed: '4' } };
  assert.equal(difference('', encode(output), expected), '/tar_split/uncompressed: found "3", expected "4"');
  assert.deepEqual(encode({ a: null, b: [], c: { d: {} }, e: [{ f: undefined }], g: '' }), { e: [{}], g: '' });
  assert.deepEqual(encode({ name: 'a', dev_major: 0n }), { name: 'a' });
  assert.deepEqual(encode({ path: Buffer.from('a'), dev_major: 0n }), { path: 'YQ==', dev_major: '0' });
});

test('expectations need a case and a reason', () => {
  for (const expectedFailures of [{ 'footer/no-such-case': 'reason' }, { 'footer/*': '' }]) {
    assert.throws(() => new Judge({ operations: { 'footer/parse': {} }, expectedFailures }), /expected failure/);
  }
});
