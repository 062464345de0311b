//! The shape of a crash: what two crashes with one cause have in common, and what is different where there are two causes.
//!
//! An implementation that crashes before it has looked at anything crashes on inputs that break any rule. So a crash is known by
//! what the process said last: the message of the panic or of the exception, and the place in the source where it says one.

/// Most letters of a shape.
const LONGEST: usize = 200;

/// The shape of a crash of Go whose message is not among what was kept.
const TRACE: &str = "a long trace of Go";

/// The shape of what a process wrote to stderr before it ended; `ending` if it wrote nothing.
pub(super) fn shape(stderr: &str, ending: &str) -> String {
    let lines: Vec<&str> = stderr.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let panic = lines.iter().rposition(|line| {
        line.starts_with("panic: ") || line.starts_with("fatal error: ") || line.contains(" panicked at ")
    });
    let told = match panic {
        Some(at) => [lines.get(at), frame(&lines[at..])]
            .into_iter()
            .flatten()
            .copied()
            .collect(),
        // Of a long trace only the end is kept, which is of any goroutine.
        None if lines.iter().any(|line| line.contains(".go:") && line.contains(" +0x")) => vec![TRACE],
        None => lines.last().copied().into_iter().collect::<Vec<_>>(),
    };
    let told = if told.is_empty() {
        ending.to_owned()
    } else {
        told.join(" ")
    };
    message(&told)
}

/// A message without what is of one input.
pub(super) fn message(text: &str) -> String {
    general(&unquoted(text)).chars().take(LONGEST).collect()
}

/// A text without what is quoted in it, which is of the input. Quotes within words are apostrophes.
fn unquoted(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(['\'', '"', '`']) {
        let (before, quoted) = rest.split_at(at);
        plain += before;
        let quote = quoted.chars().next().unwrap_or_default();
        let begins = before
            .chars()
            .next_back()
            .is_none_or(|letter| !letter.is_alphanumeric());
        let inner = quoted.split_at(quote.len_utf8()).1;
        match inner.find(quote).filter(|_| begins) {
            Some(end) => {
                plain.extend([quote, '*', quote]);
                rest = inner.split_at(end + quote.len_utf8()).1;
            }
            None => {
                plain.push(quote);
                rest = inner;
            }
        }
    }
    plain + rest
}

/// The line after a panic that says most about its cause: of Go the first function that is not the runtime's, of Rust the message.
fn frame<'a, 'b>(lines: &'b [&'a str]) -> Option<&'b &'a str> {
    if lines.first().is_some_and(|line| line.contains(" panicked at ")) {
        return lines.get(1);
    }
    let frames = lines.iter().skip_while(|line| !line.starts_with("goroutine ")).skip(1);
    frames
        .filter(|line| line.contains('(') && !line.contains(".go:"))
        .find(|line| !line.starts_with("panic(") && !line.starts_with("runtime."))
}

/// A text without what is of one input or one process: addresses, arguments in hexadecimal, and numbers that are not the line of a
/// source file.
fn general(text: &str) -> String {
    let mut words = Vec::new();
    for word in text.split_whitespace() {
        let is_place = word
            .split_once(':')
            .is_some_and(|(file, line)| file.contains('.') && line.starts_with(|letter: char| letter.is_ascii_digit()));
        if is_place {
            words.push(word.to_owned());
            continue;
        }
        // Arguments of a function of Go are its registers; those of a string, a slice or a structure are in braces.
        let arguments = ["(0x", "({"].iter().filter_map(|begin| word.find(begin)).min();
        let word = arguments.map_or(word, |at| word.get(..at).unwrap_or(word));
        let is_argument = word.trim_start_matches('{').starts_with("0x") || word.starts_with("...}");
        if is_argument {
            continue;
        }
        let mut plain = String::new();
        for letter in word.chars() {
            match letter {
                '0'..='9' if plain.ends_with('*') => {}
                '0'..='9' => plain.push('*'),
                letter => plain.push(letter),
            }
        }
        words.push(plain);
    }
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::shape;

    #[test]
    fn crashes_with_one_cause_have_one_shape() {
        let go = |length: u64, address: &str| {
            format!(
                "some log line 7\npanic: runtime error: slice bounds out of range [:{length}] with capacity 8\n\n\
                 goroutine 1 [running]:\npanic({address}, {address})\n\t/usr/lib/go/src/runtime/panic.go:787 +0x132\n\
                 example.org/lib/chunked.read({address}, 0x10)\n\t/src/chunked/read.go:87 +0x1d\n"
            )
        };
        let expected =
            "panic: runtime error: slice bounds out of range [:*] with capacity * example.org/lib/chunked.read";
        assert_eq!(shape(&go(9, "0xc000012"), ""), expected);
        assert_eq!(shape(&go(123, "0xc00ffff"), ""), expected);

        let with_strings = |pointer: &str| {
            format!(
                "panic: runtime error: slice bounds out of range [3:2]\n\ngoroutine 7 [running]:\n\
                 example.org/lib/tar.(*Reader).parse({{{pointer}, 0x3}}, {{{pointer}, 0x10, 0x20}}, {{{{{pointer}, ...}}, ...}})\n\t/src/tar.go:8 +0x1d\n"
            )
        };
        let expected = "panic: runtime error: slice bounds out of range [*:*] example.org/lib/tar.(*Reader).parse";
        assert_eq!(shape(&with_strings("0xc0001a2b"), ""), expected);
        assert_eq!(shape(&with_strings("0x7fd"), ""), expected);

        let rust = |line: u32, index: u32| {
            format!(
                "thread 'main' ({index}) panicked at src/toc.rs:{line}:9:\nindex out of bounds: the len is 3 but the index is {index}\n\
                     note: run with `RUST_BACKTRACE=1`\n"
            )
        };
        assert_eq!(shape(&rust(12, 5), ""), shape(&rust(12, 77), ""));
        assert_ne!(
            shape(&rust(12, 5), ""),
            shape(&rust(13, 5), ""),
            "another line is another cause"
        );
        let python = "Traceback (most recent call last):\n  File \"a.py\", line 3\nValueError: 17 is not in range(4)\n";
        assert_eq!(shape(python, ""), "ValueError: * is not in range(*)");
        let literal = |text: &str| format!("ValueError: invalid literal for int(): '{text}'\n");
        assert_eq!(shape(&literal(""), ""), shape(&literal("../a"), ""));
        assert_eq!(
            shape("can't read it, isn't 'a' there\n", ""),
            "can't read it, isn't '*' there"
        );
        let trace = |line: u32| format!("main.walk()\n\t/src/walk.go:7 +0x1d\n\truntime/mgc.go:{line} +0x8\n");
        assert_eq!(shape(&trace(172), ""), shape(&trace(1695), ""));
        assert_eq!(
            shape("\n", "was ended by signal 11 (SIGSEGV)"),
            "was ended by signal * (SIGSEGV)"
        );
        assert!(shape(&"x".repeat(1000), "").len() <= 200);
    }
}
