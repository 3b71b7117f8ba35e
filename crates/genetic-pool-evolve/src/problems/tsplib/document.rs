//! A TSPLIB text, split into its entries and sections.

use super::{MAX_DIMENSION, TsplibError, error::quote};

/// The entries and sections of a text, not yet understood.
#[derive(Debug, Default)]
pub(super) struct Document<'a> {
    entries: Vec<Entry<'a>>,
    sections: Vec<Section<'a>>,
    pub(super) comment: Vec<&'a str>,
    /// Where it ends: the line of `EOF`, or the last one.
    end: usize,
}

/// `KEYWORD : value`
#[derive(Debug)]
struct Entry<'a> {
    keyword: &'a str,
    value: &'a str,
    line: usize,
}

/// The data lines under a keyword.
#[derive(Debug)]
pub(super) struct Section<'a> {
    keyword: &'static str,
    line: usize,
    /// Line number and text, without empty lines.
    pub(super) lines: Vec<(usize, &'a str)>,
    /// The line after its last one: where it ends.
    pub(super) end: usize,
}

/// Sections that are read, or can be passed over since they only say how to draw.
const SECTIONS: [&str; 3] = ["NODE_COORD_SECTION", "EDGE_WEIGHT_SECTION", "DISPLAY_DATA_SECTION"];

/// Sections that would change the problem.
const UNSUPPORTED: [&str; 6] = [
    "FIXED_EDGES_SECTION",
    "EDGE_DATA_SECTION",
    "DEPOT_SECTION",
    "DEMAND_SECTION",
    "TOUR_SECTION",
    "NODE_COORD_3D_SECTION",
];

impl<'a> Document<'a> {
    /// Splits `text`. A line that starts with a letter is a keyword's; any other belongs to the section above it.
    pub(super) fn split(text: &'a str) -> Result<Document<'a>, TsplibError> {
        let mut document = Document::default();
        let mut in_section = false;
        for (index, raw) in text.lines().enumerate() {
            let line = index + 1;
            document.end = line;
            let content = raw.trim().trim_start_matches('\u{feff}');
            if content.is_empty() {
                continue;
            }
            if !content.starts_with(|first: char| first.is_alphabetic()) {
                match document.sections.last_mut() {
                    Some(section) if in_section => section.lines.push((line, content)),
                    _ => return Err(TsplibError::Stray { line, found: quote(content) }),
                }
                continue;
            }
            if let Some(section) = document.sections.last_mut()
                && in_section
            {
                section.end = line;
            }
            if content == "EOF" {
                return Ok(document);
            }
            in_section = document.keyword(content, line)?;
        }
        if let Some(section) = document.sections.last_mut()
            && in_section
        {
            section.end = document.end;
        }
        Ok(document)
    }

    /// Takes a keyword's line and says whether a section begins with it.
    fn keyword(&mut self, content: &'a str, line: usize) -> Result<bool, TsplibError> {
        let (keyword, value) = match content.split_once(':') {
            Some((keyword, value)) => (keyword.trim(), Some(value.trim())),
            None => (content, None),
        };
        let duplicate = |first| TsplibError::Duplicate { line, keyword: keyword.to_owned(), first };
        if let Some(known) = SECTIONS.into_iter().find(|known| *known == keyword)
            && value.is_none_or(str::is_empty)
        {
            if let Some(first) = self.section(known) {
                return Err(duplicate(first.line));
            }
            self.sections.push(Section { keyword: known, line, lines: Vec::new(), end: line });
            return Ok(true);
        }
        if UNSUPPORTED.contains(&keyword) {
            return Err(TsplibError::UnsupportedSection { line, section: keyword.to_owned() });
        }
        match value {
            None => return Err(TsplibError::UnknownSection { line, found: quote(content) }),
            Some(value) if keyword == "COMMENT" => self.comment.push(value),
            Some("") => return Err(TsplibError::Empty { line, keyword: quote(keyword) }),
            Some(value) => {
                if let Some(first) = self.entry(keyword) {
                    return Err(duplicate(first.line));
                }
                self.entries.push(Entry { keyword, value, line });
            }
        }
        Ok(false)
    }

    fn entry(&self, keyword: &str) -> Option<&Entry<'a>> {
        self.entries.iter().find(|entry| entry.keyword == keyword)
    }

    /// The value of `keyword`, if it is given.
    pub(super) fn value(&self, keyword: &str) -> Option<&'a str> {
        self.entry(keyword).map(|entry| entry.value)
    }

    /// The value of `keyword`, which must be one of `supported`.
    pub(super) fn choose(
        &self,
        keyword: &'static str,
        supported: &[&'static str],
    ) -> Result<&'static str, TsplibError> {
        let entry = self.entry(keyword).ok_or(TsplibError::Missing { line: self.end, keyword })?;
        // Some files say more behind the value, as in `TSP (M.~Hofmann)`.
        let word = entry.value.split_whitespace().next().unwrap_or_default();
        supported.iter().copied().find(|value| *value == word).ok_or_else(|| TsplibError::Unsupported {
            line: entry.line,
            keyword: keyword.to_owned(),
            found: quote(entry.value),
            supported: supported.to_vec(),
        })
    }

    /// How many nodes the instance has.
    pub(super) fn dimension(&self) -> Result<usize, TsplibError> {
        let keyword = "DIMENSION";
        let entry = self.entry(keyword).ok_or(TsplibError::Missing { line: self.end, keyword })?;
        match entry.value.parse() {
            Ok(dimension) if (2..=MAX_DIMENSION).contains(&dimension) => Ok(dimension),
            _ => Err(TsplibError::Dimension { line: entry.line, found: quote(entry.value), max: MAX_DIMENSION }),
        }
    }

    /// The section called `keyword`, if there is one.
    pub(super) fn section(&self, keyword: &str) -> Option<&Section<'a>> {
        self.sections.iter().find(|section| section.keyword == keyword)
    }

    /// The section called `keyword`, which the `EDGE_WEIGHT_TYPE` of this text needs.
    pub(super) fn needed_section(&self, section: &'static str) -> Result<&Section<'a>, TsplibError> {
        self.section(section).ok_or_else(|| TsplibError::MissingSection {
            line: self.end,
            section,
            metric: quote(self.value("EDGE_WEIGHT_TYPE").unwrap_or_default()),
        })
    }
}
