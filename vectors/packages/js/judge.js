// From answers to results, as chunkproof run judges them.

import { isDeepStrictEqual } from 'node:util';

import { OPS, cases, choices } from './cases.js';
import { NotKnown, encode } from './notation.js';

/** The implementation rejects the input. */
export class Rejection extends Error {}

/** The implementation falls back to a full download. */
export class Decline extends Error {}

const FAILURES = new Set(['wrong-verdict', 'wrong-output', 'choice-conflict', 'crash', 'timeout']);
const CREDITED = new Set(['pass', 'lenient', 'strict']);

/** Whether the implementation is wrong. */
export const isFailure = (result) => FAILURES.has(result);

/** Whether the case counts as passed. */
export const isCredited = (result) => CREDITED.has(result);

const NONE = { kind: 'none' };

/** The results of an implementation. It asks when a result is needed, and once for each case. */
export class Judge {
  #implementation;
  #asked = new Map();
  #either = new Map();
  #patterns;

  constructor(implementation) {
    const { operations, choices: declared = {}, expectedFailures = {} } = implementation;
    const known = new Set([...OPS, ...choices().map(({ id }) => id)]);
    const unknown = [...Object.keys(operations), ...Object.keys(declared)].filter((name) => !known.has(name));
    if (unknown.length > 0) throw new TypeError(`unknown operations or choices: ${unknown.join(', ')}`);
    for (const { id, readings = {} } of choices()) {
      const decision = declared[id] ?? 'accept';
      if (!['accept', 'reject', ...Object.keys(readings)].includes(decision)) {
        throw new TypeError(`the choice ${id} has no reading "${decision}"`);
      }
    }
    this.#implementation = { rejects: (error) => error instanceof Rejection, ...implementation };
    this.cases = OPS.filter((op) => op in operations).flatMap(cases);
    for (const one of this.cases) {
      const { choice } = one.expect;
      if (choice) this.#either.set(choice, [...(this.#either.get(choice) ?? []), one]);
    }
    this.#patterns = Object.entries(expectedFailures).map(([glob, reason]) => {
      const pattern = compile(glob);
      if (!reason) throw new TypeError(`the expected failure "${glob}" has no reason`);
      if (!this.cases.some(({ id }) => pattern.test(id))) {
        throw new TypeError(`the expected failure "${glob}" matches no case of the operations`);
      }
      return { pattern, reason };
    });
  }

  /** The reason why the case is known to fail, or null. */
  expectedFailure({ id }) {
    return this.#patterns.find(({ pattern }) => pattern.test(id))?.reason ?? null;
  }

  /** The result of a case, and what there is to say about it. */
  async judge(one) {
    const { answer, result, note, decisions: own } = await this.#alone(one);
    if (result === 'pass' && one.twin !== null && (await this.#alone(one.twin)).answer.kind !== 'accept') {
      const cause = `the twin ${one.twinId} is not accepted, so the rejection shows nothing`;
      return { result: 'vacuous', note: `${cause}: ${answer.message}` };
    }
    if (result === 'lenient' || result === 'strict') {
      const { choice } = one.expect;
      const { fitting, source } = await this.#decided(one);
      if (source && !fitting.some((decision) => own.includes(decision))) {
        const here = `the choice ${choice} is decided as ${own.join(' or ')} here`;
        return { result: 'choice-conflict', note: `${here}, while ${source} ${fitting.join(' or ')}` };
      }
    }
    return { result, note };
  }

  // The decisions of a choice that fit what is declared, or else the cases before this one, and what shows them first. An answer that
  // several readings give leaves open which one it is.
  async #decided({ id, expect }) {
    const declared = this.#implementation.choices?.[expect.choice];
    if (declared) return { fitting: [declared], source: 'the implementation declares' };
    let fitting = [];
    let source = '';
    for (const earlier of this.#either.get(expect.choice)) {
      if (earlier.id === id) break;
      const { result, decisions: found } = await this.#alone(earlier);
      if (result !== 'lenient' && result !== 'strict') continue;
      const both = fitting.filter((decision) => found.includes(decision));
      if (source === '') [fitting, source] = [found, `${earlier.id} shows`];
      else if (both.length > 0) fitting = both;
    }
    return { fitting, source };
  }

  // The result of a case without its twin and the others of its choice.
  #alone(one) {
    if (!this.#asked.has(one.id)) this.#asked.set(one.id, this.#ask(one));
    return this.#asked.get(one.id);
  }

  async #ask(one) {
    const operation = this.#implementation.operations[one.op];
    if (operation === undefined) return { answer: NONE, result: 'unsupported', note: `${one.op} is not implemented` };
    const { dialects } = operation;
    if (dialects && !one.dialects.some((dialect) => dialects.includes(dialect))) {
      return { answer: NONE, result: 'unsupported', note: `none of the dialects ${one.dialects.join(', ')}` };
    }
    const { verdict, output } = one.expect;
    if (verdict !== 'invalid' && (!['valid', 'either'].includes(verdict) || output === undefined)) {
      return { answer: NONE, result: 'not-judged', note: `verdict ${verdict} is not known in this form` };
    }
    let answer;
    try {
      answer = await this.answer(operation, one);
    } catch (error) {
      if (error instanceof NotKnown) return { answer: NONE, result: 'not-judged', note: error.message };
      throw error;
    }
    const decisions = decisionsOf(one.expect, answer);
    const judged = verdictOf(one.expect, answer, decisions);
    if (one.limits && !isFailure(judged.result) && answer.seconds > one.limits.seconds) {
      const note = `took ${answer.seconds.toFixed(1)} s, the limit is ${one.limits.seconds} s`;
      return { answer: NONE, result: 'timeout', note };
    }
    return { answer, ...judged, decisions };
  }

  /** Asks the implementation. A subclass can answer otherwise. */
  async answer(operation, one) {
    const input = one.input;
    const start = performance.now();
    const given = (answer) => ({ ...answer, seconds: (performance.now() - start) / 1000 });
    try {
      return given({ kind: 'accept', output: encode(await operation.answer(input)) });
    } catch (error) {
      if (error instanceof Decline) return given({ kind: 'decline', message: error.message });
      if (this.#implementation.rejects(error)) return given({ kind: 'reject', message: String(error?.message ?? error) });
      return given({ kind: 'crash', message: String(error?.stack ?? error) });
    }
  }
}

