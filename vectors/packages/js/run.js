// Tests of node:test, or of any runner whose tests have the same form.

import { OPS, count } from './cases.js';
import { Judge, isCredited, isFailure } from './judge.js';

/** Registers a test for each case. */
export function run(test, implementation) {
  const judge = new Judge(implementation);
  for (const one of judge.cases) {
    test(one.id, async (t) => {
      const { result, note } = await judge.judge(one);
      report(t, one, result, note, judge.expectedFailure(one));
    });
  }
  for (const op of OPS.filter((op) => !(op in implementation.operations))) {
    test(op, async (t) => t.skip(`${count(op)} cases are not asked: not implemented`));
  }
}

function report(t, one, result, note, reason) {
  if (isFailure(result)) {
    if (reason !== null) t.todo(reason);
    const { title, why, rules, twinId, change } = one;
    const about = `title: ${title}\nwhy: ${why}\nrules: ${rules.join(' ')}\ntwin: ${twinId}\nchange: ${change}`;
    throw new Error(`${result}: ${note}\n${about}`);
  }
  if (reason !== null && !['unsupported', 'not-judged'].includes(result)) {
    throw new Error(`${result}: failure is expected and did not happen, ${reason}`);
  }
  if (!isCredited(result)) t.skip(`${result}: ${note}`);
}
