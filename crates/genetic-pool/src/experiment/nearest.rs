//! The nearest spelling of a word.

/// The word of `words` that `word` was most likely meant to be, if any comes near.
pub fn nearest<'a>(word: &str, words: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = word.to_lowercase();
    words
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(&lower, &candidate.to_lowercase()), candidate))
        // A third of the letters may be wrong: `evalutions`, `poplation`, but not `seed` for `keep`.
        .filter(|(distance, candidate)| {
            let letters = candidate.chars().count();
            *distance <= letters.max(3) / 3 && *distance < letters
        })
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// "did you mean …?", where a word comes near.
pub fn did_you_mean<'a>(word: &str, words: impl IntoIterator<Item = &'a str>) -> Option<String> {
    nearest(word, words).map(|word| format!("did you mean `{word}`?"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_and_far() {
        let words = ["evaluations", "generations", "time", "seed"];
        assert_eq!(nearest("evalutions", words), Some("evaluations"));
        assert_eq!(nearest("Generation", words), Some("generations"));
        assert_eq!(nearest("tiem", words), Some("time"));
        assert_eq!(nearest("budget", words), None);
        assert_eq!(nearest("", words), None);
        assert_eq!(nearest("y", ["x"]), None);
        assert_eq!(nearest("X", ["x"]), Some("x"));
    }
}
