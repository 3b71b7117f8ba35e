//! How far the nodes are from each other.

use super::{TsplibError, document::Document, error::quote};
use crate::maths;

/// Where the distances come from: `EDGE_WEIGHT_TYPE`.
#[derive(Clone, Copy, Debug)]
pub(super) enum Metric {
    /// `EXPLICIT`: they are written out.
    Explicit(Format),
    /// From coordinates in the plane.
    Plane(fn([f64; 2], [f64; 2]) -> f64),
    /// `GEO`: from latitudes and longitudes.
    Geographic,
}

/// Which entries of the matrix are written, and in which order: `EDGE_WEIGHT_FORMAT`.
///
/// A triangle by columns is the other triangle by rows, mirrored; for a symmetric matrix they are the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    Full,
    /// Above the diagonal.
    Upper {
        diagonal: bool,
    },
    /// Below the diagonal.
    Lower {
        diagonal: bool,
    },
}

const TYPE: &str = "EDGE_WEIGHT_TYPE";
const FORMAT: &str = "EDGE_WEIGHT_FORMAT";
const SECTION: &str = "EDGE_WEIGHT_SECTION";

impl Metric {
    pub(super) fn of(document: &Document<'_>) -> Result<Metric, TsplibError> {
        Ok(match document.choose(TYPE, &["EUC_2D", "CEIL_2D", "ATT", "GEO", "EXPLICIT"])? {
            "EUC_2D" => Metric::Plane(|a, b| nearest(euclidean(a, b))),
            "CEIL_2D" => Metric::Plane(|a, b| euclidean(a, b).ceil()),
            "ATT" => Metric::Plane(pseudo_euclidean),
            "GEO" => Metric::Geographic,
            _ => Metric::Explicit(Format::of(document)?),
        })
    }
}

impl Format {
    fn of(document: &Document<'_>) -> Result<Format, TsplibError> {
        const TRIANGLES: [&str; 8] = [
            "UPPER_ROW",
            "LOWER_ROW",
            "UPPER_DIAG_ROW",
            "LOWER_DIAG_ROW",
            "UPPER_COL",
            "LOWER_COL",
            "UPPER_DIAG_COL",
            "LOWER_DIAG_COL",
        ];
        let mut supported = vec!["FULL_MATRIX"];
        if document.value("TYPE").is_some_and(|value| !value.starts_with("ATSP")) {
            supported.extend(TRIANGLES);
        }
        Ok(match document.choose(FORMAT, &supported)? {
            "UPPER_ROW" | "LOWER_COL" => Format::Upper { diagonal: false },
            "UPPER_DIAG_ROW" | "LOWER_DIAG_COL" => Format::Upper { diagonal: true },
            "LOWER_ROW" | "UPPER_COL" => Format::Lower { diagonal: false },
            "LOWER_DIAG_ROW" | "UPPER_DIAG_COL" => Format::Lower { diagonal: true },
            _ => Format::Full,
        })
    }
}

/// A matrix that is written out.
pub(super) struct Matrix {
    pub(super) format: Format,
    pub(super) dimension: usize,
}

impl Matrix {
    /// Reads `EDGE_WEIGHT_SECTION`, where line breaks mean nothing.
    pub(super) fn read(&self, document: &Document<'_>) -> Result<Vec<i32>, TsplibError> {
        let n = self.dimension;
        let section = document.needed_section(SECTION)?;
        let mut words =
            section.lines.iter().flat_map(|(line, content)| content.split_whitespace().map(move |word| (*line, word)));
        let expected = self.entries();
        let mut read = 0;
        // Allocated before anything is read: `dimension` is limited.
        let mut distances = vec![0; n * n];
        for row in 0..n {
            for column in self.columns(row) {
                let Some((line, word)) = words.next() else {
                    let (line, items) = (section.end, "distances");
                    return Err(TsplibError::Truncated { line, section: SECTION, read, expected, items });
                };
                let distance = whole(line, word)?;
                distances[row * n + column] = distance;
                if self.format != Format::Full {
                    distances[column * n + row] = distance;
                } else if column < row && !document.value("TYPE").unwrap_or_default().starts_with("ATSP") {
                    let back = distances[column * n + row];
                    if back != distance {
                        let (from, to) = (row + 1, column + 1);
                        return Err(TsplibError::Asymmetric { line, from, to, there: distance, back });
                    }
                }
                read += 1;
            }
        }
        match words.next() {
            None => Ok(distances),
            Some((line, word)) => {
                let (items, found) = ("distances", quote(word));
                Err(TsplibError::TooLong { line, section: SECTION, expected, items, found })
            }
        }
    }

