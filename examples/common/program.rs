//! How an example begins and ends.

use burn_bayes::Result;
use clap::Parser;
use std::{
    panic,
    process::{self, ExitCode},
};

/// What a shell says of a program that ends because nobody reads what it prints.
const NO_READER: i32 = 128 + 13;

/// What the library's messages name, and what that is on the command line.
const OPTIONS: [(&str, &str); 8] = [
    ("`run` `", "`"),
    (
        "`Run::with_overwrite` alone",
        "--overwrite instead of --resume",
    ),
    ("`Run::with_overwrite`", "--overwrite"),
    ("`Run::with_resume`", "--resume"),
    ("`epochs`", "`--epochs`"),
    ("`Mnist::download`", "--download"),
    (
        "with `Mnist::from_dir`, which compares no checksums",
        "without --download",
    ),
    ("use `Mnist::from_dir`", "leave out --download"),
];

/// Runs an example with its options, and prints what went wrong.
pub fn start<A: Parser>(run: impl FnOnce(&A) -> Result<()>) -> ExitCode {
    end_with_the_reader();
    match run(&A::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {}", in_options(&error.to_string()));
            ExitCode::FAILURE
        }
    }
}

/// A message of the library, with options in the place of its functions.
fn in_options(message: &str) -> String {
    let start = message.to_owned();
    OPTIONS.iter().fold(start, |message, (name, option)| {
        message.replace(name, option)
    })
}

/// Ends the program quietly once nobody reads what it prints, as `| head -1` does: `println!` would
/// panic.
fn end_with_the_reader() {
    let usual = panic::take_hook();
    panic::set_hook(Box::new(move |panic| {
        let message = panic.payload_as_str().unwrap_or_default();
        if message.starts_with("failed printing to") && message.contains("Broken pipe") {
            process::exit(NO_READER);
        }
        usual(panic);
    }));
}
