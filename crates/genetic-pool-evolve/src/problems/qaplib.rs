//! Instances of the quadratic assignment problem in the format of QAPLIB.
//!
//! R. E. Burkard, S. E. Karisch and F. Rendl: QAPLIB, a quadratic assignment problem library. Journal of Global
//! Optimization 10, 1997, [doi:10.1023/A:1008293323270](https://doi.org/10.1023/A:1008293323270).

use super::numbers::{NumbersError, lines};

/// An instance: flows between facilities, and distances between places.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QapInstance {
    /// How many facilities, and places: 1 to 4096.
    pub size: usize,
    /// `size × size`, row-major: the first matrix.
    pub first: Vec<u32>,
    /// `size × size`, row-major: the second matrix.
    pub second: Vec<u32>,
}

const MOST_FACILITIES: u32 = 4096;

/// The greatest entry: sums of products then stay below 2^64.
const MOST: u32 = (1 << 20) - 1;

/// Reads an instance: its size, and the entries of two matrices, row by row, however they stand in lines.
pub fn parse(text: &str) -> Result<QapInstance, NumbersError> {
    let lines = lines(text, MOST)?;
    let end = text.lines().count();
    let mut numbers = lines.iter().flat_map(|(line, numbers)| numbers.iter().map(move |number| (*line, *number)));
    let missing = |missing: String| NumbersError::Truncated { line: end, missing };
    let (line, size) = numbers.next().ok_or_else(|| missing("the size".to_owned()))?;
    if !(1..=MOST_FACILITIES).contains(&size) {
        let expected = format!("a size of 1 to {MOST_FACILITIES}");
        return Err(NumbersError::Shape { line, expected, found: size.to_string() });
    }
    let size = size as usize;
    let mut matrix = |name: &str| {
        let entries: Vec<u32> = numbers.by_ref().take(size * size).map(|(_, entry)| entry).collect();
        let read = entries.len();
        let all = size * size;
        if read == all {
            Ok(entries)
        } else {
            Err(missing(format!("entry {} of {all} of the {name} matrix", read + 1)))
        }
    };
    let (first, second) = (matrix("first")?, matrix("second")?);
    if let Some((line, number)) = numbers.next() {
        let expected = "the end of the text".to_owned();
        return Err(NumbersError::Shape { line, expected, found: format!("`{number}`") });
    }
    Ok(QapInstance { size, first, second })
}

impl QapInstance {
    /// The cost where facility `i` stands at place `places[i]`: the sum of `first[i, j] · second[places[i], places[j]]`.
    ///
    /// # Panics
    /// Where `places` holds a number that is no place.
    pub fn cost(&self, places: &[u32]) -> u64 {
        let mut cost = 0;
        for (i, at) in places.iter().enumerate() {
            let first = &self.first[i * self.size..][..self.size];
            let second = &self.second[*at as usize * self.size..][..self.size];
            for (flow, to) in first.iter().zip(places) {
                cost += u64::from(*flow) * u64::from(second[*to as usize]);
            }
        }
        cost
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_assignments_have_their_costs() {
        let check = |text: &str, places: &[u32], cost: u64| {
            let places: Vec<u32> = places.iter().map(|place| place - 1).collect();
            assert_eq!(parse(text).unwrap().cost(&places), cost);
        };
        let nug12 = include_str!("../../tests/data/nug12.dat");
        check(nug12, &[12, 7, 9, 3, 4, 8, 11, 1, 5, 6, 10, 2], 578);
        let nug30 = include_str!("../../tests/data/nug30.dat");
        let places = [
            5, 12, 6, 13, 2, 21, 26, 24, 10, 9, 29, 28, 17, 1, 8, 7, 19, 25, 23, 22, 11, 16, 30, 4, 15, 18, 27, 3, 14,
            20,
        ];
        check(nug30, &places, 6124);
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line() {
        let check = |text: &str, message: &str| assert_eq!(parse(text).unwrap_err().to_string(), message);
        check("", "line 0: the text ends before the size");
        check("0\n", "line 1: expected a size of 1 to 4096, found 0");
        check("2\n1 2 3\n", "line 2: the text ends before entry 4 of 4 of the first matrix");
        check("1\n1 2\n3\n", "line 3: expected the end of the text, found `3`");
        check("1\n1 x\n", "line 2: expected a whole number of at most 1048575, found `x`");
    }
}
