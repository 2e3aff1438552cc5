//! The main example as a user meets it: its options, its files, and what it says to bad input.

#[path = "../common/program.rs"]
mod program;
#[path = "../common/unfinished.rs"]
mod unfinished;

mod data;
mod folders;
mod given;
mod input;
mod resume;
mod table;

use std::{
    fs,
    path::Path,
    process::{Command, Output, Stdio},
    thread,
    time::{Duration, Instant},
};
use unfinished::{key_and_passes, marked, write_checked};

fn run(arguments: &[&str], folder: &Path) -> Output {
    program::run("mnist_table", arguments, folder)
}

/// Runs the program, which must succeed; what it printed, and what it printed as errors.
fn succeed(arguments: &[&str], folder: &Path) -> [String; 2] {
    let output = run(arguments, folder);
    let [text, errors] =
        [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    assert!(output.status.success(), "{errors}\n{text}");
    [text, errors]
}

/// Runs the program, which must fail without a panic; its message.
fn fail(arguments: &[&str], folder: &Path) -> String {
    let output = run(arguments, folder);
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success(), "{arguments:?} succeeded");
    assert!(
        text.contains("error: ") && !text.contains("panicked"),
        "{arguments:?}: {text}"
    );
    // A person has options, no functions.
    let function = text.contains("Run::") || text.contains("Mnist::");
    assert!(!function, "{arguments:?}: {text}");
    text
}

const SMALL: [&str; 14] = [
    "--epochs",
    "1",
    "--k",
    "2",
    "--hidden",
    "6,5",
    "--latent",
    "2",
    "--batch-size",
    "50",
    "--eval-samples",
    "4",
    "--eval-images",
    "10",
];

/// Of these, those of the evaluation.
const EVALUATION: [&str; 4] = ["--eval-samples", "4", "--eval-images", "10"];

/// The arguments with another value of an option.
fn with<'a>(arguments: &[&'a str], name: &'a str, value: &'a str) -> Vec<&'a str> {
    let mut arguments = arguments.to_vec();
    match arguments.iter().position(|argument| *argument == name) {
        Some(place) => arguments[place + 1] = value,
        None => arguments.extend([name, value]),
    }
    arguments
}

fn read(folder: &Path, name: &str) -> String {
    fs::read_to_string(folder.join(name)).unwrap()
}

fn results(folder: &Path, out: &str) -> serde_json::Value {
    serde_json::from_str(&read(folder, &format!("{out}/results.json"))).unwrap()
}

/// Gives the first row of an evaluation a value that no evaluation finds: a new visit would replace
/// it.
fn mark(evaluation: &Path) {
    let [key, passes] = key_and_passes(evaluation);
    write_checked(evaluation, &key, &marked(&passes));
}

/// Another data set of this form: the first pixel of the first image of a file is changed.
fn changed_data(data: &str, to: &Path, file: &str) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(data).unwrap() {
        let path = entry.unwrap().path();
        let mut bytes = fs::read(&path).unwrap();
        if path.ends_with(file) {
            bytes[16] ^= 1;
        }
        fs::write(to.join(path.file_name().unwrap()), bytes).unwrap();
    }
}

/// Runs the program and kills it once three epochs are in the curve: then the first checkpoint is
/// whole.
fn kill_in_training(arguments: &[&str], folder: &Path, curve: &Path) {
    let mut child = Command::new(program::program("mnist_table"))
        .args(arguments)
        .current_dir(folder)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let start = Instant::now();
    let epochs = || fs::read_to_string(curve).map_or(0, |text| text.lines().count());
    while epochs() < 4 && child.try_wait().unwrap().is_none() {
        if start.elapsed() > Duration::from_secs(120) {
            break;
        }
        thread::sleep(Duration::from_millis(1));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(epochs() >= 4, "no three epochs in two minutes");
}
