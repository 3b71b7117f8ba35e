//! Chance as a pure function of (seed, island, purpose, index): derived, never stored.
//!
//! One Philox4x64-10 block keys one xoshiro256++, whose words are the stream.

mod geometric;
mod lanes;
mod normal;
mod philox;
mod stream;
mod variates;

pub use self::{
    geometric::Geometric,
    lanes::Lanes,
    normal::normals,
    philox::philox,
    stream::{Purpose, Stream, below, unit},
    variates::{cauchy, normal},
};