// The decisions of the choice that the answer to an either case fits: several where readings agree about the case, none where it is
// another answer.
function decisionsOf({ verdict, output, readings = {} }, { kind, output: actual }) {
  if (verdict !== 'either') return [];
  if (kind === 'reject' || kind === 'decline') return ['reject'];
  if (kind !== 'accept') return [];
  const outputs = Object.entries({ accept: output, ...readings });
  return outputs.filter(([, expected]) => isDeepStrictEqual(actual, encode(expected))).map(([name]) => name);
}

function verdictOf({ verdict, output }, { kind, output: actual, message = '' }, decisions) {
  if (kind === 'crash') return { result: 'crash', note: message };
  if (kind === 'accept') {
    if (verdict === 'invalid') return { result: 'wrong-verdict', note: `accepted with ${short(actual)}` };
    if (decisions.length > 0) return { result: 'lenient', note: '' };
    const found = difference('', actual, encode(output));
    if (found) return { result: 'wrong-output', note: found };
    return { result: 'pass', note: '' };
  }
  if (verdict === 'invalid') return { result: 'pass', note: message };
  if (verdict === 'either') return { result: 'strict', note: message };
  if (kind === 'decline') return { result: 'declined', note: message };
  return { result: 'wrong-verdict', note: `rejected: ${message}` };
}

/** The first place in which two values differ, as a JSON pointer with both values, or nothing. */
export function difference(at, actual, expected) {
  if (isDeepStrictEqual(actual, expected)) return '';
  const areObjects = [actual, expected].every((value) => typeof value === 'object' && value !== null);
  if (areObjects && Array.isArray(actual) === Array.isArray(expected) && actual.length === expected.length) {
    for (const key of Object.keys({ ...actual, ...expected }).sort()) {
      const found = difference(`${at}/${key}`, actual[key], expected[key]);
      if (found) return found;
    }
  }
  return `${at}: found ${short(actual)}, expected ${short(expected)}`;
}

function short(value) {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 300 ? `${text.slice(0, 300)}...` : text;
}

/** A pattern of ids, in which * stops at a slash and ** does not. */
export function compile(glob) {
  const parts = glob.split(/(\*\*|\*)/).map((part) => {
    if (part === '**') return '.*';
    return part === '*' ? '[^/]*' : part.replace(/[.+?^${}()|[\]\\]/g, '\\$&');
  });
  return new RegExp(`^${parts.join('')}$`);
}
