// The test cases of chunkproof for zstd:chunked container layers. index.d.ts describes what is exported.

export { OPS, SCHEMA, bugs, cases, choices, find, rules, tags, tombstones } from './cases.js';
export { Decline, Judge, Rejection, isCredited, isFailure } from './judge.js';
export { tarOutput } from './notation.js';
export { run } from './run.js';