    fn columns(&self, row: usize) -> std::ops::Range<usize> {
        match self.format {
            Format::Full => 0..self.dimension,
            Format::Upper { diagonal } => row + usize::from(!diagonal)..self.dimension,
            Format::Lower { diagonal } => 0..row + usize::from(diagonal),
        }
    }

    fn entries(&self) -> usize {
        let n = self.dimension;
        match self.format {
            Format::Full => n * n,
            Format::Upper { diagonal } | Format::Lower { diagonal } => n * (n - 1) / 2 + if diagonal { n } else { 0 },
        }
    }
}

/// The distances of all pairs; `distance` is symmetric.
pub(super) fn between(
    places: &[[f64; 2]],
    distance: impl Fn([f64; 2], [f64; 2]) -> f64,
) -> Result<Vec<i32>, TsplibError> {
    let n = places.len();
    let mut distances = vec![0; n * n];
    for row in 1..n {
        for column in 0..row {
            let far = distance(places[row], places[column]);
            // Also where the squares overflowed: infinity is above it too.
            if far > f64::from(i32::MAX) {
                return Err(TsplibError::TooFar { from: column + 1, to: row + 1 });
            }
            distances[row * n + column] = far as i32;
            distances[column * n + row] = far as i32;
        }
    }
    Ok(distances)
}

/// Latitudes and longitudes from degrees with minutes behind the point (`16.47` is 16° 47′) to radians.
///
/// Degrees are cut off, not rounded, and π has six places: so the published optima are reached.
pub(super) fn radians(degrees: &[[f64; 2]]) -> Vec<[f64; 2]> {
    #[expect(clippy::approx_constant, reason = "the format defines it so")]
    const PI: f64 = 3.141_592;
    let radian = |value: f64| {
        let degree = value.trunc();
        let minute = value - degree;
        PI * (degree + 5.0 * minute / 3.0) / 180.0
    };
    degrees.iter().map(|[latitude, longitude]| [radian(*latitude), radian(*longitude)]).collect()
}

/// Whole kilometres between two places on the idealised sphere of `GEO`.
pub(super) fn geographic([latitude_a, longitude_a]: [f64; 2], [latitude_b, longitude_b]: [f64; 2]) -> f64 {
    const EARTH_RADIUS: f64 = 6378.388;
    let q1 = maths::cos(longitude_a - longitude_b);
    let q2 = maths::cos(latitude_a - latitude_b);
    let q3 = maths::cos(latitude_a + latitude_b);
    // Rounding can lead just past 1 for the same place.
    let cosine = (0.5 * ((1.0 + q1) * q2 - (1.0 - q1) * q3)).clamp(-1.0, 1.0);
    (EARTH_RADIUS * maths::acos(cosine) + 1.0).trunc()
}

fn euclidean(a: [f64; 2], b: [f64; 2]) -> f64 {
    let (x, y) = (a[0] - b[0], a[1] - b[1]);
    (x * x + y * y).sqrt()
}

/// `ATT`: the distance over √10, rounded up.
fn pseudo_euclidean(a: [f64; 2], b: [f64; 2]) -> f64 {
    let (x, y) = (a[0] - b[0], a[1] - b[1]);
    let exact = ((x * x + y * y) / 10.0).sqrt();
    let rounded = nearest(exact);
    if rounded < exact { rounded + 1.0 } else { rounded }
}

/// `nint` of TSPLIB for values that are not negative.
fn nearest(value: f64) -> f64 {
    (value + 0.5).trunc()
}

/// A whole number, which some files write as `4.0` or `4e2`.
fn whole(line: usize, word: &str) -> Result<i32, TsplibError> {
    if let Ok(value) = word.parse::<i32>() {
        return Ok(value);
    }
    match word.parse::<f64>() {
        Ok(value) if value.trunc() == value && value.abs() <= f64::from(i32::MAX) => Ok(value as i32),
        _ => Err(TsplibError::Distance { line, found: quote(word) }),
    }
}
