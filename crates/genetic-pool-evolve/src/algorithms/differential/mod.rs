//! Differential evolution: L-SHADE and jDE.
//!
//! R. Storn and K. Price: Differential evolution – a simple and efficient heuristic for global optimization over
//! continuous spaces. Journal of Global Optimization 11, 1997,
//! [doi:10.1023/A:1008202821328](https://doi.org/10.1023/A:1008202821328).

mod archive;
mod axes;
mod draw;
mod generations;
mod jde;
mod lshade;
mod memory;
mod options;
mod vary;

pub use self::{
    jde::Jde,
    lshade::LShade,
    options::{JdeOptions, JdeSettings, LShadeOptions, LShadeSettings},
};
