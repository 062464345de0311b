//! Annotations of a job of GitHub Actions: lines of the log that the runner acts on and shows beside the job.

use super::{Event, Judged, Named, ReportError, Reporter, Tally, groups};
use crate::{
    outside::{Outside, SENTENCE, WORD},
    runner::Conclusion,
};

/// Annotations of each kind that GitHub shows of a step.
const SHOWN: usize = 10;

/// Ids of cases in an annotation.
const IDS: usize = 10;

/// The report: an error for each group of failures, and a notice for each implementation.
#[derive(Default)]
pub(super) struct Github<'a> {
    failures: Vec<Judged<'a>>,
    besides: Vec<String>,
    ended: Vec<(Named<'a>, Tally)>,
    conclusion: Option<Conclusion>,
}

impl<'a> Reporter<'a> for Github<'a> {
    fn event(&mut self, event: Event<'a>) {
        match event {
            Event::Started(_) | Event::Ready(_) => {}
            Event::Case(judged) if judged.is_off() => self.failures.push(judged),
            Event::Case(_) => {}
            Event::Ended(by, tally) => {
                let mut add = |message: &str| self.besides.push(annotation("error", by.name(), message));
                if let Some(error) = &by.run.error {
                    add(error);
                }
                for pattern in &by.run.unmatched {
                    add(&format!(
                        "no case that ran matches the entry {pattern:?} of the list of expected deviations"
                    ));
                }
                if by.run.earned_nothing() {
                    add("no case was accepted, so no rejection counts");
                }
                self.ended.push((by, tally));
            }
            Event::Finished(conclusion) => self.conclusion = Some(conclusion),
        }
    }

    fn text(self: Box<Self>) -> Result<String, ReportError> {
        let groups = groups(&self.failures);
        let mut errors = self.besides;
        errors.extend(groups.iter().map(|group| {
            let count = group.failures.len();
            let title = format!("{}: {count} x {} ({})", group.name, group.answer, group.rule());
            let repeat = group.failures.first().map(Judged::repeat).unwrap_or_default();
            annotation("error", &title, &format!("{}\n{repeat}", group.ids(IDS)))
        }));
        if let Some(more) = errors.len().checked_sub(SHOWN).filter(|more| *more > 0) {
            errors.truncate(SHOWN - 1);
            let message = format!("{} more groups of failures are in the log", more + 1);
            errors.push(annotation("error", "chunkproof", &message));
        }
        let notices = self.ended.iter().filter(|(by, _)| by.run.error.is_none()).take(SHOWN);
        errors.extend(notices.map(|(by, tally)| annotation("notice", by.name(), &tally.to_string())));
        if self.conclusion == Some(Conclusion::Nothing) {
            errors.push(annotation("warning", "chunkproof", Conclusion::Nothing.text()));
        }
        Ok(errors.concat())
    }
}

/// A line that makes an annotation. What the runner would read as its syntax has escapes.
fn annotation(kind: &str, title: &str, message: &str) -> String {
    let shown = |text: &str, limit| Outside::new(text.as_bytes(), limit).to_string().replace('%', "%25");
    let title = shown(title, 2 * WORD).replace(':', "%3A").replace(',', "%2C");
    let lines: Vec<String> = message.lines().map(|line| shown(line, SENTENCE)).collect();
    format!("::{kind} title={title}::{}\n", lines.join("%0A"))
}

/// The text with a bar before each line that the runner would act on.
pub(super) fn without_commands(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let plain = without_styles(line);
        let plain = plain.trim_start();
        if plain.starts_with("::") || plain.contains("##[") {
            out.push_str("| ");
        }
        out.push_str(&line.replace("##[", "#[["));
    }
    out
}

/// A line as it is without its styles, which a log may not have.
fn without_styles(line: &str) -> String {
    let mut parts = line.split("\u{1b}[");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        plain += part.split_once('m').map_or(part, |(_, rest)| rest);
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::{annotation, without_commands};

    #[test]
    fn nothing_ends_an_annotation_early() {
        assert_eq!(
            annotation("error", "a: b, c\n::d", "100%\n::add-mask::x\r"),
            "::error title=a%3A b%2C c\\n%3A%3Ad::100%25%0A::add-mask::x\\r\n"
        );
    }

    #[test]
    fn the_log_has_no_commands() {
        for (line, shown) in [
            ("a ::error::b\n", "a ::error::b\n"),
            ("::error::b\n", "| ::error::b\n"),
            ("  ::error::b", "| \u{20} ::error::b"),
            ("\u{1b}[1m::error::b\u{1b}[0m\n", "| \u{1b}[1m::error::b\u{1b}[0m\n"),
            ("a ##[error]b\n", "| a #[[error]b\n"),
        ] {
            assert_eq!(without_commands(line), shown);
        }
    }
}
