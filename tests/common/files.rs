//! Files of the repository, whatever else lies beside them.

use std::{
    fs,
    path::{Path, PathBuf},
};

pub const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// Every file with this extension in a folder and in those below, by its path from the root.
/// Builds, runs and Python's environments are left out, and so is what is hidden but for `.github`.
pub fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(Path::new(ROOT).join(folder)).unwrap();
    let visit = |entry: fs::DirEntry| {
        let name = entry.file_name().into_string().unwrap();
        let path = folder.join(&name);
        if !entry.file_type().unwrap().is_dir() {
            let wanted = path.extension().is_some_and(|end| end == extension);
            return wanted.then_some(path).into_iter().collect();
        }
        let hidden = name.starts_with('.') && name != ".github";
        let made = ["target", "runs"].contains(&&*name) || entry.path().join("pyvenv.cfg").exists();
        match hidden || made {
            true => Vec::new(),
            false => files(&path, extension),
        }
    };
    entries.flat_map(|entry| visit(entry.unwrap())).collect()
}
