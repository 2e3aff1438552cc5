//! Training processes that are killed, or cannot write, at any moment.

// The device is the CPU, whatever the other tests run on: it is files that are tested.
#![cfg(unix)]

#[path = "common/bits.rs"]
mod bits;

use bits::bits;
use burn_bayes::{data::Binarized, prelude::*, train::Run};
use std::{
    fs,
    path::Path,
    process::{Command, ExitStatus, Stdio},
    thread,
    time::{Duration, Instant},
};

/// The folder that a child trains in.
const DIR: &str = "BURN_BAYES_KILLED_DIR";
const EPOCHS: usize = 30;
/// How long a child may take.
const MOST: Duration = Duration::from_secs(120);

fn data(rows: usize) -> Binarized {
    let values = (0..16 * rows).map(|i| ((i * 7) % 11) as f32 / 10.0);
    let grey = Datapoints::new("grey", values.collect(), 16).unwrap();
    grey.binarized(Binarization::Dynamic)
}

fn train(dir: &Path) -> Result<Vae, burn_bayes::Error> {
    let model = VaeConfig::new(16, 3)
        .with_hidden(vec![24])
        .with_uncertainty(Uncertainty::EncoderAndDecoder)
        .init(&burn_bayes::device_by_name("flex")?, &mut Noise::seeded(5));
    let objective = Objective::iwaeu(3, ChargedWeights::All);
    let training = TrainingConfig::new(objective)
        .with_seed(7)
        .with_epochs(EPOCHS)
        .with_batch_size(16);
    let run = Run::new(dir)
        .with_progress(Progress::Silent)
        .with_resume(true);
    let trained = training.fit(model, &data(40), Some(&data(13)), run)?;
    assert_eq!(trained.curve.len(), EPOCHS);
    Ok(trained.model)
}

/// The curve without the times that steps took.
fn curve(dir: &Path) -> Vec<String> {
    let text = fs::read_to_string(dir.join("curve.csv")).unwrap();
    let cells = |line: &str| {
        let mut cells: Vec<&str> = line.split(',').collect();
        cells.remove(3);
        cells.join(",")
    };
    text.lines().map(cells).collect()
}

/// The times that the steps of the first epochs took.
fn seconds(dir: &Path, epochs: usize) -> Vec<String> {
    let text = fs::read_to_string(dir.join("curve.csv")).unwrap_or_default();
    let cell = |line: &str| line.split(',').nth(3).unwrap().to_owned();
    text.lines().skip(1).take(epochs).map(cell).collect()
}

/// What a child process of these tests does; alone it does nothing.
#[test]
fn child() {
    if let Some(dir) = std::env::var_os(DIR) {
        train(Path::new(&dir)).unwrap();
    }
}

/// This program, as a child that trains in a folder; `limit` goes before it in a shell.
fn child_in(dir: &Path, limit: &str) -> Command {
    let mut command = Command::new("sh");
    command
        .arg("-c")
        .arg(format!("{limit}; exec \"$0\" --exact child --nocapture"))
        .arg(std::env::current_exe().unwrap())
        .env(DIR, dir)
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command
}

fn wait(child: &mut std::process::Child) -> ExitStatus {
    let start = Instant::now();
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return status;
        }
        assert!(start.elapsed() < MOST, "the child hangs");
        thread::sleep(Duration::from_millis(5));
    }
}

/// Names in the run's folder and in that of its checkpoints.
fn names(dir: &Path) -> Vec<String> {
    let mut names = Vec::new();
    for folder in [dir.to_path_buf(), dir.join("checkpoint")] {
        let entries = fs::read_dir(folder).into_iter().flatten();
        names.extend(entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()));
    }
    names.sort();
    names
}

