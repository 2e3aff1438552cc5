//! Folders of results: whose they are, and what may be touched there.

use crate::{SMALL, fail, kill_in_training, program::data, read, succeed, with};
use std::{
    fs::{self, File},
    path::Path,
};

/// Everything in a folder that is no folder, by its name and what it holds.
fn contents(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut contents = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => contents.extend(self::contents(&path)),
            false => contents.push((path.display().to_string(), fs::read(&path).unwrap())),
        }
    }
    contents.sort();
    contents
}

#[test]
fn results_are_not_overwritten_unasked() {
    let folder = tempfile::tempdir().unwrap();
    let data = data(folder.path());
    let out = folder.path().join("out");
    fs::create_dir(&out).unwrap();
    fs::write(out.join("results.json"), "mine").unwrap();
    let mut arguments = SMALL.to_vec();
    arguments.extend(["--data-dir", &data, "--methods", "iwae", "--out", "out"]);
    let text = fail(&arguments, folder.path());
    assert!(text.contains("--overwrite"), "{text}");
    assert_eq!(read(&out, "results.json"), "mine");
    assert_eq!(fs::read_dir(&out).unwrap().count(), 1);

    // There is no run to go on with.
    arguments.push("--resume");
    let text = fail(&arguments, folder.path());
    assert!(
        text.contains("--out out` holds files, but no run"),
        "{text}"
    );
    assert_eq!(read(&out, "results.json"), "mine");
    assert_eq!(fs::read_dir(&out).unwrap().count(), 1);
    arguments.pop();

    arguments.push("--overwrite");
    succeed(&arguments, folder.path());
    assert!(read(&out, "results.json").contains("test_log_likelihood"));
}

/// Where somebody keeps other things, `--resume` begins nothing.
#[test]
fn a_foreign_folder_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let data = data(here);
    fs::create_dir(here.join("photographs")).unwrap();
    fs::write(here.join("photographs/summer.txt"), "sunny").unwrap();
    let before = contents(&here.join("photographs"));
    let mut arguments = SMALL.to_vec();
    arguments.extend(["--data-dir", &data, "--methods", "iwae"]);
    arguments.extend(["--out", "photographs", "--resume"]);
    let text = fail(&arguments, here);
    assert!(text.contains("--out photographs"), "{text}");
    assert!(contents(&here.join("photographs")) == before);
}

/// Two programs in one folder would take each other's files for their own.
#[test]
fn a_folder_has_one_program_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let data = data(here);
    let mut arguments = SMALL.to_vec();
    arguments.extend(["--data-dir", &data, "--methods", "iwae", "--out", "run"]);
    fs::create_dir(here.join("run")).unwrap();
    let lock = File::create(here.join("run/.lock")).unwrap();
    lock.try_lock().unwrap();
    for mode in ["--overwrite", "--resume"] {
        let text = fail(&[&arguments[..], &[mode]].concat(), here);
        assert!(
            text.contains("--out run") && text.contains("another program"),
            "{text}"
        );
        assert_eq!(fs::read_dir(here.join("run")).unwrap().count(), 1);
    }
    drop(lock);
    // The file alone is in nobody's way.
    succeed(&arguments, here);
}

/// What `--overwrite` replaces goes before anything is trained: whoever resumes a program that was
/// stopped gets none of it.
#[test]
fn a_stopped_overwrite_leaves_nothing_of_the_run_before() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let data = data(here);
    let mut arguments = SMALL.to_vec();
    arguments.extend(["--data-dir", &data, "--out", "run"]);
    succeed(&with(&arguments, "--methods", "iwae,iwaeu_rec,iwaeu"), here);
    fs::write(here.join("run/iwaeu-seed1/notes.txt"), "mine").unwrap();
    let not_asked = contents(&here.join("run/iwaeu_rec-seed1"));

    let mut again = with(&arguments, "--epochs", "60");
    again.extend(["--methods", "iwae,iwaeu", "--overwrite"]);
    // One epoch was there before.
    kill_in_training(&again, here, &here.join("run/iwae-seed1/curve.csv"));
    for gone in ["results.json", "table.md", "curves.png"] {
        assert!(!here.join("run").join(gone).exists(), "{gone}");
    }
    // The second was not begun.
    let left = contents(&here.join("run/iwaeu-seed1"));
    let names: Vec<&str> = left.iter().map(|(name, _)| name.as_str()).collect();
    assert!(
        names.len() == 2 && names[0].ends_with(".lock") && names[1].ends_with("notes.txt"),
        "{names:?}"
    );
    assert!(contents(&here.join("run/iwaeu_rec-seed1")) == not_asked);
}

/// Nobody reads what is printed after the first line: the program ends, as others do.
#[cfg(unix)]
#[test]
fn a_reader_may_go() {
    use std::process::{Command, Stdio};

    let folder = tempfile::tempdir().unwrap();
    let data = data(folder.path());
    for arguments in [["--device", "list"], ["--data-dir", &data]] {
        // Gone before the program begins, which may print all it has at once.
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = Command::new(crate::program::program("mnist_table"))
            .args(arguments)
            .current_dir(folder.path())
            .stdout(writer)
            .stderr(Stdio::piped())
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stderr);
        assert!(!text.contains("panicked"), "{text}");
        // 128 and the number of SIGPIPE, as a shell says it.
        assert_eq!(output.status.code(), Some(141), "{text}");
    }
}
