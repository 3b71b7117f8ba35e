//! Sequences as permutations of their occurrences.

/// Hands `first` and `second`, arrangements of the same items, to `cross` as permutations, and takes its children back.
///
/// The `k`-th occurrence of a value is an item of its own, so that what crosses permutations crosses sequences: the
/// generalised operators of C. Bierwirth: A generalized permutation approach to job shop scheduling with genetic
/// algorithms. OR Spektrum 17, 1995, [doi:10.1007/BF01719250](https://doi.org/10.1007/BF01719250). Permutations are
/// handed on as they are.
pub fn as_permutations(first: &mut [u32], second: &mut [u32], cross: impl FnOnce(&mut [u32], &mut [u32])) {
    debug_assert_eq!(first.len(), second.len());
    let Some(last) = first.iter().max() else { return cross(first, second) };
    // The first label of each value, and behind them the number of labels.
    let mut labels = vec![0_u32; *last as usize + 2];
    for item in &*first {
        labels[*item as usize + 1] += 1;
    }
    if labels[1..].iter().all(|count| *count == 1) {
        return cross(first, second);
    }
    for value in 1..labels.len() {
        labels[value] += labels[value - 1];
    }
    let mut values = vec![0; first.len()];
    for (value, pair) in (0..).zip(labels.windows(2)) {
        values[pair[0] as usize..pair[1] as usize].fill(value);
    }
    for items in [&mut *first, &mut *second] {
        let mut next = labels.clone();
        for item in items {
            let next = &mut next[*item as usize];
            *item = *next;
            *next += 1;
        }
    }
    cross(first, second);
    for item in first.iter_mut().chain(second) {
        *item = values[*item as usize];
    }
}

#[cfg(test)]
mod tests {
    use super::as_permutations;

    #[test]
    fn occurrences_are_numbered_in_the_order_of_their_values() {
        // 0 has the label 0, the two of 1 have 1 and 2, 2 has none, 3 has 3.
        let (mut first, mut second) = ([1, 0, 3, 1], [3, 1, 1, 0]);
        as_permutations(&mut first, &mut second, |a, b| {
            assert_eq!((&*a, &*b), ([1, 0, 3, 2].as_slice(), [3, 1, 2, 0].as_slice()));
            a.swap(0, 3);
        });
        assert_eq!((first, second), ([1, 0, 3, 1], [3, 1, 1, 0]));
    }

    #[test]
    fn permutations_and_nothing_are_handed_on() {
        let mut called = false;
        as_permutations(&mut [], &mut [], |_, _| called = true);
        assert!(called);
        let (mut first, mut second) = ([2, 0, 1], [0, 1, 2]);
        as_permutations(&mut first, &mut second, |a, b| a.swap_with_slice(b));
        assert_eq!((first, second), ([0, 1, 2], [2, 0, 1]));
    }
}
