//! The ids of runs.

use std::{
    fmt,
    hash::{BuildHasher, RandomState},
};

use jiff::{Timestamp, tz::TimeZone};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

/// A run's id, such as `20261124-101530-k3f9`: UTC to the second, then four characters.
///
/// The first two of those are the fraction of the second in 1/1024, so that ids sort by time to the millisecond; the
/// other two are arbitrary. They are enough to name a run by, where no other ends on the same.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RunId(String);

/// Digits that sort as their values do, without the letters that look like others (Crockford's base 32).
const DIGITS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

impl RunId {
    /// A new id for a run that begins at `now`.
    pub fn new(now: Timestamp) -> RunId {
        // The keys of `RandomState` are the process's own chance: nothing of a search depends on an id.
        RunId::with_chance(now, RandomState::new().hash_one(now.as_nanosecond()))
    }

    fn with_chance(now: Timestamp, chance: u64) -> RunId {
        let fraction = now.subsec_nanosecond().unsigned_abs() as u64 * 1024 / 1_000_000_000;
        let digit = |value: u64, place: u32| char::from(DIGITS[(value >> (5 * place) & 31) as usize]);
        let tail: String =
            [digit(fraction, 1), digit(fraction, 0), digit(chance, 1), digit(chance, 0)].iter().collect();
        RunId(format!("{}-{tail}", now.to_zoned(TimeZone::UTC).strftime("%Y%m%d-%H%M%S")))
    }

    /// The id that a file of runs is named after, whatever it is.
    pub(crate) fn of_stem(stem: &str) -> RunId {
        RunId(stem.to_owned())
    }

    /// The id that `text` is; `None` where it has not the form of one.
    pub fn parse(text: &str) -> Option<RunId> {
        let shape: String = text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
        let tail = shape.strip_prefix("00000000-000000-")?;
        let digit = |byte: u8| byte == b'0' || DIGITS.contains(&byte);
        (tail.len() == 4 && tail.bytes().all(digit)).then(|| RunId(text.to_owned()))
    }

    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it has the form of an id, and so sorts by time.
    pub(crate) fn is_dated(&self) -> bool {
        let shape: String = self.0.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
        shape.starts_with("00000000-000000-")
    }

    /// Whether a person may mean this run by `text`: the start of the id, or of its last part.
    pub(crate) fn answers_to(&self, text: &str) -> bool {
        let tail = self.0.rsplit_once('-').map_or("", |(_, tail)| tail);
        !text.is_empty() && (self.0.starts_with(text) || tail.starts_with(text))
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl Serialize for RunId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for RunId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<RunId, D::Error> {
        let text = String::deserialize(deserializer)?;
        RunId::parse(&text).ok_or_else(|| D::Error::custom(format!("`{text}` is no run's id")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_the_time_and_a_tail() {
        let time: Timestamp = "2026-11-24T10:15:30.5Z".parse().unwrap();
        assert_eq!(RunId::with_chance(time, 0b00011_01001).as_str(), "20261124-101530-g039");
    }

    #[test]
    fn ids_sort_by_time_to_the_millisecond() {
        let start: Timestamp = "2026-12-31T23:59:58.000Z".parse().unwrap();
        let times = (0..4000).map(|step| start + jiff::SignedDuration::from_millis(step));
        let ids: Vec<RunId> = times.map(RunId::new).collect();
        assert!(ids.is_sorted());
    }

    #[test]
    fn a_run_answers_to_the_start_of_its_id_or_of_its_tail() {
        let id = RunId::of_stem("20261124-101530-k3f9");
        for text in ["2", "20261124", "20261124-101530-k3f9", "k", "k3f9"] {
            assert!(id.answers_to(text), "{text}");
        }
        for text in ["", "3f9", "101530", "k3f9a"] {
            assert!(!id.answers_to(text), "{text}");
        }
    }

    #[test]
    fn only_what_looks_like_an_id_is_taken_for_one() {
        let id = RunId::new(Timestamp::now());
        assert_eq!(RunId::parse(id.as_str()), Some(id));
        for text in ["", "latest", "20261124-101530-k3f", "20261124-101530-k3fu", "20261124-101530-K3F9", "../../x"] {
            assert_eq!(RunId::parse(text), None, "{text}");
        }
    }
}
