//! The candidates of a generation as steps and as points.

use super::distribution::{Distribution, Scratch};
use crate::{
    maths::linear::dot,
    random::{Purpose, Stream, normals},
    space::Coordinates,
    vector::Width,
};

/// Steps from a distribution's mean, a row each, and where they lead.
#[derive(Clone, Debug, Default)]
pub(super) struct Sample {
    /// Over sigma, before the margin.
    pub steps: Vec<f64>,
    /// Their squared lengths in standard deviations.
    pub lengths: Vec<f64>,
    /// The coordinates that are evaluated: within the box.
    pub points: Vec<f64>,
    /// The squared distance of where each led from the box, in standard deviations of the axes.
    pub beyond: Vec<f64>,
    /// Whether there are some that were not drawn from the distribution.
    pub injected: bool,
}

impl Sample {
    /// Of `size` zero steps in `dimension` dimensions.
    pub(super) fn new(size: usize, dimension: usize) -> Sample {
        let mut sample = Sample::default();
        sample.resize(size, dimension);
        sample
    }

    pub(super) fn resize(&mut self, size: usize, dimension: usize) {
        self.steps.resize(size * dimension, 0.0);
        self.points.resize(size * dimension, 0.0);
        self.lengths.resize(size, 0.0);
        self.beyond.resize(size, 0.0);
        self.injected = false;
    }

    /// Draws the standard normal variates of candidates `first` on, each from a stream of its own; `mirrored`: every
    /// other the image of the one before.
    pub(super) fn draw(&mut self, width: Width, seed: u64, island: u16, first: u64, mirrored: bool) {
        let size = self.lengths.len().max(1);
        let n = self.steps.len() / size;
        for (index, row) in (first..).zip(0..self.lengths.len()) {
            if mirrored && row % 2 == 1 {
                self.mirror(row, n);
            } else {
                let mut stream = Stream::new(seed, island, Purpose::Sample, index);
                normals(width, &mut stream, &mut self.steps[row * n..][..n]);
            }
        }
    }

    /// Draws those of which a model picks some for the generation from candidate `first` on.
    pub(super) fn draw_screened(&mut self, seed: u64, island: u16, first: u64, mirrored: bool) {
        let size = self.lengths.len().max(1);
        let n = self.steps.len() / size;
        let mut stream = Stream::new(seed, island, Purpose::Screen, first);
        for row in 0..self.lengths.len() {
            if mirrored && row % 2 == 1 {
                self.mirror(row, n);
            } else {
                normals(Width::current(), &mut stream, &mut self.steps[row * n..][..n]);
            }
        }
    }

    fn mirror(&mut self, row: usize, n: usize) {
        let (before, at) = self.steps.split_at_mut(row * n);
        for (image, value) in at[..n].iter_mut().zip(&before[(row - 1) * n..]) {
            *image = -value;
        }
    }

    /// Turns standard normal variates into steps of `distribution`, and finds where they lead.
    pub(super) fn place(
        &mut self,
        width: Width,
        distribution: &Distribution,
        coordinates: &Coordinates,
        scratch: &mut Scratch,
    ) {
        let n = distribution.dimension();
        for (length, row) in self.lengths.iter_mut().zip(self.steps.chunks_exact(n)) {
            *length = dot(row, row);
        }
        distribution.transform(width, &mut self.steps, scratch);
        let Distribution { mean, sigma, margin, .. } = distribution;
        for row in 0..self.lengths.len() {
            let step = &self.steps[row * n..][..n];
            let point = &mut self.points[row * n..][..n];
            let mut inside = true;
            for axis in 0..n {
                let value = mean[axis] + sigma * margin[axis] * step[axis];
                let within = value.max(coordinates.low[axis]).min(coordinates.high[axis]);
                inside &= value == within;
                point[axis] = value;
            }
            self.beyond[row] = 0.0;
            if !inside {
                self.beyond[row] = project(distribution, coordinates, point);
            }
        }
    }

    /// Makes row `to` row `from` of `other`.
    pub(super) fn copy_row(&mut self, to: usize, other: &Sample, from: usize, dimension: usize) {
        let n = dimension;
        self.steps[to * n..][..n].copy_from_slice(&other.steps[from * n..][..n]);
        self.points[to * n..][..n].copy_from_slice(&other.points[from * n..][..n]);
        self.lengths[to] = other.lengths[from];
        self.beyond[to] = other.beyond[from];
    }
}

/// Moves `point` to the nearest of the box; the square of how far that was, in standard deviations of the axes.
fn project(distribution: &Distribution, coordinates: &Coordinates, point: &mut [f64]) -> f64 {
    let mut square = 0.0;
    for (axis, value) in point.iter_mut().enumerate() {
        let within = value.clamp(coordinates.low[axis], coordinates.high[axis]);
        let unit = distribution.sigma * distribution.margin[axis] * distribution.deviation(axis);
        let excess = (*value - within) / unit;
        square += excess * excess;
        *value = within;
    }
    square.min(1e300)
}
