//! What tests of several operators share.

use crate::random::{Purpose, Stream};

/// A stream of tests.
pub(crate) fn stream(index: u64) -> Stream {
    Stream::new(5, 0, Purpose::CrossItems, index)
}

/// Two arrangements of the same items, of every length up to 60, half of them with values that repeat.
pub(crate) fn arrangements(index: u64) -> [Vec<u32>; 2] {
    let mut stream = Stream::new(6, 0, Purpose::Try, index);
    let n = (index % 60) as u32;
    let repeats = stream.below(2) as u32;
    let items: Vec<u32> = (0..n).map(|item| if repeats == 1 { item * item % (n / 2 + 1) } else { item }).collect();
    [(); 2].map(|()| {
        let mut items = items.clone();
        (1..items.len()).rev().for_each(|last| items.swap(last, stream.below(last + 1)));
        items
    })
}
