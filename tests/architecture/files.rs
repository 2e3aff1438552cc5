//! Which file of a crate uses which.

use super::paths::{Names, Path, names};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs, path,
};

/// A crate's files by their modules: `[a, b]` is `a/b.rs` or `a/b/mod.rs`, `[]` is `lib.rs`.
pub struct Files {
    files: BTreeMap<Path, (String, Names)>,
}

impl Files {
    /// All files of a source folder but unit tests.
    pub fn of(folder: &path::Path) -> Self {
        let mut all = Self {
            files: BTreeMap::new(),
        };
        all.visit(folder, &[], folder);
        all
    }

    fn visit(&mut self, folder: &path::Path, module: &[String], root: &path::Path) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let stem = path.file_stem().unwrap().to_str().unwrap();
            let inner = |name: &str| [module, &[name.into()]].concat();
            match stem {
                "tests" => continue,
                _ if path.is_dir() => self.visit(&path, &inner(stem), root),
                _ => {
                    let module = match stem {
                        "mod" | "lib" => module.to_vec(),
                        name => inner(name),
                    };
                    let name = path.strip_prefix(root).unwrap().display().to_string();
                    let source = fs::read_to_string(&path).unwrap();
                    self.files.insert(module, (name, names(&source)));
                }
            }
        }
    }

    /// The module that holds what an absolute path leads to: a name that is used again by another
    /// module leads on to where it comes from.
    fn holder(&self, path: &[String]) -> Path {
        let mut module = Vec::new();
        for (depth, segment) in path.iter().enumerate() {
            let inner = [&module[..], std::slice::from_ref(segment)].concat();
            if self.files.contains_key(&inner) {
                module = inner;
                continue;
            }
            let (_, names) = &self.files[&module];
            let import =
                (names.imports.iter()).find(|import| import.public && import.name == *segment);
            if let Some(import) = import
                && let Some(start) = self.absolute(&module, &import.path)
                && start != path[..=depth]
            {
                return self.holder(&[&start, &path[depth + 1..]].concat());
            }
            break;
        }
        module
    }

    /// A path as it is written in a module, from the crate's root on; none if it leads out of it.
    fn absolute(&self, module: &[String], path: &[String]) -> Option<Path> {
        let (first, rest) = path.split_first()?;
        match first.as_str() {
            "crate" => Some(rest.to_vec()),
            "self" => Some([module, rest].concat()),
            "super" => {
                let (_, above) = module.split_last()?;
                match rest.first() {
                    Some(next) if next == "super" => self.absolute(above, rest),
                    _ => Some([above, rest].concat()),
                }
            }
            _ => {
                let inner = [module, std::slice::from_ref(first)].concat();
                let is_module = self.files.contains_key(&inner);
                is_module.then(|| [module, path].concat())
            }
        }
    }

    /// For each file, what it uses of the crate, and the path by which it does.
    ///
    /// A module that only makes names of its inner ones its own (`pub use`) does not use them: who
    /// takes a name from there uses the file that the name is from. `lib.rs`, which does nothing
    /// else, is left out.
    fn uses(&self) -> BTreeMap<&str, BTreeMap<&str, String>> {
        let mut all = BTreeMap::new();
        for (module, (file, names)) in self.files.iter().filter(|(module, _)| !module.is_empty()) {
            let mut used = BTreeMap::new();
            let mut add = |path: &Path| {
                let holder = self.holder(path);
                let (other, _) = &self.files[&holder];
                if !holder.is_empty() && holder != *module {
                    used.entry(other.as_str())
                        .or_insert_with(|| path.join("::"));
                }
            };
            let mut known = BTreeMap::new();
            for import in &names.imports {
                let Some(path) = self.absolute(module, &import.path) else {
                    continue;
                };
                if !import.public || names.words.contains(&import.name) {
                    add(&path);
                }
                known.insert(import.name.clone(), path);
            }
            for path in &names.paths {
                if let Some(start) = known.get(&path[0]) {
                    add(&[start, &path[1..]].concat());
                } else if let Some(path) = self.absolute(module, path) {
                    add(&path);
                }
            }
            all.insert(file.as_str(), used);
        }
        all
    }

    /// The shortest way back to a file over files that it uses, for each circle one, in words.
    pub fn circles(&self) -> Vec<String> {
        let uses = self.uses();
        let mut circles = Vec::new();
        let mut told = BTreeSet::new();
        for &start in uses.keys() {
            let mut came_from = BTreeMap::new();
            let mut queue = std::collections::VecDeque::from([start]);
            while let Some(file) = queue.pop_front() {
                for &next in uses[file].keys() {
                    came_from.entry(next).or_insert_with(|| {
                        queue.push_back(next);
                        file
                    });
                }
            }
            let Some(&last) = came_from.get(start) else {
                continue;
            };
            let mut way = vec![last];
            while way[way.len() - 1] != start {
                way.push(came_from[way[way.len() - 1]]);
            }
            way.reverse();
            let members: BTreeSet<&str> = way.iter().copied().collect();
            if told.insert(members) {
                let steps = (0..way.len()).map(|i| {
                    let (file, next) = (way[i], way[(i + 1) % way.len()]);
                    format!("{file} uses {} of {next}", uses[file][next])
                });
                circles.push(steps.collect::<Vec<_>>().join(", "));
            }
        }
        circles
    }
}

#[cfg(test)]
mod checks {
    use super::*;

    fn crate_of(files: &[(&str, &str)]) -> Files {
        let file = |&(module, source): &(&str, &str)| {
            let path = module.split("::").filter(|part| !part.is_empty());
            (
                path.map(Into::into).collect(),
                (module.into(), names(source)),
            )
        };
        Files {
            files: files.iter().map(file).collect(),
        }
    }

    #[test]
    fn circles_are_found_through_names_that_are_used_again() {
        let folder = [
            ("", "mod a; mod b;"),
            ("a", "mod c; mod d; pub use c::C; pub use d::D;"),
        ];
        let clean = [
            ("a::c", "use super::D;"),
            ("a::d", ""),
            ("b", "use crate::a; a::C::new();"),
        ];
        assert!(
            crate_of(&[&folder[..], &clean].concat())
                .circles()
                .is_empty()
        );
        let circle = [
            ("a::c", "use super::D;"),
            ("a::d", "fn f() { crate::b::g() }"),
            clean[2],
        ];
        let circles = crate_of(&[&folder[..], &circle].concat()).circles();
        assert_eq!(circles.len(), 1, "{circles:?}");
        assert!(circles[0].contains("a::d uses b::g of b"), "{circles:?}");
    }

    #[test]
    fn a_name_that_is_handed_on_and_used_is_used() {
        let source = "pub use c::C; fn f() -> C { C }";
        let files = [("", ""), ("a", source), ("a::c", "use super::f;")];
        assert_eq!(crate_of(&files).circles().len(), 1);
    }

    #[test]
    fn a_module_and_its_inner_one_are_a_circle_if_each_uses_the_other() {
        let files = [
            ("", ""),
            ("a", "mod c; fn f() { c::g() }"),
            ("a::c", "use super::f;"),
        ];
        assert_eq!(crate_of(&files).circles().len(), 1);
    }
}
