//! Pages of the repository: links lead somewhere, lines are short, every picture is shown, formulas
//! can be read by KaTeX.

#[path = "../common/files.rs"]
mod files;
mod formulas;
mod markdown;

use files::{ROOT, files};
use markdown::Page;
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Component, Path, PathBuf},
};

/// Every Markdown file, by its path from the root.
fn pages() -> BTreeMap<PathBuf, Page> {
    let files = files(Path::new(""), "md").into_iter();
    let pages = files.map(|path| {
        let page = Page::of(&read(&path));
        (path, page)
    });
    let pages: BTreeMap<_, _> = pages.collect();
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
    for path in files(Path::new(""), "rs") {
        for (number, width) in wide_comments(&read(&path)) {
            problems.push(format!("{}:{number} has {width}", path.display()));
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

/// Lines of comments above 100 columns, but for tables and code: their numbers and widths.
fn wide_comments(source: &str) -> Vec<(usize, usize)> {
    let mut fenced = false;
    let mut wide = Vec::new();
    for (index, line) in source.lines().enumerate() {
        let Some(comment) = line.trim_start().strip_prefix("//") else {
            continue;
        };
        let comment = comment.trim_start_matches(['/', '!']);
        fenced ^= comment.trim_start().starts_with("```");
        let prose = !fenced && !comment.starts_with("     ") && !comment.starts_with(" |");
        let width = line.chars().count();
        if prose && width > 100 {
            wide.push((index + 1, width));
        }
    }
    wide
}

/// What a file of Rust documents, line by line.
fn documentation(source: &str) -> String {
    let lines = source.lines().map(|line| {
        let line = line.trim_start();
        let line = line.strip_prefix("///").or(line.strip_prefix("//!"));
        line.map(|line| line.strip_prefix(' ').unwrap_or(line))
            .unwrap_or_default()
    });
    lines.map(|line| line.to_string() + "\n").collect()
}

#[test]
fn formulas_can_be_read_by_katex() {
    let mut pages = pages();
    for path in files(Path::new("src"), "rs") {
        let text = documentation(&read(&path));
        pages.insert(path, Page::of(&text));
    }
    let mut problems = Vec::new();
    for (path, page) in &pages {
        for line in &page.stray_dollars {
            problems.push(format!("{}:{line} has a stray $", path.display()));
        }
        for (line, formula) in &page.formulas {
            if let Some(problem) = formulas::problem(formula) {
                problems.push(format!("{}:{line}: {problem}", path.display()));
            }
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    assert!(!pages[Path::new("docs/evaluation.md")].formulas.is_empty());
}

#[test]
fn the_documentation_shows_formulas() {
    let header = "docs/katex.html";
    let option = format!("--html-in-header {header}");
    for file in [".ci/run", ".ci/release", "justfile"] {
        assert!(read(file).contains(&option), "{file} lacks {option}");
    }
    let manifest = read("Cargo.toml");
    let mut of_docs_rs = section(&manifest, "[package.metadata.docs.rs]", "[");
    let arguments = format!("rustdoc-args = [\"--html-in-header\", \"{header}\"]");
    assert!(of_docs_rs.any(|line| line == arguments));
    let mut package = manifest.lines();
    let include = package.find(|line| line.starts_with("include = ["));
    assert!(include.unwrap().contains(&format!("\"/{header}\"")));
    // Nothing of another host runs but what is known by its hash, of one version.
    let header = read(header);
    for (what, times) in [
        ("https://", 1),
        ("dist + ", 2),
        ("integrity: ", 2),
        ("\"sha384-", 2),
    ] {
        assert_eq!(header.matches(what).count(), times, "{what}");
    }
}

fn read(file: impl AsRef<Path>) -> String {
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