#[test]
fn a_run_killed_at_any_moment_ends_as_one_that_was_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let alone = folder.path().join("alone");
    let whole = ["warm-up", "alone"].map(|name| {
        let start = Instant::now();
        let mut child = child_in(&folder.path().join(name), ":").spawn().unwrap();
        assert!(wait(&mut child).success());
        start.elapsed()
    })[1];
    let (expected, expected_curve) = (bits(&train(&alone).unwrap()), curve(&alone));

    // The moments depend on the machine, the result must not. A process gets up to seven epochs and
    // a part of the next, so that a run is killed four times, unless it ends before. Without any
    // epoch it is killed while it starts.
    let mut kills = 0;
    for run in 0..20u64 {
        let dir = folder.path().join(format!("run-{run}"));
        let flex = burn_bayes::device_by_name("flex").unwrap();
        let moments = Noise::seeded(run).uniform([1, 4, 2], &flex);
        let moments: Vec<f64> = moments.into_data().iter().collect();
        let mut times = Vec::new();
        for moment in moments.chunks(2) {
            // What was done is not done again: the times that its steps took stay in the curve.
            let done = Run::new(&dir).epochs_done().unwrap();
            let before = seconds(&dir, done);
            assert!(
                before.starts_with(&times),
                "run {run}: {times:?}, then {before:?}"
            );
            times = before;
            let mut child = child_in(&dir, ":").spawn().unwrap();
            let epochs = (moment[0] * 8.0) as usize;
            let start = Instant::now();
            while Run::new(&dir).epochs_done().unwrap() < done + epochs
                && child.try_wait().unwrap().is_none()
            {
                assert!(start.elapsed() < MOST, "the child hangs");
                thread::sleep(Duration::from_millis(1));
            }
            let part = if epochs == 0 { whole / 3 } else { whole / 20 };
            thread::sleep(part.mul_f64(moment[1]));
            let running = child.try_wait().unwrap().is_none();
            child.kill().unwrap(); // SIGKILL
            wait(&mut child);
            kills += usize::from(running);
            if !running {
                break;
            }
        }
        let model = train(&dir).unwrap_or_else(|error| panic!("run {run}: {error}"));
        assert!(
            bits(&model) == expected,
            "run {run} ended with other weights"
        );
        assert_eq!(curve(&dir), expected_curve, "run {run}");
        let left = names(&dir);
        assert!(left.len() <= 4 + 3 * 3, "{left:?}");
        assert!(!left.iter().any(|name| name.ends_with(".part")), "{left:?}");
    }
    eprintln!("killed {kills} times, a whole run taking {whole:.2?}");
    assert!(kills >= 20);
}

/// A limit on the size of files stands for a full disk: some files of a checkpoint can be written,
/// others cannot.
#[test]
fn a_run_that_cannot_write_says_so_and_goes_on_later() {
    let folder = tempfile::tempdir().unwrap();
    let alone = folder.path().join("alone");
    let expected = bits(&train(&alone).unwrap());
    let size = |name: &str| {
        fs::metadata(alone.join("checkpoint").join(name))
            .unwrap()
            .len()
    };
    let (model, optimizer) = (size("model-30.bpk"), size("optim-30.bpk"));
    assert!(
        model < optimizer,
        "an optimizer keeps two moments of each weight"
    );
    // In blocks of 512 bytes, as a shell counts that goes by the name sh: nothing but the settings,
    // the model but not the optimizer's state.
    for bytes in [1024, (model + optimizer) / 2] {
        let dir = folder.path().join(format!("limit-{bytes}"));
        let limit = format!("trap '' XFSZ; ulimit -f {}", bytes / 512);
        for _ in 0..2 {
            let output = child_in(&dir, &limit)
                .stderr(Stdio::piped())
                .output()
                .unwrap();
            assert!(!output.status.success());
            let text = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(text.contains("write") && text.contains("limit-"), "{text}");
            let left = names(&dir);
            assert!(!left.iter().any(|name| name.ends_with(".part")), "{left:?}");
        }
        assert!(bits(&train(&dir).unwrap()) == expected, "{bytes}");
    }
}
