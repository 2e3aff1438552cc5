//! Pages of the repository: links lead somewhere, lines are short, every picture is shown.

mod markdown;

use markdown::Page;
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Component, Path, PathBuf},
};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// Every Markdown file, by its path from the root.
fn pages() -> BTreeMap<PathBuf, Page> {
    fn visit(folder: &Path, pages: &mut BTreeMap<PathBuf, Page>) {
        for entry in fs::read_dir(Path::new(ROOT).join(folder)).unwrap() {
            let entry = entry.unwrap();
            let name = entry.file_name().into_string().unwrap();
            let path = folder.join(&name);
            if entry.file_type().unwrap().is_dir() {
                let hidden = name.starts_with('.') && name != ".github";
                if !hidden && !["target", "runs"].contains(&&*name) {
                    visit(&path, pages);
                }
            } else if name.ends_with(".md") {
                pages.insert(path, Page::of(&fs::read_to_string(entry.path()).unwrap()));
            }
        }
    }
    let mut pages = BTreeMap::new();
    visit(Path::new(""), &mut pages);
    assert!(pages.contains_key(Path::new("README.md")));
    pages
}

/// Where a link of a page leads, from the root; `None` if that is outside.
fn target(page: &Path, link: &str) -> Option<PathBuf> {
    let mut path = page.parent().unwrap().to_path_buf();
    for part in Path::new(link).components() {
        match part {
            Component::ParentDir => path.pop().then_some(())?,
            Component::CurDir => {}
            Component::Normal(name) => path.push(name),
            _ => return None,
        }
    }
    Some(path)
}

fn is_local(link: &str) -> bool {
    !link.contains("://") && !link.starts_with("mailto:")
}

/// What is wrong with a link, in words.
fn problem(page: &Path, link: &str, pages: &BTreeMap<PathBuf, Page>) -> Option<String> {
    let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
    let file = match file {
        "" => page.to_path_buf(),
        file => match target(page, file) {
            Some(file) => file,
            None => return Some(format!("{link} leaves the repository")),
        },
    };
    if !Path::new(ROOT).join(&file).exists() {
        return Some(format!("{link} is not there"));
    }
    if anchor.is_empty() {
        return None;
    }
    match pages.get(&file) {
        Some(page) if page.anchors.contains(anchor) => None,
        Some(_) => Some(format!("{link}: no heading has this anchor")),
        None => Some(format!("{link}: only pages have anchors")),
    }
}

#[test]
fn links_and_pictures_lead_somewhere() {
    let pages = pages();
    let mut problems = Vec::new();
    for (path, page) in &pages {
        for link in page.links.iter().filter(|link| is_local(link)) {
            if let Some(problem) = problem(path, link, &pages) {
                problems.push(format!("{}: {problem}", path.display()));
            }
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn every_page_can_be_reached_from_the_readme() {
    let pages = pages();
    let mut reached = BTreeSet::new();
    let mut next = vec![PathBuf::from("README.md")];
    while let Some(path) = next.pop() {
        let Some(page) = pages.get(&path) else {
            continue;
        };
        if reached.insert(path.clone()) {
            let links = page.links.iter().filter(|link| is_local(link));
            let files = links.filter_map(|link| link.split('#').next());
            next.extend(files.filter_map(|file| target(&path, file)));
        }
    }
    // Forms that somebody fills in.
    let forms = |path: &&PathBuf| path.starts_with(".github");
    let all: BTreeSet<_> = pages.keys().filter(|path| !forms(path)).cloned().collect();
    let alone: Vec<_> = all.difference(&reached).collect();
    assert!(alone.is_empty(), "no page links to {alone:?}");
}

#[test]
fn every_picture_is_shown() {
    let pages = pages();
    let mut shown = BTreeSet::new();
    for (path, page) in &pages {
        shown.extend(page.links.iter().filter_map(|link| target(path, link)));
    }
    for folder in ["docs/gallery", "docs/benchmarks"] {
        for entry in fs::read_dir(Path::new(ROOT).join(folder)).unwrap() {
            let picture = Path::new(folder).join(entry.unwrap().file_name());
            assert!(
                shown.contains(&picture),
                "no page shows {}",
                picture.display()
            );
        }
    }
}

#[test]
fn lines_have_at_most_100_columns() {
    let mut problems = Vec::new();
    for (path, page) in pages() {
        for (number, width) in page.wide_lines {
            problems.push(format!("{}:{number} has {width}", path.display()));
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

fn read(file: &str) -> String {
    fs::read_to_string(Path::new(ROOT).join(file)).unwrap()
}

/// What stands behind a heading, up to the next line that begins like it.
fn section<'a>(text: &'a str, heading: &str, next: &str) -> impl Iterator<Item = &'a str> {
    let mut lines = text.lines().skip_while(move |line| *line != heading);
    lines.next().expect("the heading is there");
    lines.take_while(move |line| !line.starts_with(next))
}

#[test]
fn the_crate_lists_its_features() {
    let manifest = read("Cargo.toml");
    let features = section(&manifest, "[features]", "[").filter_map(|line| line.split_once(" = "));
    // The set of those that are on, and what those of GPUs share.
    let listed = |name: &&str| !["default", "cube"].contains(name);
    let features: BTreeSet<_> = features.map(|(name, _)| name).filter(listed).collect();
    let source = read("src/lib.rs");
    let rows = section(&source, "//! # Features", "//! #");
    let rows = rows.filter_map(|line| line.strip_prefix("//! | `"));
    let rows: BTreeSet<_> = rows.filter_map(|row| row.split('`').next()).collect();
    assert_eq!(rows, features);
}

#[test]
fn versions_are_those_of_the_manifest() {
    let version = env!("CARGO_PKG_VERSION");
    assert!(read("CITATION.cff").contains(&format!("\nversion: {version}\n")));
    let rust = env!("CARGO_PKG_RUST_VERSION");
    let burn = "0.22.1";
    assert!(read("Cargo.toml").contains(&format!("\nburn = {{ version = \"{burn}\"")));
    for page in ["README.md", "src/lib.rs"] {
        for version in [format!("Rust {rust}"), format!("burn {burn}")] {
            assert!(
                read(page).contains(&version),
                "{page} does not say {version}"
            );
        }
    }
}
