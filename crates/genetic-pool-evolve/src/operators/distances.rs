//! How far items are from each other, where what counts is the length of a closed tour.

/// Distances between all pairs of items, the same there and back.
#[derive(Clone, Debug, PartialEq)]
pub struct Distances {
    size: usize,
    /// `size × size`, row-major; symmetric.
    between: Vec<i32>,
}

impl Distances {
    /// The distances `between`, `size × size` of them, row-major; `None` where there are not so many, or one is another
    /// there than back.
    pub fn new(size: usize, between: Vec<i32>) -> Option<Distances> {
        let symmetric = || (0..size).all(|a| (0..a).all(|b| between[a * size + b] == between[b * size + a]));
        (size.checked_mul(size) == Some(between.len()) && symmetric()).then_some(Distances { size, between })
    }

    /// How many items.
    pub fn size(&self) -> usize {
        self.size
    }

    /// From `a` to `b`, both below the size.
    #[inline]
    pub fn get(&self, a: u32, b: u32) -> i64 {
        i64::from(self.between[a as usize * self.size + b as usize])
    }

    /// The length of the closed tour `items`.
    pub fn length(&self, items: &[u32]) -> i64 {
        let Some(last) = items.last() else { return 0 };
        let mut from = *last;
        let mut length = 0;
        for to in items {
            length += self.get(from, *to);
            from = *to;
        }
        length
    }
}

/// The nearest other items of each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Neighbours {
    width: usize,
    lists: Vec<u32>,
}

impl Neighbours {
    /// The `width` nearest of each item, or all others where there are fewer: nearest first, ties by number.
    pub fn new(distances: &Distances, width: usize) -> Neighbours {
        let size = distances.size();
        let width = width.min(size.saturating_sub(1));
        let mut lists = Vec::with_capacity(size * width);
        for item in 0..size as u32 {
            let mut others: Vec<u32> = (0..size as u32).filter(|other| *other != item).collect();
            others.sort_unstable_by_key(|other| (distances.get(item, *other), *other));
            lists.extend_from_slice(&others[..width]);
        }
        Neighbours { width, lists }
    }

    /// Those of `item`.
    #[inline]
    pub fn of(&self, item: u32) -> &[u32] {
        &self.lists[item as usize * self.width..][..self.width]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Points of a line.
    fn line(places: &[i32]) -> Distances {
        let n = places.len();
        let between = (0..n * n).map(|pair| (places[pair / n] - places[pair % n]).abs()).collect();
        Distances::new(n, between).unwrap()
    }

    #[test]
    fn lengths_close_the_tour() {
        let line = line(&[0, 10, 3]);
        assert_eq!(line.length(&[0, 1, 2]), 10 + 7 + 3);
        assert_eq!((line.length(&[]), line.length(&[1]), line.get(1, 2)), (0, 0, 7));
    }

    #[test]
    fn neighbours_are_the_nearest_first() {
        let neighbours = Neighbours::new(&line(&[0, 10, 3, 6, -3]), 3);
        // Both 2 and 4 are 3 away.
        assert_eq!(neighbours.of(0), [2, 4, 3]);
        assert_eq!(neighbours.of(1), [3, 2, 0]);
        assert_eq!(Neighbours::new(&line(&[1, 2]), 9).of(1), [0]);
        assert_eq!(Neighbours::new(&line(&[1]), 9).of(0), []);
    }

    #[test]
    fn wrong_shapes_and_one_way_distances_are_refused() {
        assert_eq!(Distances::new(2, vec![0, 1, 2, 0]), None);
        assert_eq!(Distances::new(2, vec![0, 1, 1]), None);
        assert!(Distances::new(0, Vec::new()).is_some());
    }
}
