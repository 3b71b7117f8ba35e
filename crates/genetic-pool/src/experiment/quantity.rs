//! Lengths of time and amounts of memory, as people write them.

use std::{fmt, time::Duration};

/// The forms a length of time takes.
pub(crate) const TIME_FORMS: &str =
    "a number with `ms`, `s`, `min`, `h` or `d`, greater units first: \"90s\", \"6min\", \"1h30min\", \"250ms\"";

/// The forms an amount of memory takes.
pub(crate) const SIZE_FORMS: &str = "a number with `B`, `kB`, `MB`, `GB`, `TB` (powers of 1000) or `KiB`, `MiB`, `GiB`, `TiB` (powers of 1024): \"2GiB\", \"512MB\"; or a whole number of bytes";

const NANOSECONDS: [(&str, u64); 5] = [
    ("d", 86_400_000_000_000),
    ("h", 3_600_000_000_000),
    ("min", 60_000_000_000),
    ("s", 1_000_000_000),
    ("ms", 1_000_000),
];

const BYTES: [(&str, u64); 9] = [
    ("B", 1),
    ("kB", 1_000),
    ("MB", 1_000_000),
    ("GB", 1_000_000_000),
    ("TB", 1_000_000_000_000),
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
    ("TiB", 1 << 40),
];

/// Why a text is no length of time or amount of memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuantityError {
    /// What is wrong, as a fragment in lower case.
    pub message: String,
    /// What to write instead, where it can be guessed.
    pub hint: Option<String>,
}

/// Reads a length of time above 0: `"90s"`, `"6min"`, `"40h"`, `"1h30min"`, `"250ms"`, `"1.5h"`, `"2d"`.
pub fn parse_duration(text: &str) -> Result<Duration, QuantityError> {
    let mut rest = text;
    let mut total: u64 = 0;
    let mut last = None;
    if rest.is_empty() {
        return Err(fault("is empty"));
    }
    while !rest.is_empty() {
        let (number, unit, tail) = part(rest);
        if number.is_empty() {
            return Err(fault("does not begin with a number"));
        }
        if unit.is_empty() {
            let hint = last.is_none().then(|| format!("\"{number}s\" for seconds, \"{number}min\" for minutes"));
            return Err(QuantityError { message: format!("has no unit after {number}"), hint });
        }
        let place = unit_of(unit, &NANOSECONDS, &[("m", "min"), ("sec", "s"), ("hours", "h"), ("days", "d")])?;
        if last.is_some_and(|last| last >= place) {
            return Err(fault(format!("has `{unit}` after a unit that is not greater")));
        }
        total = scaled(number, NANOSECONDS[place].1)
            .and_then(|nanoseconds| total.checked_add(nanoseconds))
            .ok_or_else(|| fault("is not a length of time this program can hold"))?;
        last = Some(place);
        rest = tail;
    }
    match total {
        0 => Err(fault("is no time at all")),
        _ => Ok(Duration::from_nanos(total)),
    }
}

/// Reads an amount of memory above 0, in bytes: `"2GiB"`, `"512MB"`, `"1.5 GiB"`.
pub fn parse_size(text: &str) -> Result<u64, QuantityError> {
    let (number, unit, tail) = part(text);
    if number.is_empty() {
        return Err(fault("does not begin with a number"));
    }
    if unit.is_empty() || !tail.is_empty() {
        let hint =
            number.parse::<u64>().is_ok().then(|| format!("\"{number}MiB\", or {number} without quotes for bytes"));
        return Err(QuantityError { message: "is not one number with one unit".to_owned(), hint });
    }
    let guesses = [
        ("G", "GiB"),
        ("M", "MiB"),
        ("K", "KiB"),
        ("k", "KiB"),
        ("T", "TiB"),
        ("KB", "kB"),
        ("Gi", "GiB"),
        ("Mi", "MiB"),
    ];
    let place = unit_of(unit, &BYTES, &guesses)?;
    match scaled(number, BYTES[place].1) {
        None => Err(fault("is not an amount of memory this program can hold")),
        Some(0) => Err(fault("is no memory at all")),
        Some(bytes) => Ok(bytes),
    }
}

/// Splits off a number, spaces and a unit: (number, unit, rest).
fn part(text: &str) -> (&str, &str, &str) {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, rest) = text.split_at(end);
    let rest = rest.trim_start_matches(' ');
    let end = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
    let (unit, tail) = rest.split_at(end);
    (number, unit, tail)
}

