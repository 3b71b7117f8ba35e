//! Text in columns.

/// How a column is aligned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Align {
    /// Words.
    Left,
    /// Figures.
    Right,
}

/// `rows` in columns two spaces apart, a line each, nothing trailing; rows may be shorter than `columns`.
pub(super) fn table(columns: &[Align], rows: &[Vec<String>]) -> Vec<String> {
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns.len()).map(width).collect();
    let line = |row: &Vec<String>| {
        let mut text = String::new();
        for ((cell, align), width) in row.iter().zip(columns).zip(&widths) {
            if !text.is_empty() {
                text += "  ";
            }
            let padding = " ".repeat(width - cell.chars().count());
            match align {
                Align::Left => text.extend([cell, &*padding]),
                Align::Right => text.extend([&*padding, cell]),
            }
        }
        text.trim_end().to_owned()
    };
    rows.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let row = |cells: &[&str]| cells.iter().map(ToString::to_string).collect();
        let rows = [row(&["run", "size", ""]), row(&["é", "1,000", "x"]), row(&["longer", "1"])];
        let columns = [Align::Left, Align::Right, Align::Left];
        assert_eq!(table(&columns, &rows), ["run      size", "é       1,000  x", "longer      1"]);
        assert_eq!(table(&columns, &[]), [""; 0]);
    }
}
