//! Amounts of memory as people write them.

/// Reads `2GiB`, `512 MiB`, `1.5GB`; what is wrong with it otherwise.
pub fn parse_bytes(text: &str) -> Result<u64, String> {
    let text = text.trim();
    let split = text.find(|char: char| !char.is_ascii_digit() && char != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(split);
    let fault = || format!("is `{text}`; allowed is a number with a unit: 2GiB, 512MiB, 1.5GB");
    let number: f64 = number.parse().map_err(|_| fault())?;
    let scale = UNITS.iter().find(|(name, _)| name.eq_ignore_ascii_case(unit.trim())).ok_or_else(fault)?.1;
    let bytes = (number * scale as f64).round();
    if bytes < 2f64.powi(60) { Ok(bytes as u64) } else { Err(fault()) }
}

/// The shortest form that says it to three digits or more and that [`parse_bytes`] reads: `2GiB`, `1.46GiB`, `512MiB`.
pub fn format_bytes(bytes: u64) -> String {
    let (unit, scale) = UNITS.iter().find(|(_, scale)| bytes >= *scale).unwrap_or(&("B", 1));
    let value = (bytes as f64 / *scale as f64 * 100.0).round() / 100.0;
    format!("{value}{unit}")
}

/// Binary units first: they are the ones written.
const UNITS: [(&str, u64); 12] = [
    ("TiB", 1 << 40),
    ("GiB", 1 << 30),
    ("MiB", 1 << 20),
    ("KiB", 1 << 10),
    ("B", 1),
    ("T", 1 << 40),
    ("G", 1 << 30),
    ("M", 1 << 20),
    ("TB", 1_000_000_000_000),
    ("GB", 1_000_000_000),
    ("MB", 1_000_000),
    ("kB", 1_000),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_and_written() {
        for (text, bytes) in [("2GiB", 2 << 30), ("512 mib", 512 << 20), ("1.5GB", 1_500_000_000), ("2g", 2 << 30)] {
            assert_eq!(parse_bytes(text), Ok(bytes), "{text}");
        }
        for text in ["", "2", "GiB", "1.2.3GiB", "-1GiB", "2 apples", "99999999TiB"] {
            assert!(parse_bytes(text).is_err(), "{text}");
        }
        for (bytes, text) in [(2 << 30, "2GiB"), (512 << 20, "512MiB"), (1_572_864_000, "1.46GiB"), (5, "5B")] {
            assert_eq!(format_bytes(bytes), text);
        }
    }
}
