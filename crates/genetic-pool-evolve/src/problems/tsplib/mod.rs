//! Instances of the travelling salesperson problem in the format of TSPLIB.
//!
//! G. Reinelt: TSPLIB, a traveling salesman problem library. ORSA Journal on Computing 3(4), 1991,
//! [doi:10.1287/ijoc.3.4.376](https://doi.org/10.1287/ijoc.3.4.376). The format and its distances are those of the
//! documentation "TSPLIB 95".

mod coordinates;
mod document;
mod error;
mod weights;

pub use self::error::TsplibError;
use self::{
    document::Document,
    weights::{Matrix, Metric},
};

/// The most nodes an instance may have: its distances take `dimension² · 4` bytes, 1 GiB at this size.
pub const MAX_DIMENSION: usize = 16_384;

/// An instance: places, and how far each is from each.
#[derive(Clone, Debug, PartialEq)]
pub struct Instance {
    /// Its name; empty where the text gives none.
    pub name: String,
    /// Its comments, joined by line breaks.
    pub comment: String,
    /// How many nodes, 2 to [`MAX_DIMENSION`]. Node `k` of this program is node `k + 1` of the text.
    pub dimension: usize,
    /// `dimension × dimension` distances, row-major: entry `from · dimension + to`.
    pub distances: Vec<i32>,
    /// Where the nodes are, as written in `NODE_COORD_SECTION`; empty where there is none.
    pub coordinates: Vec<[f64; 2]>,
}

/// Reads a TSPLIB instance of type `TSP` or `ATSP`.
///
/// Distances: `EUC_2D`, `CEIL_2D`, `ATT`, `GEO`, and `EXPLICIT` in every matrix format. Keywords and sections may stand
/// in any order, with or without spaces around the colon; `EOF` is optional. Entries the format does not know are passed
/// over where they are written `KEYWORD : value`; sections that change the problem (fixed edges, demands, …) are refused.
pub fn parse(text: &str) -> Result<Instance, TsplibError> {
    let document = Document::split(text)?;
    document.choose("TYPE", &["TSP", "ATSP"])?;
    let dimension = document.dimension()?;
    let metric = Metric::of(&document)?;
    let coordinates = coordinates::read(&document, dimension, &metric)?;
    let distances = match metric {
        Metric::Explicit(format) => Matrix { format, dimension }.read(&document)?,
        Metric::Plane(distance) => weights::between(&coordinates, distance)?,
        Metric::Geographic => weights::between(&weights::radians(&coordinates), weights::geographic)?,
    };
    Ok(Instance {
        name: document.value("NAME").unwrap_or_default().to_owned(),
        comment: document.comment.join("\n"),
        dimension,
        distances,
        coordinates,
    })
}

impl Instance {
    /// The length of the closed tour that visits the nodes in the order of `tour`, a permutation of `0..dimension`.
    ///
    /// # Panics
    /// Where `tour` holds a number that is not a node.
    pub fn length(&self, tour: &[u32]) -> i64 {
        let Some(last) = tour.last() else { return 0 };
        let mut length = 0;
        let mut from = *last as usize;
        for to in tour {
            let to = *to as usize;
            length += i64::from(self.distances[from * self.dimension + to]);
            from = to;
        }
        length
    }
}

#[cfg(test)]
mod tests;
