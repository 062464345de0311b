//! The few styles that are used.

use std::fmt::Display;

use anstyle::{AnsiColor, Style};

use crate::outside::{Outside, PATH};

/// What is wrong.
pub const ERROR: Style = AnsiColor::Red.on_default().bold();
/// What is right.
pub(super) const GOOD: Style = AnsiColor::Green.on_default();
/// What deserves a look.
pub(super) const NOTICE: Style = AnsiColor::Yellow.on_default();
/// Headings and names.
pub(super) const BOLD: Style = Style::new().bold();
/// What can be passed over.
pub(super) const DIM: Style = Style::new().dimmed();

/// The text in this style: one line, in which nothing acts on a terminal but the style.
pub fn styled(style: Style, text: impl Display) -> String {
    let text = text.to_string();
    format!("{style}{}{style:#}", Outside::new(text.as_bytes(), PATH))
}