fn unit_of(unit: &str, units: &[(&str, u64)], guesses: &[(&str, &str)]) -> Result<usize, QuantityError> {
    units.iter().position(|(name, _)| *name == unit).ok_or_else(|| {
        let guess = guesses.iter().find(|(wrong, _)| *wrong == unit).map(|(_, right)| *right);
        let guess = guess.or_else(|| units.iter().map(|(name, _)| *name).find(|name| name.eq_ignore_ascii_case(unit)));
        QuantityError {
            message: format!("has the unknown unit `{unit}`"),
            hint: guess.map(|guess| format!("did you mean `{guess}`?")),
        }
    })
}

/// `number × unit`, a decimal with at most 9 places, exactly: what is left below one is dropped.
fn scaled(number: &str, unit: u64) -> Option<u64> {
    let (whole, places) = number.split_once('.').unwrap_or((number, "0"));
    if whole.is_empty() || places.is_empty() || places.len() > 9 || places.contains('.') {
        return None;
    }
    let places: u128 = u128::from(places.parse::<u64>().ok()?) * u128::from(unit) / 10_u128.pow(places.len() as u32);
    let whole = u128::from(whole.parse::<u64>().ok()?).checked_mul(u128::from(unit))?;
    u64::try_from(whole.checked_add(places)?).ok()
}

fn fault(message: impl Into<String>) -> QuantityError {
    QuantityError { message: message.into(), hint: None }
}

/// A length of time in the form the file takes, exact to the millisecond: `1h30min`.
pub fn format_duration(duration: Duration) -> impl fmt::Display {
    struct Text(u64);
    impl fmt::Display for Text {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            let mut rest = self.0;
            if rest < NANOSECONDS[4].1 {
                return f.write_str("0s");
            }
            for (unit, nanoseconds) in NANOSECONDS {
                if rest >= nanoseconds {
                    write!(f, "{}{unit}", rest / nanoseconds)?;
                    rest %= nanoseconds;
                }
            }
            Ok(())
        }
    }
    Text(u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check_duration(text: &str, expect: &str) {
        let found = match parse_duration(text) {
            Ok(duration) => format_duration(duration).to_string(),
            Err(error) => match error.hint {
                Some(hint) => format!("{} ({hint})", error.message),
                None => error.message,
            },
        };
        assert_eq!(found, expect, "{text:?}");
    }

    #[test]
    fn durations() {
        check_duration("90s", "1min30s");
        check_duration("6min", "6min");
        check_duration("40h", "1d16h");
        check_duration("1h30min", "1h30min");
        check_duration("1h 30min", "does not begin with a number");
        check_duration("250ms", "250ms");
        check_duration("1.5h", "1h30min");
        check_duration("0.25s", "250ms");
        check_duration("6m", "has the unknown unit `m` (did you mean `min`?)");
        check_duration("6MIN", "has the unknown unit `MIN` (did you mean `min`?)");
        check_duration("90", "has no unit after 90 (\"90s\" for seconds, \"90min\" for minutes)");
        check_duration("30min1h", "has `h` after a unit that is not greater");
        check_duration("1h1h", "has `h` after a unit that is not greater");
        check_duration("-5s", "does not begin with a number");
        check_duration("soon", "does not begin with a number");
        check_duration("", "is empty");
        check_duration("0s", "is no time at all");
        check_duration("1..5h", "is not a length of time this program can hold");
        check_duration("99999999999999d", "is not a length of time this program can hold");
    }

    fn check_size(text: &str, expect: Result<u64, &str>) {
        assert_eq!(parse_size(text).map_err(|error| error.message), expect.map_err(str::to_owned), "{text:?}");
    }

    #[test]
    fn sizes() {
        check_size("2GiB", Ok(2 << 30));
        check_size("1.5 GiB", Ok(3 << 29));
        check_size("512MB", Ok(512_000_000));
        check_size("100B", Ok(100));
        check_size("0.1kB", Ok(100));
        check_size("2G", Err("has the unknown unit `G`"));
        check_size("2", Err("is not one number with one unit"));
        check_size("2GiB1MiB", Err("is not one number with one unit"));
        check_size("GiB", Err("does not begin with a number"));
        check_size("0GiB", Err("is no memory at all"));
        check_size("99999999999TiB", Err("is not an amount of memory this program can hold"));
    }

    proptest! {
        #[test]
        fn durations_survive_their_text(milliseconds in 1_u64..10_000_000_000_000) {
            let duration = Duration::from_millis(milliseconds);
            prop_assert_eq!(parse_duration(&format_duration(duration).to_string()), Ok(duration));
        }
    }
}
