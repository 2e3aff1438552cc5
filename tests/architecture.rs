//! Dependencies between the crate's modules point one way.

use std::{fs, path::Path};

/// Each module may use those below it, never one above.
const ORDER: [&str; 20] = [
    "train",
    "evaluate",
    "objective",
    "gradient",
    "model",
    "network",
    "layer",
    "data",
    "distribution",
    "bound",
    "noise",
    "optimizer",
    "kernel",
    "device",
    "draw",
    "record",
    "difference",
    "file",
    "hash",
    "error",
];
/// These use nothing of the crate but errors.
const INDEPENDENT: [&str; 6] = ["kernel", "device", "difference", "file", "hash", "error"];

/// The modules named after `crate::`, in paths and in `use` groups.
fn used_modules(source: &str) -> Vec<String> {
    let code: String = source
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect::<Vec<_>>()
        .join("\n");
    let mut used = Vec::new();
    for (start, _) in code.match_indices("crate::") {
        let rest = &code[start + "crate::".len()..];
        if let Some(group) = rest.strip_prefix('{') {
            let mut depth = 0;
            let mut item = String::new();
            for character in group.chars() {
                match character {
                    '{' => depth += 1,
                    '}' if depth == 0 => break,
                    '}' => depth -= 1,
                    ',' if depth == 0 => used.push(std::mem::take(&mut item)),
                    _ if depth == 0 => item.push(character),
                    _ => {}
                }
            }
            used.push(item);
        } else {
            used.push(rest.into());
        }
    }
    let name = |path: String| -> String {
        let word = path.trim_start().chars();
        word.take_while(|c| c.is_alphanumeric() || *c == '_')
            .collect()
    };
    used.into_iter()
        .map(name)
        .filter(|name| !name.is_empty())
        .collect()
}

fn visit(path: &Path, module: &str, problems: &mut Vec<String>) {
    if path.is_dir() {
        for entry in fs::read_dir(path).unwrap() {
            visit(&entry.unwrap().path(), module, problems);
        }
        return;
    }
    let rank = |name: &str| ORDER.iter().position(|module| *module == name);
    let here = rank(module).unwrap_or_else(|| panic!("{module} has no place in the order"));
    let source = fs::read_to_string(path).unwrap();
    if source.contains("super::super") {
        problems.push(format!(
            "{}: name other modules from `crate`",
            path.display()
        ));
    }
    for used in used_modules(&source) {
        let Some(there) = rank(&used) else {
            problems.push(format!(
                "{}: uses crate::{used}, which is no module",
                path.display()
            ));
            continue;
        };
        if there < here {
            problems.push(format!(
                "{}: {module} uses {used}, which stands above it",
                path.display()
            ));
        }
        if INDEPENDENT.contains(&module) && used != module && used != "error" {
            problems.push(format!("{}: {module} uses {used}", path.display()));
        }
    }
}

#[test]
fn imports_point_downwards() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut problems = Vec::new();
    for entry in fs::read_dir(source).unwrap() {
        let path = entry.unwrap().path();
        let module = path.file_stem().unwrap().to_str().unwrap().to_owned();
        if module != "lib" {
            visit(&path, &module, &mut problems);
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn uses_are_found() {
    let source = "use crate::{a::{b, c}, d,\n e};\n// crate::f\nlet x = crate::g::h;";
    assert_eq!(used_modules(source), ["a", "d", "e", "g"]);
}
