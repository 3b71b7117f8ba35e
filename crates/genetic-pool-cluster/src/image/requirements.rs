//! What the evaluations need, from a requirements.txt or a pyproject.toml, as one file that stands alone.

use std::path::Path;

use toml_edit::{DocumentMut, Item};

use super::ImageError;

/// The requirements at `path` as pip reads them: a `pyproject.toml`'s dependencies, else lines.
pub(super) fn read(path: &Path) -> Result<String, ImageError> {
    let text = std::fs::read_to_string(path).map_err(|source| ImageError::Read { path: path.to_owned(), source })?;
    if path.extension().is_some_and(|extension| extension == "toml") {
        of_project(path, &text)
    } else {
        of_lines(path, &text)
    }
}

/// The lines of a requirements.txt, none of which may name a file: files do not travel into the image.
fn of_lines(path: &Path, text: &str) -> Result<String, ImageError> {
    for (line, text) in text.lines().map(|line| line.split(" #").next().unwrap_or(line).trim()).enumerate() {
        let problem = if text.is_empty() || text.starts_with('#') {
            continue;
        } else if let Some(option) = option(text) {
            match option {
                "-r" | "--requirement" | "-c" | "--constraint" => "names another file",
                "-e" | "--editable" => "names a folder",
                "-f" | "--find-links" if !text.contains("://") => "names a folder",
                _ => continue,
            }
        } else if is_path(text) {
            "names a file or folder"
        } else {
            continue;
        };
        return Err(ImageError::Requirement { path: path.to_owned(), line: line + 1, text: text.to_owned(), problem });
    }
    // A file saved on Windows, or without an end to its last line, is the same file.
    Ok(text.lines().map(|line| line.trim_end().to_owned() + "\n").collect())
}

/// `-r`, where `line` is an option.
fn option(line: &str) -> Option<&str> {
    let option = line.split(|character: char| character.is_whitespace() || character == '=').next()?;
    match option {
        // `-rother.txt` is taken, too.
        short if short.starts_with('-') && !short.starts_with("--") => short.get(..2),
        long if long.starts_with("--") => Some(long),
        _ => None,
    }
}

/// Whether a requirement is a path, on its own or behind a name as `name @ file:///path`.
fn is_path(requirement: &str) -> bool {
    let place = requirement.split_once('@').map_or(requirement, |(_, place)| place.trim());
    place.starts_with(['.', '/', '~']) || place.starts_with("file:")
}

/// The `[project] dependencies` of a pyproject.toml.
fn of_project(path: &Path, text: &str) -> Result<String, ImageError> {
    let fail = |problem: String| ImageError::Project { path: path.to_owned(), problem };
    let document: DocumentMut = text.parse().map_err(|error| fail(format!("is no TOML: {error}")))?;
    let Some(project) = document.get("project") else {
        return Err(fail("has no `[project]`".to_owned()));
    };
    let dynamic = project.get("dynamic").and_then(Item::as_array);
    if dynamic.is_some_and(|names| names.iter().any(|name| name.as_str() == Some("dependencies"))) {
        return Err(fail("says that its dependencies are dynamic: only its own build knows them".to_owned()));
    }
    let Some(dependencies) = project.get("dependencies") else {
        return Err(fail("has no `dependencies` in `[project]`".to_owned()));
    };
    let texts = dependencies.as_array().and_then(|array| array.iter().map(|value| value.as_str()).collect());
    let Some(texts): Option<Vec<&str>> = texts else {
        return Err(fail("has `dependencies` that are no list of texts".to_owned()));
    };
    of_lines(path, &texts.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_stand_alone_are_taken_as_they_are() {
        let path = Path::new("requirements.txt");
        let text = "# ours\n--index-url https://example.org/simple\nnumpy>=2 # fast\r\n\nscipy[x]==1.16.0; python_version < '3.14'\n\
                    own @ https://example.org/own.whl\n-f https://example.org/wheels";
        let expected = text.replace("\r\n", "\n") + "\n";
        assert_eq!(of_lines(path, text).unwrap(), expected);
    }

    #[test]
    fn lines_that_name_files_are_refused_with_their_number() {
        let path = Path::new("requirements.txt");
        for line in [
            "-r other.txt",
            "-rother.txt",
            "--requirement=x",
            "-c pins.txt",
            "-e .",
            "--find-links wheels",
            "./own",
            "/opt/own",
            "own @ file:///own",
            "../x.whl",
        ] {
            let error = of_lines(path, &format!("numpy\n{line}\n")).unwrap_err();
            assert!(matches!(error, ImageError::Requirement { line: 2, .. }), "{line}: {error}");
        }
        let error = of_lines(path, "numpy\n-r other.txt # too").unwrap_err();
        insta::assert_snapshot!(error, @"`requirements.txt`, line 2: `-r other.txt` names another file");
    }

    #[test]
    fn a_project_gives_its_dependencies() {
        let path = Path::new("pyproject.toml");
        let text = "[project]\nname = 'x'\ndependencies = ['numpy>=2', \"scipy\"]\n";
        assert_eq!(of_project(path, text).unwrap(), "numpy>=2\nscipy\n");
        assert_eq!(of_project(path, "[project]\ndependencies = []").unwrap(), "");
        for text in
            ["[tool.poetry]", "[project]", "[project]\ndynamic = ['dependencies']", "[project]\ndependencies = 1", "="]
        {
            assert!(matches!(of_project(path, text), Err(ImageError::Project { .. })), "{text}");
        }
    }
}
