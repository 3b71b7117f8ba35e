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

#[cfg(test)]
mod tests {
    use super::reset;
    use crate::{
        operators::chi_square,
        random::{Purpose, Stream},
    };

    fn stream(index: u64) -> Stream {
        Stream::new(5, 0, Purpose::MutateInts, index)
    }

    #[test]
    fn every_other_level_is_alike() {
        // One in four for each of the other four levels.
        for level in 0..5 {
            let mut counts = vec![0; 5];
            for index in 0..4000 {
                counts[reset(level, 5, &mut stream(index)) as usize] += 1;
            }
            assert_eq!(counts.remove(level as usize), 0);
            chi_square(&counts, &[1000.0; 4]);
        }
    }

    #[test]
    fn one_of_two_levels_becomes_the_other_and_the_only_one_stays() {
        assert_eq!(reset(0, 2, &mut stream(1)), 1);
        assert_eq!(reset(1, 2, &mut stream(1)), 0);
        assert_eq!(reset(0, 1, &mut stream(1)), 0);
    }
}
