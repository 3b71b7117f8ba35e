//! What was most likely meant.

/// The word of `words` that `word` was most likely meant to be, if that is one alone: up to a third of its letters may be
/// wrong, or missing behind it.
pub(crate) fn nearest<'a>(word: &str, words: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let words: Vec<&str> = words.into_iter().collect();
    let one = |mut words: Vec<&'a str>| (words.len() == 1).then(|| words.remove(0));
    let distance = |known: &str| strsim::damerau_levenshtein(word, known);
    let near = words.iter().copied().filter(|known| distance(known) <= known.chars().count().max(3) / 3);
    let least = near.clone().map(distance).min();
    one(near.filter(|known| Some(distance(known)) == least).collect())
        .or_else(|| one(words.iter().copied().filter(|known| !word.is_empty() && known.starts_with(word)).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_seen_through_and_a_guess_is_not_made() {
        let words = ["head", "worker-0", "worker-1", "workers"];
        for (word, meant) in [
            ("haed", Some("head")),
            ("work", None),
            ("workes", Some("workers")),
            ("he", Some("head")),
            ("worker-7", None),
            ("", None),
            ("tail", None),
        ] {
            assert_eq!(nearest(word, words), meant, "{word}");
        }
    }
}
