//! The paths that a source file names.

use std::collections::BTreeSet;

/// A path as it is written: `crate::a::b` is [crate, a, b].
pub type Path = Vec<String>;

/// A path of a `use`, the name it has from there on, and whether others may use it from here.
#[derive(Debug, PartialEq)]
pub struct Import {
    pub path: Path,
    pub name: String,
    pub public: bool,
}

/// What a file names.
#[derive(Debug, Default, PartialEq)]
pub struct Names {
    pub imports: Vec<Import>,
    /// Paths of two parts and more outside of imports.
    pub paths: Vec<Path>,
    /// All words outside of imports.
    pub words: BTreeSet<String>,
}

/// Identifiers, `::`, and all other characters but blanks, without comments, texts and unit tests.
fn tokens(source: &str) -> Vec<String> {
    let mut lines: Vec<&str> = source.lines().collect();
    let tests = |pair: &[&str]| pair[0] == "#[cfg(test)]" && pair[1].starts_with("mod tests {");
    if let Some(first) = lines.windows(2).position(tests) {
        lines.truncate(first);
    }
    let code = lines.join("\n");
    let mut characters = code.chars().peekable();
    let mut tokens = Vec::new();
    while let Some(character) = characters.next() {
        if character == '/' && characters.next_if_eq(&'/').is_some() {
            while characters.next_if(|c| *c != '\n').is_some() {}
        } else if character == '"' {
            while let Some(inside) = characters.next() {
                match inside {
                    '\\' => _ = characters.next(),
                    '"' => break,
                    _ => {}
                }
            }
        } else if character.is_alphanumeric() || character == '_' {
            let mut word = String::from(character);
            while let Some(next) = characters.next_if(|c| c.is_alphanumeric() || *c == '_') {
                word.push(next);
            }
            tokens.push(word);
        } else if character == ':' && characters.next_if_eq(&':').is_some() {
            tokens.push("::".into());
        } else if !character.is_whitespace() {
            tokens.push(character.into());
        }
    }
    tokens
}

fn is_word(token: &str) -> bool {
    token.starts_with(|c: char| c.is_alphanumeric() || c == '_')
}

/// The paths of a tree such as `a::{b, c as d}` that begins at a token; where it ends.
fn tree(
    tokens: &[String],
    mut at: usize,
    before: &[String],
    found: &mut Vec<(Path, String)>,
) -> usize {
    let mut path = before.to_vec();
    loop {
        match tokens.get(at).map(String::as_str) {
            // `a::b::<T>()` ends before its types.
            Some("<") if !path.is_empty() => {
                let name = path.last().cloned().unwrap_or_default();
                found.push((path, name));
                return at;
            }
            Some("{") => {
                at += 1;
                while tokens.get(at).is_some_and(|token| token != "}") {
                    at = tree(tokens, at, &path, found);
                    at += usize::from(tokens.get(at).is_some_and(|token| token == ","));
                }
                return at + 1;
            }
            Some("self") if !path.is_empty() => at += 1,
            Some(word) if is_word(word) || word == "*" => {
                path.push(word.into());
                at += 1;
            }
            _ => return at + 1,
        }
        match tokens.get(at).map(String::as_str) {
            Some("::") => at += 1,
            Some("as") => {
                found.push((path, tokens[at + 1].clone()));
                return at + 2;
            }
            _ => {
                let name = path.last().cloned().unwrap_or_default();
                found.push((path, name));
                return at;
            }
        }
    }
}

/// What a source names.
pub fn names(source: &str) -> Names {
    let tokens = tokens(source);
    let token = |at: usize| tokens.get(at).map_or("", String::as_str);
    let mut names = Names::default();
    // Where modules inside of this file end that are still open, in braces.
    let (mut braces, mut inner) = (0, Vec::new());
    let mut at = 0;
    while at < tokens.len() {
        let before = if at == 0 { "" } else { token(at - 1) };
        let mut found = Vec::new();
        match token(at) {
            "use" => {
                // `pub use`, or the bracket of `pub(crate) use`.
                let public = ["pub", ")"].contains(&before);
                at = tree(&tokens, at + 1, &[], &mut found);
                for (path, name) in found {
                    let path = as_outside(path, &inner);
                    names.imports.push(Import { path, name, public });
                }
            }
            "mod" => {
                if token(at + 2) == "{" {
                    inner.push(braces);
                }
                at += 2;
            }
            // `pub(in crate::a)` says who may use, and uses nothing.
            "in" if before == "(" => at = tree(&tokens, at + 1, &[], &mut found),
            "{" | "}" => {
                braces = if token(at) == "{" {
                    braces + 1
                } else {
                    braces - 1
                };
                if inner.last() == Some(&braces) {
                    inner.pop();
                }
                at += 1;
            }
            word if is_word(word) && before != "::" => {
                names.words.insert(word.into());
                if token(at + 1) == "::" && is_word(token(at + 2)) {
                    at = tree(&tokens, at, &[], &mut found);
                    let paths = found.into_iter().map(|(path, _)| as_outside(path, &inner));
                    names.paths.extend(paths);
                } else {
                    at += 1;
                }
            }
            _ => at += 1,
        }
    }
    names
}

/// A path of a module inside of the file, whose `super` is the file.
fn as_outside(mut path: Path, inner: &[i32]) -> Path {
    if !inner.is_empty() && path[0] == "super" {
        path[0] = "self".into();
    }
    path
}

#[test]
fn names_are_found() {
    let source = "use crate::{a::{self, b as c}, d};\npub(crate) use e::F; // crate::g \"
        pub(in crate::m) mod q { use super::r; }
        let x = \"//h::i\"; j::k::<L>(l); crate::m::n;\n#[cfg(test)]\nmod tests {\n use o::p;\n}";
    let import = |path: &str, name: &str, public| Import {
        path: path.split("::").map(Into::into).collect(),
        name: name.into(),
        public,
    };
    let names = names(source);
    let imports = [
        import("crate::a", "a", false),
        import("crate::a::b", "c", false),
        import("crate::d", "d", false),
        import("e::F", "F", true),
        import("self::r", "r", false),
    ];
    assert_eq!(names.imports, imports);
    let paths: Vec<String> = names.paths.iter().map(|path| path.join("::")).collect();
    assert_eq!(paths, ["j::k", "crate::m::n"]);
}
