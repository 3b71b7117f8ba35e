//! How figures read: counts, rates, times, sizes.

use std::time::Duration;

/// `1234567` as `1,234,567`.
pub(crate) fn count(value: u64) -> String {
    let digits = value.to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `count` things: `1 evaluation`, `2,000 evaluations`.
pub(crate) fn things(value: u64, thing: &str) -> String {
    format!("{} {thing}{}", count(value), if value == 1 { "" } else { "s" })
}

/// A rate in the unit that gives it two digits before the point: `1,770/h`, `45/min`, `310/s`, `2.1 million/s`.
pub(crate) fn rate(per_second: f64) -> String {
    match per_second {
        rate if !rate.is_finite() || rate < 0.0 => "?/s".to_owned(),
        rate if rate >= 999_500.0 => format!("{:.1} million/s", rate / 1e6),
        rate if rate >= 10.0 => format!("{}/s", count(rate.round() as u64)),
        rate if rate * 60.0 >= 100.0 => format!("{}/min", count((rate * 60.0).round() as u64)),
        rate => format!("{}/h", count((rate * 3600.0).round() as u64)),
    }
}

/// A span of time in its two greatest units: `340 µs`, `12 ms`, `1.2 s`, `48 s`, `2 min 5 s`, `11 h 20 min`, `3 d 4 h`.
pub(crate) fn seconds(seconds: f64) -> String {
    if !seconds.is_finite() || seconds < 0.0 {
        return "?".to_owned();
    }
    let whole = seconds.round() as u64;
    match seconds {
        0.0 => "0 s".to_owned(),
        s if s < 0.001 => format!("{:.0} µs", s * 1e6),
        s if s < 0.9995 => format!("{:.0} ms", s * 1e3),
        s if s < 9.95 => format!("{s:.1} s"),
        s if s < 59.5 => format!("{s:.0} s"),
        _ if whole < 3600 => two(whole / 60, "min", whole % 60, "s"),
        _ if whole < 3 * 86_400 => two(whole / 3600, "h", whole % 3600 / 60, "min"),
        _ => two(whole / 86_400, "d", whole % 86_400 / 3600, "h"),
    }
}

/// The same of a [`Duration`].
pub(crate) fn duration(duration: Duration) -> String {
    seconds(duration.as_secs_f64())
}

/// A number of bytes: `512 B`, `1.4 GiB`.
pub(crate) fn bytes(bytes: u64) -> String {
    let mut value = bytes as f64;
    let mut units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"].into_iter();
    let mut unit = units.next().unwrap_or_default();
    for next in units {
        if value < 1023.95 {
            break;
        }
        value /= 1024.0;
        unit = next;
    }
    if unit == "B" || value.fract() == 0.0 { format!("{value:.0} {unit}") } else { format!("{value:.1} {unit}") }
}

/// A value of an objective: at most six significant digits, or all where it is a whole number.
pub(crate) fn objective(value: f64) -> String {
    let magnitude = value.abs();
    if value.fract() == 0.0 && magnitude < 1e15 {
        return format!("{value:.0}");
    }
    if !value.is_finite() {
        return if value.is_nan() { "not a number".to_owned() } else { format!("{value}") };
    }
    if !(1e-4..1e7).contains(&magnitude) {
        let text = format!("{value:.5e}");
        let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        return format!("{}e{exponent}", without_zeros(mantissa));
    }
    let before = magnitude.log10().floor() as i32;
    without_zeros(&format!("{value:.*}", (5 - before).max(0) as usize)).to_owned()
}

fn without_zeros(text: &str) -> &str {
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { text }
}

fn two(greater: u64, greater_unit: &str, less: u64, less_unit: &str) -> String {
    match less {
        0 => format!("{greater} {greater_unit}"),
        _ => format!("{greater} {greater_unit} {less} {less_unit}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_grouped() {
        assert_eq!([0, 999, 1000, 1_234_567].map(count), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!([1, 2].map(|value| things(value, "failure")), ["1 failure", "2 failures"]);
    }

    #[test]
    fn rates_take_the_unit_that_reads_well() {
        assert_eq!(
            [0.0, 1770.0 / 3600.0, 2.0, 12.4, 31_000.0, 2_100_000.0, f64::NAN].map(rate),
            ["0/h", "1,770/h", "120/min", "12/s", "31,000/s", "2.1 million/s", "?/s"]
        );
    }

    #[test]
    fn times_show_two_units_at_most() {
        assert_eq!(
            [0.0, 3.4e-4, 0.012, 0.9999, 9.96, 59.6, 125.0, 7200.0, 40_800.0, 273_600.0, f64::INFINITY].map(seconds),
            ["0 s", "340 µs", "12 ms", "1.0 s", "10 s", "1 min", "2 min 5 s", "2 h", "11 h 20 min", "3 d 4 h", "?"]
        );
        assert_eq!(duration(Duration::from_mins(90)), "1 h 30 min");
    }

    #[test]
    fn sizes_take_binary_units() {
        assert_eq!([0, 1023, 1024, 2 << 30, 1_503_238_553].map(bytes), ["0 B", "1023 B", "1 KiB", "2 GiB", "1.4 GiB"]);
    }

    #[test]
    fn objectives_show_six_digits_or_are_whole() {
        assert_eq!(
            [7542.0, -0.021_345_678, 1.724_852_309, 123_456.789, 3.2e-9, 1.0 / 3.0 * 1e9, 0.5, f64::INFINITY]
                .map(objective),
            ["7542", "-0.0213457", "1.72485", "123457", "3.2e-9", "3.33333e8", "0.5", "inf"]
        );
    }
}
