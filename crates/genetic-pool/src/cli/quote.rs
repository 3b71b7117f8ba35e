//! Paths as a shell takes them.

use std::path::Path;

/// `path` as one word of a command to type: in quotes where it needs them.
pub(super) fn quoted(path: &Path) -> String {
    let text = path.to_string_lossy();
    let plain = |c: char| c.is_alphanumeric() || "/._-+=:,@%".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return text.into_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_shell_would_take_apart_is_quoted() {
        let all = ["wing/experiment.toml", "flügel/a.toml", "my wing/a.toml", "it's.toml", "a$b", ""];
        let expected = ["wing/experiment.toml", "flügel/a.toml", "'my wing/a.toml'", r"'it'\''s.toml'", "'a$b'", "''"];
        assert_eq!(all.map(|path| quoted(Path::new(path))), expected);
    }
}
