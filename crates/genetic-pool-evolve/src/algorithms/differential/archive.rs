//! Parents that were replaced by something better.

use crate::random::{Purpose, Stream};

/// Where they stood, row by row; when they become too many, random ones leave.
#[derive(Clone, Debug)]
pub(super) struct Archive {
    pub(super) positions: Vec<f64>,
    genes: usize,
}

impl Archive {
    /// Of none, with `genes` coordinates each.
    pub(super) fn new(genes: usize) -> Archive {
        Archive { positions: Vec::new(), genes }
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.positions.len() / self.genes
    }

    pub(super) fn push(&mut self, position: &[f64]) {
        self.positions.extend_from_slice(position);
    }

    /// Lets all but `size` go, each as likely: a word of `stream` for each that goes.
    pub(super) fn trim(&mut self, size: usize, seed: u64, island: u16, next: u64) {
        let mut len = self.len();
        if len <= size {
            return;
        }
        let mut stream = Stream::new(seed, island, Purpose::Archive, next);
        while len > size {
            let row = stream.below(len);
            len -= 1;
            self.positions.copy_within(len * self.genes..(len + 1) * self.genes, row * self.genes);
        }
        self.positions.truncate(size * self.genes);
    }

    pub(super) fn clear(&mut self) {
        self.positions.clear();
    }
}
