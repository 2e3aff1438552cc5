//! Commands that pages and sources show: what they name is there, and programs take their options.

use crate::{
    files::{ROOT, files},
    succeed,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

/// Every command of cargo's in a text, without comments, its continued lines joined.
fn commands(text: &str) -> Vec<String> {
    let text = text.replace("\\\n", " ");
    let shown = text.lines().filter_map(|line| {
        let begins = ["run", "test", "bench", "build", "doc", "add"];
        let starts = begins.map(|begin| line.find(&format!("cargo {begin} ")));
        let command = &line[starts.into_iter().flatten().min()?..];
        command.split(['`', '#', '&', '"', ';']).next()
    });
    shown.map(String::from).collect()
}

/// Names in `[features]` of a manifest, and those behind `name = "..."`.
fn names(manifest: &str) -> BTreeSet<String> {
    let text = fs::read_to_string(Path::new(ROOT).join(manifest)).unwrap();
    let (_, features) = text.split_once("[features]\n").unwrap();
    let features = features.lines().take_while(|line| !line.starts_with('['));
    let features = features.filter_map(|line| line.split_once(" = "));
    let named = text
        .lines()
        .filter_map(|line| line.strip_prefix("name = \""));
    let named = named.map(|name| name.trim_end_matches('"'));
    named
        .chain(features.map(|(name, _)| name))
        .map(String::from)
        .collect()
}

/// What a program prints about its options.
#[derive(Default)]
struct Helps(BTreeMap<Vec<String>, String>);

impl Helps {
    fn of(&mut self, name: &str, arguments: &[&str]) -> &str {
        let subcommand = arguments.first().filter(|first| !first.starts_with('-'));
        let key: Vec<String> = [name]
            .iter()
            .chain(subcommand)
            .map(|&word| word.into())
            .collect();
        self.0.entry(key).or_insert_with(|| {
            let words: Vec<&str> = subcommand.into_iter().copied().chain(["--help"]).collect();
            succeed(name, &words, Path::new(ROOT))
        })
    }
}

/// What is wrong with a command, in words.
fn problem(command: &str, known: &BTreeSet<String>, helps: &mut Helps) -> Option<String> {
    let words: Vec<&str> = command.split_whitespace().collect();
    let cut = words.iter().position(|&word| word == "--");
    let (of_cargo, of_program) = words.split_at(cut.unwrap_or(words.len()));
    let mut example = None;
    for pair in of_cargo.windows(2) {
        let (folder, name) = match pair {
            ["--example", name] => ("examples", name),
            ["--test", name] => ("tests", name),
            ["--bench" | "--bin" | "-p" | "--features", names] => {
                let mut names = names.split(',');
                match names.find(|name| !known.contains(*name)) {
                    Some(name) => return Some(format!("there is no `{name}`")),
                    None => continue,
                }
            }
            _ => continue,
        };
        if name.chars().all(char::is_uppercase) {
            continue; // for any name
        }
        let place = Path::new(ROOT).join(folder);
        let there = [format!("{name}.rs"), format!("{name}/main.rs")];
        if !there.iter().any(|file| place.join(file).exists()) {
            return Some(format!("{folder} has no `{name}`"));
        }
        example = (folder == "examples").then_some(*name);
    }
    let (Some(name), [_, arguments @ ..]) = (example, of_program) else {
        return None;
    };
    let help = helps.of(name, arguments);
    let taken: BTreeSet<&str> = help
        .split(|c: char| !c.is_alphanumeric() && c != '-')
        .collect();
    let options = arguments.iter().filter(|word| word.starts_with("--"));
    let mut options = options.filter_map(|option| option.split('=').next());
    let unknown = options.find(|option| !taken.contains(option))?;
    Some(format!("{name} has no option {unknown}"))
}

#[test]
fn commands_name_what_there_is() {
    let known: BTreeSet<String> = [
        "Cargo.toml",
        "benches/Cargo.toml",
        "crates/burn-bayes-cpu/Cargo.toml",
    ]
    .into_iter()
    .flat_map(names)
    .collect();
    let mut helps = Helps::default();
    let (mut problems, mut count) = (Vec::new(), 0);
    let everywhere = ["md", "rs"].map(|extension| files(Path::new(""), extension));
    for path in everywhere.concat() {
        let text = fs::read_to_string(Path::new(ROOT).join(&path)).unwrap();
        let is_page = path.extension().is_some_and(|end| end == "md");
        let shown = text
            .lines()
            .filter(|line| is_page || line.starts_with("//!"));
        for command in commands(&shown.collect::<Vec<_>>().join("\n")) {
            count += 1;
            if let Some(problem) = problem(&command, &known, &mut helps) {
                problems.push(format!("{}: {command}: {problem}", path.display()));
            }
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    assert!(count > 50, "{count}");
    // What is wrong is found.
    for (wrong, what) in [
        ("cargo run --example rings", "examples has no `rings`"),
        ("cargo test --test nothing", "tests has no `nothing`"),
        ("cargo build --features wgpu,data,nothing", "no `nothing`"),
        ("cargo run --example ring -- --epoch 3", "no option --epoch"),
        (
            "cargo run --example study -- train talk --seed 3",
            "no option --seed",
        ),
    ] {
        let found = problem(wrong, &known, &mut helps);
        assert!(found.is_some_and(|found| found.contains(what)), "{wrong}");
    }
}
