//! Times as people write them.

use jiff::{SignedDuration, Timestamp, Zoned, civil};

/// A point in time: `10m` ago, `2026-11-24T10:00:00Z`, `2026-11-24 10:00` or `10:00` here.
pub(super) fn when(text: &str) -> Result<Timestamp, String> {
    at(text, &Zoned::now()).ok_or_else(|| {
        "expected a time ago (`10m`, `1h 30m`), a date (`2026-11-24`), a date and time (`2026-11-24T10:00`, \
         with `Z` or an offset where it is not local) or a time of today (`10:00`)"
            .to_owned()
    })
}

fn at(text: &str, now: &Zoned) -> Option<Timestamp> {
    let text = text.trim();
    if let Ok(time) = text.parse::<Timestamp>() {
        return Some(time);
    }
    let zone = now.time_zone().clone();
    if let Ok(time) = text.parse::<civil::Time>()
        && text.contains(':')
    {
        return now.date().to_datetime(time).to_zoned(zone).ok().map(|time| time.timestamp());
    }
    if let Ok(time) = text.parse::<civil::DateTime>() {
        return time.to_zoned(zone).ok().map(|time| time.timestamp());
    }
    let ago: SignedDuration = text.parse().ok()?;
    now.timestamp().checked_sub(ago.abs()).ok()
}

#[cfg(test)]
mod tests {
    use jiff::tz::{self, TimeZone};

    use super::*;

    #[test]
    fn times_are_ago_or_local_or_say_their_zone() {
        let zone = TimeZone::fixed(tz::offset(1));
        let now = civil::date(2026, 11, 24).at(10, 30, 0, 0).to_zoned(zone).unwrap();
        for (text, time) in [
            ("10m", "2026-11-24T09:20:00Z"),
            ("90s", "2026-11-24T09:28:30Z"),
            ("1h 30m", "2026-11-24T08:00:00Z"),
            ("10 minutes ago", "2026-11-24T09:20:00Z"),
            ("2026-11-24", "2026-11-23T23:00:00Z"),
            ("2026-11-24 10:00", "2026-11-24T09:00:00Z"),
            ("2026-11-24T10:00:00.5", "2026-11-24T09:00:00.5Z"),
            ("2026-11-24T10:00:00Z", "2026-11-24T10:00:00Z"),
            ("2026-11-24T10:00:00+03:00", "2026-11-24T07:00:00Z"),
            ("10:00", "2026-11-24T09:00:00Z"),
        ] {
            assert_eq!(at(text, &now), Some(time.parse().unwrap()), "{text}");
        }
        for bad in ["", "10", "yesterday", "2026-13-01", "-", "25:00"] {
            assert_eq!(at(bad, &now), None, "{bad}");
        }
    }
}
