//! Reset mutation of choices.

use crate::random::Stream;

/// Another of the `levels` levels than `level`, all alike; the same where it is the only one.
///
/// Random resetting: A. E. Eiben and J. E. Smith: Introduction to evolutionary computing, section 4.3.1,
/// [doi:10.1007/978-3-662-44874-8](https://doi.org/10.1007/978-3-662-44874-8). Takes one word.
#[inline]
pub fn reset(level: i64, levels: i64, stream: &mut Stream) -> i64 {
    let others = (levels - 1).max(1) as u64;
    let other = stream.below_wide(others) as i64;
    if levels <= 1 { level } else { other + i64::from(other >= level) }
}
