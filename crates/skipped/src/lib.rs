//! Tests that pass without testing, told.

use std::{env, fs::OpenOptions, io::Write, path::Path, thread};

/// Says that the running test, or a part of it, does not test for want of the thing named.
///
/// If `BURN_BAYES_SKIPPED` names a file, the line "test: reason" is appended to it.
///
/// # Panics
///
/// If `BURN_BAYES_REQUIRE`, a list with commas, names the reason: the machine should have it.
pub fn skipped(reason: &str) {
    eprintln!("skipped: {reason}");
    let required = env::var("BURN_BAYES_REQUIRE").unwrap_or_default();
    assert!(
        required.split(',').all(|name| name.trim() != reason),
        "BURN_BAYES_REQUIRE asks for {reason}, which is not here"
    );
    let Some(path) = env::var_os("BURN_BAYES_SKIPPED") else {
        return;
    };
    let thread = thread::current();
    let test = thread.name().unwrap_or("a test");
    // Cargo names a test program by its crate and a hash.
    let program = env::args().next().unwrap_or_default();
    let program = Path::new(&program).file_stem().unwrap_or_default();
    let program = program.to_string_lossy();
    let program = program.rsplit_once('-').map_or(&*program, |(name, _)| name);
    let line = format!("{program}::{test}: {reason}\n");
    // One write each: tests and whole test programs run at the same time.
    let file = OpenOptions::new().create(true).append(true).open(&path);
    let written = file.and_then(|mut file| file.write_all(line.as_bytes()));
    written.unwrap_or_else(|error| panic!("cannot append to {}: {error}", path.display()));
}
