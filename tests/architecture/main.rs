//! Dependencies point one way: between the crate's modules, and between the files of all crates.

mod files;
mod paths;

use files::Files;
use paths::names;
use std::{collections::BTreeSet, fs, path::Path};

/// Each module may use those below it, never one above.
const ORDER: [&str; 24] = [
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
    "special",
    "kernel",
    "device",
    "draw",
    "record",
    "interchange",
    "difference",
    "configuration",
    "file",
    "hash",
    "progress",
    "error",
];
/// These use nothing of the crate but errors.
const INDEPENDENT: [&str; 8] = [
    "kernel",
    "device",
    "difference",
    "configuration",
    "file",
    "hash",
    "progress",
    "error",
];

/// The modules of the crate that a source names.
fn used_modules(source: &str) -> BTreeSet<String> {
    let names = names(source);
    let imports = names.imports.into_iter().map(|import| import.path);
    let paths = imports.chain(names.paths);
    let inside = paths.filter(|path| path[0] == "crate" && path.len() > 1);
    let modules = inside.map(|path| match path[1].as_str() {
        "random_weights" => "layer".into(), // a macro is named from the root, wherever it stands
        module => module.into(),
    });
    modules.collect()
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
                "{}: {module} uses {used}, which stands above it in the ORDER of this test; move \
                 what is needed down, into {module} or a module below both",
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
        if !["lib", "guide"].contains(&&*module) {
            visit(&path, &module, &mut problems);
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn no_files_use_each_other() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut circles = Files::of(&root.join("src")).circles();
    circles.extend(Files::of(&root.join("crates/burn-bayes-cpu/src")).circles());
    assert!(
        circles.is_empty(),
        "these files use each other in a circle:\n  {}\nMove what both sides need into a file of \
         its own, below both, or pass it as an argument. A module's mod.rs may use its files, or \
         be used by them, not both; what it only names for others (`pub use`) does not count.",
        circles.join("\n  ")
    );
}
