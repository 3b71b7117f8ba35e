//! `NODE_COORD_SECTION`: where the nodes are.

use super::{TsplibError, document::Document, error::quote, weights::Metric};

const SECTION: &str = "NODE_COORD_SECTION";

/// The coordinates of every node, in the order of the node numbers; none where the text has none and `metric` needs none.
pub(super) fn read(document: &Document<'_>, dimension: usize, metric: &Metric) -> Result<Vec<[f64; 2]>, TsplibError> {
    let section = match metric {
        Metric::Explicit(_) => match document.section(SECTION) {
            Some(section) => section,
            None => return Ok(Vec::new()),
        },
        Metric::Plane(_) | Metric::Geographic => document.needed_section(SECTION)?,
    };
    let mut coordinates = vec![[0.0; 2]; dimension];
    let mut given = vec![0; dimension];
    for (read, (line, content)) in section.lines.iter().enumerate() {
        let line = *line;
        if read == dimension {
            let found = quote(content);
            return Err(TsplibError::TooLong { line, section: SECTION, expected: dimension, items: "nodes", found });
        }
        let words: Vec<&str> = content.split_whitespace().collect();
        let [number, x, y] = words[..] else {
            return Err(TsplibError::NodeLine { line, found: quote(content) });
        };
        let node = match number.parse::<usize>() {
            Ok(node) if (1..=dimension).contains(&node) => node,
            _ => return Err(TsplibError::NodeNumber { line, found: quote(number), dimension }),
        };
        if given[node - 1] != 0 {
            return Err(TsplibError::DuplicateNode { line, node, first: given[node - 1] });
        }
        given[node - 1] = line;
        coordinates[node - 1] = [finite(line, x)?, finite(line, y)?];
        if let Metric::Geographic = metric {
            let [latitude, longitude] = coordinates[node - 1];
            if latitude.abs() > 90.0 {
                return Err(TsplibError::Degrees { line, what: "a latitude", limit: 90, found: quote(x) });
            }
            if longitude.abs() > 180.0 {
                return Err(TsplibError::Degrees { line, what: "a longitude", limit: 180, found: quote(y) });
            }
        }
    }
    // Every node was new and there were no more than `dimension`, so the count decides.
    if section.lines.len() < dimension {
        return Err(TsplibError::Truncated {
            line: section.end,
            section: SECTION,
            read: section.lines.len(),
            expected: dimension,
            items: "nodes",
        });
    }
    Ok(coordinates)
}

fn finite(line: usize, word: &str) -> Result<f64, TsplibError> {
    match word.parse::<f64>() {
        Ok(value) if value.is_finite() => Ok(value),
        _ => Err(TsplibError::Coordinate { line, found: quote(word) }),
    }
}
