// What scripts/mutants adds to tests/it/reference.rs in its copy of the package.

/// Something that a mutant is to be noticed by.
#[derive(Clone, Copy)]
enum Check<'a> {
    Answer(Op, &'a Case<Value, Value>),
    Verify(&'a Case<Value, Value>),
    Noticed(Rule),
}

impl Check<'_> {
    fn name(self) -> String {
        match self {
            Check::Answer(_, case) => case.id.to_string(),
            Check::Verify(case) => format!("verify:{}", case.id),
            Check::Noticed(rule) => format!("rule:{rule}"),
        }
    }

    fn passes(self, inputs: &BTreeMap<Rule, Vec<(Op, Value)>>) -> bool {
        let done = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| match self {
            Check::Answer(op, case) => complaint(op, case).is_none(),
            Check::Verify(case) => {
                check_verify(case);
                true
            }
            Check::Noticed(rule) => is_noticed(rule, inputs),
        }));
        done.unwrap_or(false)
    }
}

/// What a check may take, with the mutant.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(10);

/// Runs mutants whose numbers come on standard input, one a line: `NUMBER survives`, or what notices each. A mutant is only run with the
/// checks that reach it. Without `$ORDER`, a file with checks in the order in which they are made, it prints that order instead, from
/// the fastest to the slowest: the name of each check, and which mutants it reaches, as bits.
#[test]
fn mutants_one_after_the_other() {
    use std::{io::Write as _, sync::Mutex, sync::atomic::Ordering::Relaxed, time::Instant};

    use chunkproof::format::switched::{NOW, RECORD, take_reached};

    static RUNNING: Mutex<Option<(u32, String, Instant)>> = Mutex::new(None);

    let say = |line: String| {
        let mut output = std::io::stdout().lock();
        writeln!(output, "{line}").and_then(|()| output.flush()).unwrap();
    };
    std::panic::set_hook(Box::new(|_| {}));
    let all: Vec<(Op, Vec<Case<Value, Value>>)> = Op::ALL.iter().map(|&op| (op, cases(op))).collect();
    let inputs = inputs_by_rule();
    let mut waiting: Vec<Check<'_>> = Vec::new();
    for (op, cases) in &all {
        waiting.extend(cases.iter().map(|case| Check::Answer(*op, case)));
        if *op == Op::LayerReconstruct {
            waiting.extend(cases.iter().map(Check::Verify));
        }
    }
    waiting.extend(checks().map(Check::Noticed));
    let Some(order) = std::env::var_os("ORDER") else {
        let mut timed = Vec::new();
        for check in waiting {
            let start = Instant::now();
            NOW.store(RECORD, Relaxed);
            assert!(check.passes(&inputs), "{} fails without a mutant", check.name());
            NOW.store(0, Relaxed);
            let reached: String = take_reached().iter().map(|bits| format!("{bits:02x}")).collect();
            timed.push((start.elapsed(), check.name(), reached));
        }
        timed.sort();
        for (_, name, reached) in timed {
            say(format!("check {name} {reached}"));
        }
        return;
    };
    let mut named: BTreeMap<String, Check<'_>> = waiting.into_iter().map(|check| (check.name(), check)).collect();
    let mut order: Vec<(String, Check<'_>, Vec<u8>)> = fs::read_to_string(order)
        .unwrap()
        .lines()
        .map(|line| {
            let (name, reached) = line.split_once(' ').unwrap();
            let (name, check) = named.remove_entry(name).unwrap();
            let bits = |at: usize| u8::from_str_radix(&reached[at..at + 2], 16).unwrap();
            (name, check, (0..reached.len()).step_by(2).map(bits).collect())
        })
        .collect();
    assert!(named.is_empty());

    std::thread::spawn(|| {
        loop {
            std::thread::sleep(PATIENCE / 50);
            let running = RUNNING.lock().unwrap();
            if let Some((mutant, check, start)) = &*running
                && start.elapsed() > PATIENCE
            {
                println!("{mutant} late {check}");
                std::process::exit(0);
            }
        }
    });
    for line in std::io::stdin().lines() {
        let mutant: u32 = line.unwrap().parse().unwrap();
        let at = usize::try_from(mutant).unwrap();
        let mut asked = 0;
        let noticed = order.iter().position(|(name, check, reached)| {
            if reached.get(at / 8).is_none_or(|bits| bits >> (at % 8) & 1 == 0) {
                return false;
            }
            asked += 1;
            *RUNNING.lock().unwrap() = Some((mutant, name.clone(), Instant::now()));
            NOW.store(mutant, Relaxed);
            let passes = check.passes(&inputs);
            NOW.store(0, Relaxed);
            !passes
        });
        *RUNNING.lock().unwrap() = None;
        match noticed {
            Some(place) => {
                say(format!("{mutant} noticed {}", order[place].0));
                // What noticed one mutant is likely to notice the next one.
                order[..=place].rotate_right(1);
            }
            None if asked == 0 => say(format!("{mutant} unreached")),
            None => say(format!("{mutant} survives {asked}")),
        }
    }
}
