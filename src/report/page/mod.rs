//! A page for browsers about many implementations and cases: one file that needs nothing else.
//!
//! What every view needs is JSON in the page. What only the section of a case needs is packed, a piece for some hundred cases, and
//! unpacked by the page when such a section is shown. A policy in the page forbids it to load anything.

mod cases;
mod column;
mod of_run;

use std::io::{self, Write as _};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use flate2::{Compression, write::GzEncoder};
use serde::Serialize;

use self::cases::Numbering;
pub use self::column::Listed;
pub(super) use self::{
    column::{Column, kept},
    of_run::OfRun,
};
use super::run::ReportError;
use crate::{judge::Outcome, outside, rules::Severity, vectors::Set};

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// Cases whose details are packed together.
const CHUNK: usize = 64;

/// What the page is about.
pub(super) struct Page<'a> {
    pub(super) set: &'a Set,
    /// The cases, by their indices in the set.
    pub(super) cases: Vec<usize>,
    pub(super) title: &'static str,
    pub(super) columns: Vec<Column>,
}

/// What every view needs.
#[derive(Serialize)]
struct Data<'a> {
    ops: Vec<&'static str>,
    /// The letter of each result, and its name.
    outcomes: Vec<(char, &'static str)>,
    rules: Vec<(&'static str, &'static str, &'static str, &'static str)>,
    severities: Vec<(&'static str, &'static str)>,
    reasons: &'a [String],
    columns: &'a [Column],
    cases: cases::Index<'a>,
    chunk: usize,
}

impl Page<'_> {
    /// The page.
    ///
    /// # Errors
    ///
    /// A blob of the set that is missing.
    pub(super) fn html(&self) -> Result<String, ReportError> {
        let entries: Vec<_> = self
            .cases
            .iter()
            .filter_map(|&index| self.set.entries().get(index))
            .collect();
        let mut columns = self.columns.clone();
        let reasons = column::number_reasons(&mut columns);
        let numbering = Numbering::of(&entries);
        let data = Data {
            ops: numbering.ops.iter().map(|op| op.name()).collect(),
            outcomes: Outcome::ALL
                .iter()
                .filter(|outcome| outcome.is_applicable())
                .map(|&outcome| (column::letter(outcome), outcome.name()))
                .collect(),
            rules: numbering
                .rules
                .iter()
                .map(|rule| (rule.id(), rule.level().name(), rule.severity().name(), rule.text()))
                .collect(),
            severities: Severity::ALL
                .iter()
                .map(|severity| (severity.name(), severity.text()))
                .collect(),
            reasons: &reasons,
            columns: &columns,
            cases: cases::index(&entries, &numbering),
            chunk: CHUNK,
        };
        let mut page = self.head(&columns, entries.len());
        page += &format!(
            "<script type=\"application/json\" id=\"data\">{}</script>\n",
            inert(&serde_json::to_string(&data)?)
        );
        for (number, chunk) in entries.chunks(CHUNK).enumerate() {
            let details = cases::details(self.set, chunk)?;
            page += &packed(&format!("cases-{number}"), &details)?;
        }
        for (number, column) in columns.iter().enumerate() {
            if column.found() {
                page += &packed(&format!("found-{number}"), column.details())?;
            }
        }
        page += &format!("<script>\n{SCRIPT}</script>\n</body>\n</html>\n");
        Ok(page)
    }

    /// Everything before the data.
    fn head(&self, columns: &[Column], cases: usize) -> String {
        let title = self.title;
        let version = env!("CARGO_PKG_VERSION");
        let newest = columns.iter().filter(|column| column.is_newest()).count();
        let older = match columns.len() - newest {
            0 => String::new(),
            older => format!(", and {older} more versions of them"),
        };
        format!(
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'\">\n\
             <title>chunkproof: {title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n\
             <a class=\"skip\" href=\"#cases\">Skip to the cases</a>\n<h1>{title}</h1>\n\
             <p>{cases} cases of chunkproof {version}, which checks implementations of the zstd:chunked container-layer format; \
             {newest} implementations{older}.</p>\n\
             <noscript><p>This page needs JavaScript, which it brings along; it loads nothing. \
             <code>--format markdown</code> gives a table without.</p></noscript>\n{}{CONTROLS}",
            stale(columns)
        )
    }
}

/// One line about columns whose results are not of the present cases, which can be unfolded.
fn stale(columns: &[Column]) -> String {
    let notes: Vec<String> = columns.iter().filter_map(Column::remark).collect();
    if notes.is_empty() {
        return String::new();
    }
    let items: String = notes
        .iter()
        .map(|note| format!("<li>{}</li>\n", escaped(note)))
        .collect();
    format!(
        "<details><summary class=\"faint\">* Cases were added or changed since {} of the {} results were kept</summary>\n\
         <ul class=\"faint\">\n{items}</ul>\n</details>\n",
        notes.len(),
        columns.len()
    )
}

const CONTROLS: &str = r#"<form role="search" aria-label="filters">
<label class="search">search in ids, titles and rules; key /<input type="search" name="q" autocomplete="off"></label>
<label>operation<select name="op"></select></label>
<label>rule<select name="rule"></select></label>
<label>harm<select name="severity"></select></label>
<label>implementation<select name="impl"></select></label>
<label>result<select name="result"></select></label>
<label>order of cases<select name="order"></select></label>
<label class="check"><input type="checkbox" name="newest" checked>newest versions only</label>
<button class="plain" type="reset">Clear all</button>
</form>
<p id="rule"></p>
<ul class="key">
<li><i class="passed"></i>passed: the right answer</li>
<li><i class="chosen"></i>by choice: either answer to a choice that the format leaves open, which is no failure</li>
<li><i class="uncredited"></i>without credit: a valid case declined, or an invalid case rejected together with its valid twin</li>
<li><i class="failed"></i>failed: a wrong answer or none</li>
</ul>
<main>
<section id="case" hidden></section>
<div id="matrix"></div>
<section id="list"></section>
</main>
"#;

/// JSON inside of an element of a page, which nothing in it can end.
fn inert(json: &str) -> String {
    outside::json(json).replace('<', "\\u003c")
}

/// Data that is unpacked when it is needed.
fn packed(id: &str, data: &impl Serialize) -> Result<String, ReportError> {
    let pack = || -> io::Result<Vec<u8>> {
        let mut packer = GzEncoder::new(Vec::new(), Compression::new(9));
        packer.write_all(&serde_json::to_vec(data)?)?;
        packer.finish()
    };
    let bytes = pack().map_err(ReportError::new)?;
    Ok(format!(
        "<script type=\"text/plain\" id=\"{id}\">{}</script>\n",
        STANDARD.encode(bytes)
    ))
}

/// Text in an element.
fn escaped(text: &str) -> String {
    let text = outside::Outside::new(text.as_bytes(), outside::PATH).to_string();
    text.replace('&', "&amp;").replace('<', "&lt;")
}

#[cfg(test)]
mod tests;
