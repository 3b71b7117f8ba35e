//! Several streams side by side.

use super::Stream;

/// `N` streams whose words are drawn together: the words are those of the `N` [`Stream`]s.
#[derive(Clone, Debug)]
pub struct Lanes<const N: usize>([[u64; N]; 4]);

impl<const N: usize> Default for Lanes<N> {
    fn default() -> Self {
        Lanes([[0; N]; 4])
    }
}

impl<const N: usize> Lanes<N> {
    /// Puts `stream` into `lane`.
    #[inline]
    pub fn set(&mut self, lane: usize, stream: Stream) {
        for (word, state) in stream.0.into_iter().zip(&mut self.0) {
            state[lane] = word;
        }
    }

    /// The stream in `lane`, as far as it has been drawn.
    #[inline]
    pub fn get(&self, lane: usize) -> Stream {
        Stream([self.0[0][lane], self.0[1][lane], self.0[2][lane], self.0[3][lane]])
    }

    /// The next word of every lane.
    #[inline]
    pub fn draw(&mut self) -> [u64; N] {
        let [s0, s1, s2, s3] = &mut self.0;
        let mut words = [0; N];
        for k in 0..N {
            words[k] = s0[k].wrapping_add(s3[k]).rotate_left(23).wrapping_add(s0[k]);
            let t = s1[k] << 17;
            s2[k] ^= s0[k];
            s3[k] ^= s1[k];
            s1[k] ^= s2[k];
            s0[k] ^= s3[k];
            s2[k] ^= t;
            s3[k] = s3[k].rotate_left(45);
        }
        words
    }
}

#[cfg(test)]
mod tests {
    use crate::random::{Lanes, Purpose, Stream};

    #[test]
    fn lanes_draw_the_words_of_their_streams() {
        let mut streams: [Stream; 8] = std::array::from_fn(|k| Stream::new(7, 0, Purpose::Mate, k as u64));
        let mut lanes = Lanes::<8>::default();
        for (lane, stream) in streams.iter().enumerate() {
            lanes.set(lane, *stream);
        }
        for _ in 0..5 {
            assert_eq!(lanes.draw(), streams.each_mut().map(Stream::next));
        }
    }
}
