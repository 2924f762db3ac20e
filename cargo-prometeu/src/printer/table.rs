//! Tables: columns as wide as their widest cell, two blanks between, no blank at the end of a line.

use anstyle::Style;

/// How a column is aligned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Align {
    /// Words.
    Left,
    /// Numbers.
    Right,
}

/// A table: a head and rows of as many cells.
#[derive(Debug)]
pub(crate) struct Table {
    head: Vec<(&'static str, Align)>,
    rows: Vec<Vec<String>>,
}

impl Table {
    pub(crate) fn new(head: impl Into<Vec<(&'static str, Align)>>) -> Self {
        Self { head: head.into(), rows: Vec::new() }
    }

    pub(crate) fn row(&mut self, cells: impl Into<Vec<String>>) {
        let cells = cells.into();
        debug_assert_eq!(cells.len(), self.head.len());
        self.rows.push(cells);
    }

    /// How many characters its widest line has at most.
    pub(crate) fn width(&self) -> usize {
        self.widths().iter().map(|width| width + 2).sum::<usize>().saturating_sub(2)
    }

    fn widths(&self) -> Vec<usize> {
        let width = |column: usize| {
            let cells = self.rows.iter().map(move |row| row[column].chars().count());
            cells.chain([self.head[column].0.len()]).max().unwrap_or(0)
        };
        (0..self.head.len()).map(width).collect()
    }

    /// Its lines, the head first.
    pub(crate) fn lines(&self) -> impl Iterator<Item = String> + '_ {
        let widths = self.widths();
        let line = move |cells: &mut dyn Iterator<Item = &str>| {
            let mut line = String::new();
            for ((cell, width), (_, align)) in cells.zip(&widths).zip(&self.head) {
                let blanks = " ".repeat(width - cell.chars().count());
                match align {
                    Align::Left => line.extend([cell, &blanks, "  "]),
                    Align::Right => line.extend([&blanks, cell, "  "]),
                }
            }
            line.truncate(line.trim_end().len());
            line
        };
        let bold = Style::new().bold();
        let head = line(&mut self.head.iter().map(|(name, _)| *name));
        std::iter::once(format!("{bold}{head}{bold:#}"))
            .chain(self.rows.iter().map(move |row| line(&mut row.iter().map(String::as_str))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_and_lines_end_with_their_words() {
        let mut table = Table::new([("ID", Align::Right), ("ROOT", Align::Left), ("STATE", Align::Left)]);
        table.row(["1".to_owned(), "ui/atlas".to_owned(), String::new()]);
        table.row(["12".to_owned(), "é".to_owned(), "excluded".to_owned()]);
        let lines: Vec<String> =
            table.lines().map(|line| anstream::adapter::strip_str(&line).to_string()).collect();
        assert_eq!(lines, ["ID  ROOT      STATE", " 1  ui/atlas", "12  é         excluded"]);
        assert_eq!(table.width(), "12  é         excluded".chars().count());
    }
}
