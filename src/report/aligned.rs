//! Columns of text for a terminal.

use super::style::styled;
use crate::outside::Outside;

/// Most bytes of a cell. Its column is as wide.
const WIDTH: usize = 200;

/// A cell: what it says, and how that looks.
pub(super) struct Cell {
    plain: String,
    styled: String,
}

impl Cell {
    pub(super) fn new(style: anstyle::Style, text: impl Into<String>) -> Self {
        let plain = Outside::new(text.into().as_bytes(), WIDTH).to_string();
        Self {
            styled: styled(style, &plain),
            plain,
        }
    }

    fn width(&self) -> usize {
        self.plain.chars().count()
    }

    pub(super) fn append(&mut self, style: anstyle::Style, text: &str) {
        let text = Outside::new(text.as_bytes(), WIDTH).to_string();
        self.plain += &text;
        self.styled += &styled(style, &text);
    }
}

/// Rows of cells in columns. `numbers` is the column whose cells stand on the right.
pub(super) fn aligned(rows: &[Vec<Cell>], numbers: Option<usize>) -> String {
    let columns = rows.first().map_or(0, Vec::len);
    let width = |column: usize| {
        rows.iter()
            .filter_map(|row| row.get(column))
            .map(Cell::width)
            .max()
            .unwrap_or_default()
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut text = String::new();
    for row in rows {
        for (column, (cell, width)) in row.iter().zip(&widths).enumerate() {
            let padding = " ".repeat(width.saturating_sub(cell.width()));
            if column > 0 {
                text += "  ";
            }
            if numbers == Some(column) {
                text += &padding;
            }
            text += &cell.styled;
            // Nothing follows the last one.
            if numbers != Some(column) && column + 1 != columns {
                text += &padding;
            }
        }
        text.push('\n');
    }
    text
}
